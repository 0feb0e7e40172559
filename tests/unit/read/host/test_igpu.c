// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"
#include "sriov_tree.h"

#include <sanitizer/lsan_interface.h>

#include "read/host/igpu.h"

static void verdicts(void **state)
{
	(void)state;
	static const struct {
		uint16_t id;
		enum gpu_verdict verdict;
		const char *name;
	} samples[] = {
		{ 0x0042, GPU_TOO_OLD, "pre-Gen6" },
		{ 0x0102, GPU_TOO_OLD, "Sandy Bridge" },
		{ 0x0152, GPU_TOO_OLD, "Ivy Bridge" },
		{ 0x0412, GPU_TOO_OLD, "Haswell" },
		{ 0x0f31, GPU_TOO_OLD, "Valley View/Bay Trail" },
		{ 0x1616, GPU_SUPPORTED, "Broadwell" },
		{ 0x1622, GPU_SUPPORTED, "Broadwell" },
		{ 0x1912, GPU_SUPPORTED, "Skylake" },
		{ 0x1917, GPU_SUPPORTED, "Skylake" },
		{ 0x5912, GPU_SUPPORTED, "Kaby Lake" },
		{ 0x591c, GPU_SUPPORTED, "Amber Lake" },
		{ 0x87ca, GPU_SUPPORTED, "Amber Lake" },
		{ 0x3e92, GPU_SUPPORTED, "Coffee Lake" },
		{ 0x3ea0, GPU_SUPPORTED, "Whiskey Lake" },
		{ 0x9bc5, GPU_SUPPORTED, "Comet Lake" },
		{ 0x5a85, GPU_SUPPORTED, "Broxton/Apollo Lake" },
		{ 0x22b1, GPU_UNSUPPORTED_ATOM, "Cherry View/Braswell" },
		{ 0x3185, GPU_UNSUPPORTED_ATOM, "Gemini Lake" },
		{ 0x5a52, GPU_TOO_NEW, "Cannon Lake" },
		{ 0x8a52, GPU_TOO_NEW, "Ice Lake" },
		{ 0x4e61, GPU_TOO_NEW, "Jasper Lake" },
		{ 0x9a49, GPU_TOO_NEW, "Tiger Lake" },
		{ 0x4c8a, GPU_TOO_NEW, "Rocket Lake" },
		{ 0x4680, GPU_TOO_NEW, "Alder Lake-S" },
		{ 0xa780, GPU_TOO_NEW, "Raptor Lake-S" },
		{ 0x7d55, GPU_TOO_NEW, "Meteor Lake" },
		{ 0x56a5, GPU_DISCRETE, "Arc Alchemist" },
		{ 0x4905, GPU_DISCRETE, "DG1" },
		{ 0xe20b, GPU_DISCRETE, "Battlemage" },
		{ 0x0000, GPU_UNKNOWN, "" },
		{ 0xffff, GPU_UNKNOWN, "" },
		{ 0x3e8f, GPU_UNKNOWN, "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const char *name = NULL;
		enum gpu_verdict verdict = gpu_judge(samples[i].id, &name, NULL);
		if (verdict != samples[i].verdict || !streq(name, samples[i].name)) {
			print_error("%04x is %d '%s'\n", samples[i].id, (int)verdict, name);
			fail();
		}
	}
}

// By generation, as i915's own lists have them: 115 in all.
static void supported_counts(void **state)
{
	(void)state;
	struct {
		const char *name;
		unsigned expected, counted;
	} generations[] = {
		{ "Broadwell", 24, 0 },   { "Skylake", 25, 0 },
		{ "Kaby Lake", 20, 0 },   { "Amber Lake", 3, 0 },
		{ "Coffee Lake", 16, 0 }, { "Whiskey Lake", 5, 0 },
		{ "Comet Lake", 17, 0 },  { "Broxton/Apollo Lake", 5, 0 },
	};
	unsigned supported = 0, known = 0;
	for (unsigned id = 0; id <= 0xffff; id++) {
		const char *name;
		enum gpu_verdict verdict = gpu_judge((uint16_t)id, &name, NULL);
		known += verdict != GPU_UNKNOWN;
		if (verdict != GPU_SUPPORTED)
			continue;
		supported++;
		for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
			generations[i].counted += streq(name, generations[i].name);
	}
	assert_int_equal(supported, 115);
	assert_true(known > 400);
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		assert_int_equal(generations[i].counted, generations[i].expected);
}

static void address_space(void **state)
{
	(void)state;
	assert_int_equal(gpu_ggtt_bytes(0x00c0), 4096 * MIB);
	assert_int_equal(gpu_ggtt_bytes(0x0080), 2048 * MIB);
	assert_int_equal(gpu_ggtt_bytes(0x0040), 1024 * MIB);
	assert_int_equal(gpu_ggtt_bytes(0x0000), 0);
	assert_int_equal(gpu_ggtt_bytes(0xffc1), 4096 * MIB); // only two bits count
}

static void choosing(void **state)
{
	(void)state;
	struct gpu_list list = { .count = 2 };
	strcpy(list.items[0].address, "0000:00:02.0");
	strcpy(list.items[1].address, "0000:03:00.0");
	list.items[0].verdict = GPU_TOO_NEW;
	list.items[1].verdict = GPU_DISCRETE;
	assert_ptr_equal(gpu_list_default(&list), &list.items[0]);
	list.items[1].verdict = GPU_SUPPORTED;
	assert_ptr_equal(gpu_list_default(&list), &list.items[1]);
	assert_ptr_equal(gpu_list_at(&list, "0000:03:00.0"), &list.items[1]);
	assert_null(gpu_list_at(&list, "0000:03:00.1"));
	list.count = 0;
	assert_null(gpu_list_default(&list));
	assert_null(gpu_list_at(&list, "0000:00:02.0"));
}

static void reading(void **state)
{
	struct tree *tree = *state;
	put_function(tree, "0000:00:00.0", "0x8086", "0x3ec2", "0x060000", 0);
	put_function(tree, "0000:01:00.0", "0x10de", "0x1cb3", "0x030000", 256);
	put_function(tree, "0000:03:00.0", "0x8086", "0x56a5", "0x030000", 4096);
	put_function(tree, "0000:00:02.0", "0x8086", "0x3e92", "0x030000", 512);
	put_function(tree, "10000:00:02.0", "0x8086", "0x9bc5", "0x038000", 1024);
	tree_link(tree, "sys/bus/pci/devices/0000:00:02.0/driver", "../../../bus/pci/drivers/i915");
	tree_put(tree, "sys/bus/pci/devices/0000:00:02.0/driver_override", "(null)\n");
	tree_put(tree, "sys/bus/pci/devices/0000:03:00.0/driver_override", "vfio-pci\n");

	struct gpu_list list;
	gpu_list_read(&list, &tree->root);
	assert_string_equal(list.error, "");
	assert_int_equal(list.count, 3);
	const struct gpu *gpu = &list.items[0];
	assert_string_equal(gpu->address, "0000:00:02.0");
	assert_int_equal(gpu->device_id, 0x3e92);
	assert_int_equal(gpu->class_id, 0x0300);
	assert_equal(gpu->verdict, GPU_SUPPORTED);
	assert_string_equal(gpu->name, "Coffee Lake");
	assert_int_equal(gpu->aperture, 512 * MIB);
	assert_int_equal(gpu->ggtt, 4096 * MIB);
	assert_string_equal(gpu->driver, "i915");
	assert_string_equal(gpu->driver_override, "");
	gpu = &list.items[1];
	assert_string_equal(gpu->address, "0000:03:00.0");
	assert_equal(gpu->verdict, GPU_DISCRETE);
	assert_string_equal(gpu->driver, "");
	assert_string_equal(gpu->driver_override, "vfio-pci");
	gpu = &list.items[2];
	assert_string_equal(gpu->address, "10000:00:02.0");
	assert_int_equal(gpu->class_id, 0x0380);

	// As many as the device has functions, of whatever class.
	assert_int_equal(list.items[0].functions, 1);
	put_function(tree, "0000:00:02.1", "0x8086", "0x3e92", "0x048000", 0);
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.items[0].functions, 2);
	assert_ptr_equal(gpu_list_device(&list, "0000:00:02"), &list.items[0]);
	assert_ptr_equal(gpu_list_device(&list, "0000:00:02.0"), &list.items[0]);
	assert_ptr_equal(gpu_list_device(&list, "10000:00:02"), &list.items[2]);
	assert_null(gpu_list_device(&list, "0000:00:02.1"));

	// The driver is what changes.
	struct gpu first = list.items[0];
	assert_int_equal(unlinkat(tree->root.fs, "sys/bus/pci/devices/0000:00:02.0/driver", 0), 0);
	gpu_read_driver(&first, &tree->root);
	assert_string_equal(first.driver, "");
}

