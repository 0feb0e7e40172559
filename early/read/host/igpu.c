// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/igpu.h"

#include <errno.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <limits.h>
#include <stdio.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/reading.h"

#define VENDOR_INTEL       0x8086
#define BASE_CLASS_DISPLAY 0x03
#define GMCH_CTRL          0x50 // include/drm/i915_drm.h: BDW_GMCH_GGMS_SHIFT and on
#define APERTURE_BAR       2
#define CONFIG_SPACE_MAX   4096
#define NAME_SIZE          4096

static char sysfs_path[] = "sysfs.path"; // libpci takes no constant

struct id {
	uint16_t device_id;
	enum gpu_verdict verdict;
	const char *name;
	const char *sriov; // the platform's key, "-" for none
};

// Made from igpu-ids.tsv, sorted by device ID.
static const struct id ids[] = {
#include "igpu-ids.inc"
};

static int compare_ids(const void *key, const void *element)
{
	return (int)*(const uint16_t *)key - (int)((const struct id *)element)->device_id;
}

enum gpu_verdict gpu_judge(uint16_t device_id, const char **ret_name, const struct sriov_platform **ret_platform)
{
	const struct id *id = bsearch(&device_id, ids, ARRAY_SIZE(ids), sizeof(ids[0]), compare_ids);
	if (ret_name)
		*ret_name = id ? id->name : "";
	if (ret_platform)
		*ret_platform = id ? sriov_platform_find(id->sriov) : NULL;
	return id ? id->verdict : GPU_UNKNOWN;
}

bool gpu_may_have_sriov(enum gpu_verdict verdict)
{
	return verdict == GPU_TOO_NEW || verdict == GPU_DISCRETE || verdict == GPU_UNKNOWN;
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
	if (file_link_namef(root->sys, gpu->driver, sizeof(gpu->driver), "bus/pci/devices/%s/driver", gpu->address) < 0)
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

// Whether libpci may open a file of the tree by its name; if not, the words are libpci's own.
static bool may_open(struct gpu_list *list, const struct root *root, const char *path, const char *name)
{
	int r = root_check_name(root, path, name);
	if (r == 0 || (r == -ENOENT && !file_exists(root->fs, path) && access(name, F_OK) < 0))
		return true;
	snprintf(list->error, sizeof(list->error), "Cannot open %s: %s", name,
		 r == -EXDEV ? "it leads elsewhere" : strerror(-r));
	return false;
}

// libpci reads by itself.
static bool note_files(struct gpu_list *list, const struct root *root, struct pci_dev *dev, const char *const names[],
		       size_t count)
{
	char path[128], name[NAME_SIZE + 128];
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%04x:%02x:%02x.%d/%s", (unsigned)dev->domain,
			 dev->bus, dev->dev, dev->func, names[i]);
		snprintf(name, sizeof(name), "%s%s", pci_get_param(dev->access, sysfs_path),
			 path + strlen("sys/bus/pci"));
		if (!may_open(list, root, path, name))
			return false;
		file_note(root->sys, path + strlen("sys/"), CONFIG_SPACE_MAX);
	}
	return true;
}

// Whether it is a display controller: of all others libpci need not read anything. Returns 1 or 0, or -1 when that
// cannot be read; list->error says why.
static int is_display(struct gpu_list *list, const struct root *root, const char *address)
{
	char text[16];
	int r = file_read_linef(root->sys, text, sizeof(text), "bus/pci/devices/%s/class", address);
	if (r >= 0)
		return strtoul(text, NULL, 0) >> 16 == BASE_CLASS_DISPLAY;
	if (r == -ENOENT && !file_existsf(root->sys, "bus/pci/devices/%s", address))
		return 0; // it is gone
	snprintf(list->error, sizeof(list->error), "Cannot open /sys/bus/pci/devices/%s/class: %s", address,
		 strerror(-r));
	return -1;
}

// It has its GPU's class and IDs.
static bool is_virtual_function(const struct gpu *gpu, const struct root *root)
{
	return gpu_may_have_sriov(gpu->verdict) && file_existsf(root->sys, "bus/pci/devices/%s/physfn", gpu->address);
}

