// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/sriov_drivers.h"

#define RELEASE "6.18.0"
#define MODULES "lib/modules/" RELEASE

static struct tree *tree;
static struct gpu_list gpus;
static struct sriov_drivers drivers;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	gpus = (struct gpu_list){ .count = 0 };
	return 0;
}

static void add_gpu(const char *key)
{
	gpus.items[gpus.count++].platform = sriov_platform_find(key);
}

// A module's file, with what its .modinfo says behind "license=GPL".
static void put_module(const char *path, const char *info)
{
	char text[256], command[1024];
	snprintf(text, sizeof(text),
		 "const char info[] __attribute__((section(\".modinfo\"))) = \"license=GPL\\0%s\";\n", info);
	tree_put(tree, "module.c", text);
	snprintf(command, sizeof(command), "cd '%s' && mkdir -p $(dirname %s) && ${CC:-cc} -c -o %s module.c",
		 tree->path, path, path);
	assert_int_equal(system(command), 0);
}

static void read_drivers(void)
{
	char command[512];
	struct modules *modules = NULL;
	tree_parents(tree, MODULES "/x");
	snprintf(command, sizeof(command), "depmod -b '%s' " RELEASE " 2>/dev/null", tree->path);
	assert_int_equal(system(command), 0);
	assert_int_equal(modules_open(&modules, &tree->root, RELEASE), 0);
	memset(&drivers, 0xa5, sizeof(drivers)); // nothing is left of what was there
	sriov_drivers_read(&drivers, &tree->root, modules, RELEASE, &gpus);
	modules_close(modules);
}

static void nothing_at_hand(void **state)
{
	(void)state;
	add_gpu("adl_n");
	add_gpu("-");
	read_drivers();
	assert_false(drivers.xe.available);
	assert_int_equal(drivers.xe_max_vfs, -ENOENT);
	assert_int_equal(drivers.i915_max_vfs, -ENOENT);
	assert_int_equal(drivers.needs_xe[0].there, 0);
	assert_int_equal(drivers.needs_i915[0].there, 0);
	assert_int_equal(drivers.needs_xe[1].there, -ENOENT); // no name to look for
	assert_int_equal(drivers.needs_i915[1].there, -ENOENT);
}

static void the_kernels_own(void **state)
{
	(void)state;
	put_module(MODULES "/kernel/xe.ko", "parm=max_vfs:some\\0parmtype=max_vfs:uint");
	put_module(MODULES "/kernel/i915.ko", "parm=enable_guc:some");
	tree_put(tree, "etc/modprobe.d/xe.conf", "options xe max_vfs=0\nblacklist xe\n");
	read_drivers();
	assert_true(drivers.xe.available && drivers.xe.blacklisted && !drivers.xe.foreign);
	assert_string_equal(drivers.xe.options, "max_vfs=0");
	assert_int_equal(drivers.xe_max_vfs, 1);
	assert_int_equal(drivers.i915_max_vfs, 0);
}

static void by_dkms(void **state)
{
	(void)state;
	put_module(MODULES "/updates/dkms/i915.ko", "parm=max_vfs:some");
	put_module(MODULES "/kernel/i915.ko", "parm=enable_guc:some");
	read_drivers();
	assert_int_equal(drivers.i915_max_vfs, 1);
	assert_int_equal(drivers.xe_max_vfs, -ENOENT);
}

// Each GPU has its own, and i915 takes the first that is there.
static void firmware_of_each(void **state)
{
	(void)state;
	add_gpu("adl_n");
	add_gpu("bmg");
	add_gpu("mtl");
	add_gpu("cri");
	tree_put(tree, "lib/firmware/i915/tgl_guc_70.bin", "x");
	tree_put(tree, "lib/firmware/xe/bmg_guc_70.bin.zst", "x");
	tree_put(tree, "lib/firmware/xe/bmg_huc.bin", "x");
	tree_put(tree, "lib/firmware/i915/mtl_guc_70.bin", "x");
	read_drivers();
	assert_int_equal(drivers.needs_xe[0].there, 1);
	assert_int_equal(drivers.needs_i915[0].there, 0);
	assert_int_equal(drivers.needs_xe[1].there, -ENODATA);
	assert_int_equal(drivers.needs_i915[1].there, -ENOENT);
	assert_int_equal(drivers.needs_xe[2].there, -ENOENT);
	assert_int_equal(drivers.needs_i915[2].there, 1);
	assert_int_equal(drivers.needs_xe[3].there, -ENOENT);
	tree_put(tree, "lib/firmware/i915/adlp_guc_70.1.1.bin", "x");
	read_drivers();
	assert_int_equal(drivers.needs_i915[0].there, 1); // the second name
	assert_int_equal(unlinkat(tree->root.fs, "lib/firmware/i915/adlp_guc_70.1.1.bin", 0), 0);
	tree_put(tree, "lib/firmware/i915/adlp_guc_70.bin.xz", "x");
	read_drivers();
	assert_int_equal(drivers.needs_i915[0].there, -ENODATA); // unknown, whatever comes behind it
	tree_put(tree, "lib/firmware/i915/adlp_guc_69.0.3.bin", "x");
	read_drivers();
	assert_int_equal(drivers.needs_i915[0].there, 1);
}

#define drivers_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

// xe gives a GPU up without any of what it names for it, HuC too; i915 does without HuC.
static void huc_as_well(void **state)
{
	(void)state;
	add_gpu("adl_p");
	add_gpu("adl_n");
	tree_put(tree, "lib/firmware/i915/adlp_guc_70.bin", "x");
	tree_put(tree, "lib/firmware/i915/tgl_guc_70.bin", "x");
	read_drivers();
	assert_int_equal(sriov_driver_needs(&drivers, true, 0)->there, 0);
	assert_string_equal(sriov_driver_needs(&drivers, true, 0)->file, "i915/tgl_huc.bin");
	assert_int_equal(sriov_driver_needs(&drivers, false, 0)->there, 1);
	assert_string_equal(sriov_driver_needs(&drivers, false, 0)->file, "i915/adlp_guc_70.bin");
	assert_int_equal(sriov_driver_needs(&drivers, true, 1)->there, 1); // it names none there
	tree_put(tree, "lib/firmware/i915/tgl_huc.bin", "x");
	read_drivers();
	assert_int_equal(sriov_driver_needs(&drivers, true, 0)->there, 1);
	assert_string_equal(sriov_driver_needs(&drivers, true, 0)->file, "i915/adlp_guc_70.bin");
	assert_int_equal(unlinkat(tree->root.fs, "lib/firmware/i915/adlp_guc_70.bin", 0), 0);
	read_drivers();
	assert_int_equal(sriov_driver_needs(&drivers, true, 0)->there, 0);
	assert_string_equal(sriov_driver_needs(&drivers, true, 0)->file, "i915/adlp_guc_70.bin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drivers_test(nothing_at_hand),  drivers_test(the_kernels_own), drivers_test(by_dkms),
		drivers_test(firmware_of_each), drivers_test(huc_as_well),
	};
	return run_group(tests);
}