static void no_config_space(void **state)
{
	struct tree *tree = *state;
	put_function(tree, "0000:00:02.0", "0x8086", "0x3e92", "0x030000", 512);
	assert_int_equal(unlinkat(tree->root.fs, "sys/bus/pci/devices/0000:00:02.0/config", 0), 0);
	struct gpu_list list;
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].ggtt, 0);
}

static void pci_unreadable(void **state)
{
	struct tree *tree = *state;
	struct gpu_list list;
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, 0);
	assert_has(list.error, "/sys is not mounted");

	// libpci gives up by its error callback here, which would end the program if nobody took it.
	tree_dir(tree, "sys/bus/pci/devices/0000:00:02.0");
	__lsan_disable(); // what libpci holds then is not safe to free: see gpu_list_read()
	gpu_list_read(&list, &tree->root);
	__lsan_enable();
	assert_int_equal(list.count, 0);
	assert_string_not_equal(list.error, "");
}

// Of what is no display controller only the class is read; a link without its device is told.
static void others_are_not_read(void **state)
{
	struct tree *tree = *state;
	struct gpu_list list;
	put_function(tree, "0000:00:02.0", "0x8086", "0x3e92", "0x030000", 512);
	tree_put(tree, "sys/bus/pci/devices/0000:00:1f.0/class", "0x060100\n"); // and no other file
	tree_link(tree, "sys/bus/pci/devices/0000:00:1f.1", "../../../devices/gone");
	gpu_list_read(&list, &tree->root);
	assert_string_equal(list.error,
			    "Cannot open /sys/bus/pci/devices/0000:00:1f.1/class: No such file or directory");
	assert_int_equal(unlinkat(tree->root.fs, "sys/bus/pci/devices/0000:00:1f.1", 0), 0);
	gpu_list_read(&list, &tree->root);
	assert_string_equal(list.error, "");
	assert_int_equal(list.count, 1);
}