static void take_device(struct gpu_list *list, const struct root *root, struct pci_dev *dev)
{
	static const char *const of_displays[] = { "vendor", "device", "class" };
	static const char *const of_gpus[] = { "resource", "config" };
	if (!note_files(list, root, dev, of_displays, ARRAY_SIZE(of_displays)))
		return;
	pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS);
	if (dev->vendor_id != VENDOR_INTEL || dev->device_class >> 8 != BASE_CLASS_DISPLAY || list->count >= GPUS_MAX)
		return;

	struct gpu gpu = { .device_id = dev->device_id, .class_id = dev->device_class };
	int n = snprintf(gpu.address, sizeof(gpu.address), "%04x:%02x:%02x.%x", (unsigned)dev->domain, dev->bus,
			 dev->dev, dev->func);
	if (n >= (int)sizeof(gpu.address))
		return;
	gpu.verdict = gpu_judge(gpu.device_id, &gpu.name, &gpu.platform);
	if (is_virtual_function(&gpu, root) || !note_files(list, root, dev, of_gpus, ARRAY_SIZE(of_gpus)))
		return;
	pci_fill_info(dev, PCI_FILL_BASES | PCI_FILL_SIZES);
	gpu.aperture = dev->size[APERTURE_BAR];
	uint16_t gmch_ctrl = pci_read_word(dev, GMCH_CTRL);
	if (gmch_ctrl != 0xffff) // what libpci gives when the configuration space cannot be read
		gpu.ggtt = gpu_ggtt_bytes(gmch_ctrl);

	gpu.functions = count_functions(root, gpu.address);
	gpu_read_driver(&gpu, root);
	list->items[list->count] = gpu;
	struct gpu *item = &list->items[list->count++];
	// Comes last: it takes the device's lock, and may never return.
	int r = file_read_linef(root->sys, item->driver_override, sizeof(item->driver_override),
				"bus/pci/devices/%s/driver_override", gpu.address);
	if (r < 0 || streq(item->driver_override, "(null)"))
		item->driver_override[0] = '\0';
	list->hung |= r == -ETIMEDOUT; // so it was when the host's files were captured
}

// Returns false when the bus cannot be read.
static bool take_function(struct gpu_list *list, const struct root *root, struct pci_access *access,
			  const char *address)
{
	unsigned domain, bus, slot, function;
	int display = is_display(list, root, address);
	if (display <= 0)
		return display == 0;
	if (sscanf(address, "%x:%x:%x.%u", &domain, &bus, &slot, &function) != 4 || domain > INT_MAX) {
		snprintf(list->error, sizeof(list->error), "/sys/bus/pci/devices/%s is not a PCI address", address);
		return false;
	}
	struct pci_dev *dev = pci_get_dev(access, (int)domain, (int)bus, (int)slot, (int)function);
	take_device(list, root, dev);
	pci_free_dev(dev);
	return true;
}

void gpu_list_read(struct gpu_list *list, const struct root *root)
{
	*list = (struct gpu_list){ 0 };
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->sys, "bus/pci/devices", &names);
	if (!file_answers(root->sys, "bus/pci/devices")) {
		snprintf(list->error, sizeof(list->error), "/sys/bus/pci/devices does not answer");
		list->hung = true;
		return;
	}
	if (count < 0) {
		snprintf(list->error, sizeof(list->error), "/sys is not mounted");
		list->unmounted = true;
		return;
	}

	char path[NAME_SIZE], devices[NAME_SIZE + 16];
	int r = root_name(root, "sys/bus/pci", path, sizeof(path));
	if (r < 0) {
		snprintf(list->error, sizeof(list->error), "Cannot open /sys/bus/pci: %s", strerror(-r));
		return;
	}
	snprintf(devices, sizeof(devices), "%s/devices", path);
	if (!may_open(list, root, "sys/bus/pci/devices", devices))
		return;

	struct pci_access *volatile access = pci_alloc();
	error_text = list->error;
	error_size = sizeof(list->error);
	access->error = take_error;
	access->warning = take_message;
	access->debug = take_message;
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	pci_set_param(access, sysfs_path, path);
	READING(root->sys, "bus/pci/devices");
	if (setjmp(on_error) == 0) {
		pci_init(access);
		for (int i = 0; i < count && take_function(list, root, access, names[i]); i++) {
		}
		pci_cleanup(access);
	}
	// After an error what libpci holds is not safe to free; this happens once in a run at most.
	qsort(list->items, list->count, sizeof(list->items[0]), by_address);
}

struct gpu_search {
	struct gpu_list list; // shared with the child
	const struct root *root;
};

static int read_in_child(void *data)
{
	struct gpu_search *search = data;
	gpu_list_read(&search->list, search->root);
	return 0;
}

void gpu_list_read_bounded(struct gpu_list *list, const struct root *root, uint64_t until_us)
{
	struct gpu_search search = { .root = root };
	int r = child_run_shared(read_in_child, &search, sizeof(search), until_us);
	*list = search.list;
	list->hung |= r == -ETIMEDOUT;
	if (r != 0 && r != -ETIMEDOUT && !list->error[0])
		snprintf(list->error, sizeof(list->error), "%s",
			 r < 0 ? strerror(-r) : "the child that reads it has failed");
	else if (list->hung && list->count == 0)
		snprintf(list->error, sizeof(list->error), "/sys/bus/pci/devices does not answer");
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

const struct gpu *gpu_list_sriov(const struct gpu_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].platform && list->items[i].verdict != GPU_SUPPORTED)
			return &list->items[i];
	return NULL;
}
