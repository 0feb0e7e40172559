// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/check/check.h"

static struct next_boot_kernel kernel;
static struct gpu gpu;
static const char *module, *file;

static enum cause judge(enum way kind)
{
	const struct gpu_way way = { .way = kind, .driver = kind == WAY_XE ? "xe" : "i915" };
	return check_next_sriov_initrd(&kernel, &way, &gpu, &module, &file);
}

static void put(const char *name)
{
	strcpy(kernel.initrd.firmware[kernel.initrd.firmware_count++], name);
}

static void what_an_initrd_has_of_xe(void **state)
{
	(void)state;
	kernel = (struct next_boot_kernel){ .initrd.i915 = INITRD_MODULE_THERE, .initrd.i915_foreign = true };
	gpu.platform = sriov_platform_find("adl_n");
	assert_equal(judge(WAY_XE), CAUSE_NEXT_INITRD_NO_MODULE);
	assert_string_equal(module, "xe");
	kernel.initrd.xe = INITRD_MODULE_EMPTY;
	assert_equal(judge(WAY_XE), CAUSE_NEXT_INITRD_MODULE_EMPTY);
	kernel.initrd.xe = INITRD_MODULE_THERE;
	put("i915/adlp_guc_70.bin"); // which i915 would ask for
	assert_equal(judge(WAY_XE), CAUSE_NEXT_INITRD_NO_FIRMWARE);
	assert_string_equal(file, "i915/tgl_guc_70.bin");
	put("i915/tgl_guc_70.bin");
	assert_equal(judge(WAY_XE), CAUSE_NONE);
	gpu.platform = sriov_platform_find("adl_s");
	assert_equal(judge(WAY_XE), CAUSE_NEXT_INITRD_NO_FIRMWARE);
	assert_string_equal(file, "i915/tgl_huc.bin");
	put("i915/tgl_huc.bin");
	assert_equal(judge(WAY_XE), CAUSE_NONE);
	gpu.platform = sriov_platform_find("cri"); // for which xe names no firmware
	kernel.initrd.firmware_count = 0;
	assert_equal(judge(WAY_XE), CAUSE_NONE);
}

static void what_an_initrd_has_of_i915(void **state)
{
	(void)state;
	kernel = (struct next_boot_kernel){ .initrd.i915 = INITRD_MODULE_THERE };
	gpu.platform = sriov_platform_find("adl_n");
	put("i915/adlp_guc_69.0.3.bin"); // the last that it tries
	assert_equal(judge(WAY_I915), CAUSE_NEXT_INITRD_I915_STOCK);
	kernel.initrd.i915_foreign = true;
	assert_equal(judge(WAY_I915), CAUSE_NONE);
	kernel.initrd.firmware_count = 0;
	assert_equal(judge(WAY_I915), CAUSE_NEXT_INITRD_NO_FIRMWARE);
	assert_string_equal(file, "i915/adlp_guc_70.bin");
	kernel.initrd.i915 = INITRD_MODULE_ABSENT;
	assert_equal(judge(WAY_I915), CAUSE_NEXT_INITRD_NO_MODULE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_initrd_has_of_xe),
		cmocka_unit_test(what_an_initrd_has_of_i915),
	};
	return run_group(tests);
}