static void a_name_that_is_no_address(void **state)
{
	struct tree *tree = *state;
	struct gpu_list list;
	put_function(tree, "somewhere", "0x8086", "0x3e92", "0x030000", 512);
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, 0);
	assert_string_equal(list.error, "/sys/bus/pci/devices/somewhere is not a PCI address");
}

static void more_than_fit(void **state)
{
	struct tree *tree = *state;
	for (unsigned i = 0; i < GPUS_MAX + 2; i++) {
		char address[PCI_ADDRESS_SIZE];
		snprintf(address, sizeof(address), "0000:%02x:00.0", i);
		put_function(tree, address, "0x8086", "0x56a5", "0x030000", 256);
	}
	struct gpu_list list;
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, GPUS_MAX);
}

// Each has its GPU's class and ID.
static void virtual_functions(void **state)
{
	struct tree *tree = *state;
	put_pf(tree);
	for (unsigned number = 1; number <= 7; number++)
		put_vf(tree, number, "20", NULL, NULL);
	put_function(tree, "0000:03:00.0", "0x8086", "0xe20b", "0x030000", 256);
	put_function(tree, "0000:04:00.0", "0x8086", "0xe2ff", "0x030000", 256); // newer than this program
	tree_link(tree, "sys/bus/pci/devices/0000:04:00.0/physfn", "../0000:03:00.0");
	struct gpu_list list;
	gpu_list_read(&list, &tree->root);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].address, PF);
	assert_string_equal(list.items[0].platform->key, "adl_n");
	assert_int_equal(list.items[0].functions, 8); // as Proxmox VE counts
	assert_string_equal(list.items[1].address, "0000:03:00.0");
	assert_string_equal(list.items[1].platform->key, "bmg");
	assert_null(gpu_list_at(&list, "0000:00:02.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(supported_counts),
		cmocka_unit_test(address_space),
		cmocka_unit_test(choosing),
		tree_test(reading),
		tree_test(no_config_space),
		tree_test(pci_unreadable),
		tree_test(others_are_not_read),
		tree_test(a_name_that_is_no_address),
		tree_test(more_than_fit),
		tree_test(virtual_functions),
	};
	return run_group(tests);
}
