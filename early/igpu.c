// SPDX-License-Identifier: GPL-2.0-or-later
#include "igpu.h"

#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "file.h"
#include "log.h"

#define VENDOR_INTEL       0x8086
#define BASE_CLASS_DISPLAY 0x03
#define GMCH_CTRL          0x50 // include/drm/i915_drm.h: BDW_GMCH_GGMS_SHIFT and on
#define APERTURE_BAR       2

struct id {
	uint16_t device_id;
	enum gpu_verdict verdict;
	const char *name;
};

// Made from igpu-ids.tsv, sorted by device ID.
static const struct id ids[] = {
#include "igpu-ids.inc"
};

static int compare_ids(const void *key, const void *element)
{
	return (int)*(const uint16_t *)key - (int)((const struct id *)element)->device_id;
}

enum gpu_verdict gpu_judge(uint16_t device_id, const char **ret_name)
{
	const struct id *id = bsearch(&device_id, ids, ARRAY_SIZE(ids), sizeof(ids[0]), compare_ids);
	*ret_name = id ? id->name : "";
	return id ? id->verdict : GPU_UNKNOWN;
}

uint64_t gpu_ggtt_bytes(uint16_t gmch_ctrl)
{
	unsigned ggms = (gmch_ctrl >> 6) & 3;
	return ggms ? ((1ULL << ggms) * MIB / 8) * 4096 : 0;
}

// libpci's error callback must not return, and its default ends the process.
static jmp_buf on_error;
static char *error_text;
static size_t error_size;

static void __attribute__((noreturn)) PRINTF(1, 0) take_error(char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(error_text, error_size, format, args);
	va_end(args);
	longjmp(on_error, 1);
}

static void PRINTF(1, 0) take_message(char *format, ...)
{
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_line(LOG_DEBUG, "libpci: %s", text);
}

void gpu_read_driver(struct gpu *gpu, const struct root *root)
{
	char path[64];
	snprintf(path, sizeof(path), "bus/pci/devices/%s/driver", gpu->address);
	if (file_link_name(root->sys, path, gpu->driver, sizeof(gpu->driver)) < 0)
		gpu->driver[0] = '\0';
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct gpu *)a)->address, ((const struct gpu *)b)->address);
}

// By the names alone, as Proxmox VE counts them.
static unsigned count_functions(const struct root *root, const char *address)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->sys, "bus/pci/devices", &names);
	size_t slot = (size_t)(strrchr(address, '.') - address) + 1;
	unsigned functions = 0;
	for (int i = 0; i < count; i++)
		functions += strncmp(names[i], address, slot) == 0;
	return functions;
}

static void take_device(struct gpu_list *list, const struct root *root, struct pci_dev *dev)
{
	pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_BASES | PCI_FILL_SIZES);
	if (dev->vendor_id != VENDOR_INTEL || dev->device_class >> 8 != BASE_CLASS_DISPLAY || list->count >= GPUS_MAX)
		return;

	struct gpu gpu = { .device_id = dev->device_id, .class_id = dev->device_class };
	int n = snprintf(gpu.address, sizeof(gpu.address), "%04x:%02x:%02x.%x", (unsigned)dev->domain, dev->bus, dev->dev,
			 dev->func);
	if (n >= (int)sizeof(gpu.address))
		return;
	gpu.verdict = gpu_judge(gpu.device_id, &gpu.name);
	gpu.aperture = dev->size[APERTURE_BAR];
	uint16_t gmch_ctrl = pci_read_word(dev, GMCH_CTRL);
	if (gmch_ctrl != 0xffff) // what libpci gives when the configuration space cannot be read
		gpu.ggtt = gpu_ggtt_bytes(gmch_ctrl);

	gpu.functions = count_functions(root, gpu.address);
	gpu_read_driver(&gpu, root);
	struct gpu *item = &list->items[list->count++];
	*item = gpu;

	// Last, since it takes the device's lock, which a driver that hangs in its probe holds: whoever gives up waiting for that
	// has all the rest.
	char path[64];
	snprintf(path, sizeof(path), "bus/pci/devices/%s/driver_override", gpu.address);
	if (file_read_line(root->sys, path, item->driver_override, sizeof(item->driver_override)) < 0 ||
	    streq(item->driver_override, "(null)"))
		item->driver_override[0] = '\0';
}

void gpu_list_read(struct gpu_list *list, const struct root *root)
{
	*list = (struct gpu_list){ 0 };
	if (!file_exists(root->sys, "bus/pci/devices")) {
		snprintf(list->error, sizeof(list->error), "/sys/bus/pci/devices is not there: /sys is not mounted");
		return;
	}

	struct pci_access *volatile access = pci_alloc();
	char path[4096];
	snprintf(path, sizeof(path), "%s/sys/bus/pci", root->path);
	error_text = list->error;
	error_size = sizeof(list->error);
	access->error = take_error;
	access->warning = take_message;
	access->debug = take_message;
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	char name[] = "sysfs.path"; // libpci takes no constant
	pci_set_param(access, name, path);
	if (setjmp(on_error) == 0) {
		pci_init(access);
		pci_scan_bus(access);
		for (struct pci_dev *dev = access->devices; dev; dev = dev->next)
			take_device(list, root, dev);
		pci_cleanup(access);
	}
	// After an error what libpci holds is not safe to free; this happens once in a run at most.
	qsort(list->items, list->count, sizeof(list->items[0]), by_address);
}

const struct gpu *gpu_list_at(const struct gpu_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].address, address))
			return &list->items[i];
	return NULL;
}

const struct gpu *gpu_list_device(const struct gpu_list *list, const char *device)
{
	for (size_t i = 0; i < list->count; i++)
		if (wanted_device_has(device, list->items[i].address))
			return &list->items[i];
	return NULL;
}

const struct gpu *gpu_list_default(const struct gpu_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].verdict == GPU_SUPPORTED)
			return &list->items[i];
	return list->count ? &list->items[0] : NULL;
}
