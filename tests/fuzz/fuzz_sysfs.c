// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel and its drivers say of themselves in /sys and /proc: attributes of a GPU and its types, an instance's
// links, module parameters, and what processes are called.
#include "in_process.h"
#include "tree.h"

#include "base/clock.h"
#include "decide/gvt_offer.h"
#include "read/check_facts.h"
#include "read/host/instance_users.h"
#include "read/host/pci_function.h"

#define ADDRESS "0000:00:02.0"
#define PCI     "sys/bus/pci/devices/" ADDRESS
#define UUID    "00000000-0000-0000-0000-000000000100"
#define MDEV    "sys/bus/mdev/devices/" UUID
#define TYPE    PCI "/mdev_supported_types/i915-GVTg_V5_4"

static struct tree_file files[] = {
	{ .name = "vendor", .path = PCI "/vendor" },
	{ .name = "device", .path = PCI "/device" },
	{ .name = "class", .path = PCI "/class" },
	{ .name = "resource", .path = PCI "/resource" },
	{ .name = "config", .path = PCI "/config" },
	{ .name = "subsystem", .path = PCI "/subsystem_vendor" },
	{ .name = "override", .path = PCI "/driver_override" },
	{ .name = "driver", .path = PCI "/driver", .link = true },
	{ .name = "group", .path = PCI "/iommu_group", .link = true },
	{ .name = "description", .path = TYPE "/description" },
	{ .name = "available", .path = TYPE "/available_instances" },
	{ .name = "instance", .path = MDEV, .link = true },
	{ .name = "type", .path = "sys/devices/" ADDRESS "/" UUID "/mdev_type", .link = true },
	{ .name = "vfio", .path = "sys/devices/" ADDRESS "/" UUID "/iommu_group", .link = true },
	{ .name = "initstate", .path = "sys/module/i915/initstate" },
	{ .name = "enable_gvt", .path = "sys/module/i915/parameters/enable_gvt" },
	{ .name = "enable_guc", .path = "sys/module/i915/parameters/enable_guc" },
	{ .name = "lockdown", .path = "sys/kernel/security/lockdown" },
	{ .name = "hypervisor", .path = "sys/hypervisor/type" },
	{ .name = "uuid", .path = "sys/hypervisor/uuid" },
	{ .name = "vendor-of-host", .path = "sys/class/dmi/id/sys_vendor" },
	{ .name = "signature", .path = "proc/version_signature" },
	{ .name = "version", .path = "proc/version" },
	{ .name = "cpuinfo", .path = "proc/cpuinfo" },
	{ .name = "stat", .path = "proc/stat" },
	{ .name = "cmdline", .path = "proc/100/cmdline" },
	{ .name = "comm", .path = "proc/100/comm" },
	{ .name = "process", .path = "proc/100/stat" },
	{ .name = "fd", .path = "proc/100/fd/9", .link = true },
};

#define CHECK_TEXT(text) CHECK(strnlen(text, sizeof(text)) < sizeof(text))

static void check_gpu(const struct root *root, struct host *host)
{
	struct gpu *gpu = &host->gpus.items[0];
	static struct type_details details;
	static struct offer_list offers;
	CHECK_TEXT(gpu->address);
	CHECK_TEXT(gpu->driver);
	CHECK_TEXT(gpu->driver_override);
	CHECK(!strchr(gpu->driver, '/') && gpu->class_id >> 8 == 3);
	if (!gpu->ggtt)
		gpu->ggtt = gpu_ggtt_bytes(0x00c0);
	type_details_read(&details, root, host, gpu, clock_now_us() + 60 * USEC_PER_SEC);
	offer_list_make(&offers, host, gpu, &details);
	CHECK(offers.count <= TYPES_MAX);
	for (size_t i = 0; i < offers.count; i++) {
		CHECK_TEXT(offers.items[i].type);
		CHECK_TEXT(offers.items[i].resolution);
		CHECK(offers.items[i].told >= -1);
		CHECK(offers.items[i].told < 0 || offers.items[i].free <= (unsigned)offers.items[i].told);
	}
}

static void check_facts(const struct root *root, struct facts *facts)
{
	struct host *host = &facts->host;
	CHECK(host->gpus.count <= 1 && host->instances.count <= 1);
	CHECK(facts->enable_guc >= -1 &&
	      (host->gvt.enable_gvt == 0 || host->gvt.enable_gvt == 1 || host->gvt.enable_gvt < 0));
	CHECK(strspn(facts->version, "0123456789.") == strlen(facts->version));
	CHECK_TEXT(facts->version);
	CHECK_TEXT(facts->lockdown);
	CHECK_TEXT(facts->virtual.name);
	CHECK_TEXT(host->gpus.error);
	for (size_t i = 0; i < ARRAY_SIZE(facts->available); i++)
		CHECK(facts->available[i] >= -1);
	if (host->gpus.count > 0)
		check_gpu(root, host);
}

static void check_instance(const struct root *root, struct instance_list *list)
{
	static struct usage usage;
	for (size_t i = 0; i < list->count; i++) {
		CHECK(streq(list->items[i].uuid, UUID));
		CHECK_TEXT(list->items[i].type);
		CHECK_TEXT(list->items[i].parent);
		CHECK_TEXT(list->items[i].group);
		CHECK(!strchr(list->items[i].type, '/') && !strchr(list->items[i].parent, '/') &&
		      !strchr(list->items[i].group, '/'));
	}
	usage_read(&usage, root, list, NULL, 0, clock_now_us() + 60 * USEC_PER_SEC);
	usage_mark(&usage, list);
	CHECK(usage.count <= 1);
	for (size_t i = 0; i < usage.count; i++) {
		CHECK(usage.processes[i].pid == 100);
		CHECK_TEXT(usage.processes[i].name);
		CHECK(!usage.processes[i].vmid || usage_guest(&usage, usage.processes[i].vmid));
	}
	for (size_t i = 0; i < list->count; i++) {
		CHECK_TEXT(list->items[i].user);
		CHECK((list->items[i].use == USE_OPEN) == (usage_holder(&usage, i) || usage.stray >= 0));
	}
}

// After an error of libpci what it holds is left to the end of the process, which is a child's elsewhere (igpu.c).
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

// So are its descriptors: all that were opened since the first input.
static void close_left(void)
{
	static int first;
	if (!first) {
		first = fcntl(tree.root.fs, F_DUPFD_CLOEXEC, 0);
		CHECK(first > 0);
	}
	CHECK(close_range((unsigned)first, ~0U, 0) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct facts facts;
	struct pci_function function;
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	close_left();
	CHECK(facts_read(&facts, root, clock_now_us() + 60 * USEC_PER_SEC) == 0);
	check_facts(root, &facts);
	check_instance(root, &facts.host.instances);
	facts_free(&facts);
	pci_function_read(&function, root, ADDRESS);
	CHECK_TEXT(function.id);
	CHECK_TEXT(function.subsystem);
	CHECK_TEXT(function.group);
	return 0;
}
