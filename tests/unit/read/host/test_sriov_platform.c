// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/igpu.h"
#include "read/host/sriov_platform.h"

static const char *key_of(uint16_t id)
{
	const struct sriov_platform *platform = NULL;
	(void)gpu_judge(id, NULL, &platform);
	return platform ? platform->key : "-";
}

// The first and the last of each range, and the neighbors that have none.
static void platforms_of_devices(void **state)
{
	(void)state;
	static const struct {
		uint16_t id;
		const char *key;
	} samples[] = {
		{ 0x9a40, "tgl" },   { 0x9af8, "tgl" },   { 0x4c80, "-" },     { 0x4c8a, "-" },     { 0x4626, "adl_p" },
		{ 0x46c3, "adl_p" }, { 0x4680, "adl_s" }, { 0x4693, "adl_s" }, { 0x46d0, "adl_n" }, { 0x46d1, "adl_n" },
		{ 0x46d4, "adl_n" }, { 0xa720, "adl_p" }, { 0xa721, "adl_p" }, { 0xa7a0, "adl_p" }, { 0xa7ad, "adl_p" },
		{ 0xa780, "adl_s" }, { 0xa78b, "adl_s" }, { 0x7d40, "mtl" },   { 0x7d55, "mtl" },   { 0x7d67, "mtl" },
		{ 0xb640, "mtl" },   { 0x6420, "-" },     { 0x64a0, "-" },     { 0xe202, "bmg" },   { 0xe215, "-" },
		{ 0xe223, "bmg" },   { 0xb080, "ptl" },   { 0xb0b0, "ptl" },   { 0xfd80, "ptl" },   { 0xfd81, "ptl" },
		{ 0xd740, "nvls" },  { 0xd74b, "nvls" },  { 0xd750, "nvlp" },  { 0xd75f, "nvlp" },  { 0x56c0, "ats_m" },
		{ 0x56c2, "ats_m" }, { 0x56a5, "-" },     { 0x5690, "-" },     { 0x4905, "-" },     { 0x0bd5, "-" },
		{ 0x674c, "cri" },   { 0x8a52, "-" },     { 0x4e61, "-" },     { 0x3e92, "-" },     { 0x0042, "-" },
		{ 0xffff, "-" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		if (!streq(key_of(samples[i].id), samples[i].key)) {
			print_error("%04x is %s\n", samples[i].id, key_of(samples[i].id));
			fail();
		}
}

// As many as xe's list has of each descriptor in Linux 7.3.
static void how_many(void **state)
{
	(void)state;
	struct {
		const char *key;
		unsigned expected, counted;
	} platforms[] = {
		{ "tgl", 11, 0 }, { "adl_s", 16, 0 }, { "adl_p", 28, 0 }, { "adl_n", 5, 0 },
		{ "mtl", 10, 0 }, { "ats_m", 3, 0 },  { "bmg", 13, 0 },   { "ptl", 14, 0 },
		{ "cri", 5, 0 },  { "nvls", 7, 0 },   { "nvlp", 9, 0 },
	};
	unsigned all = 0, known = 0;
	for (unsigned id = 0; id <= 0xffff; id++)
		for (size_t i = 0; i < ARRAY_SIZE(platforms); i++)
			platforms[i].counted += streq(key_of((uint16_t)id), platforms[i].key);
	for (unsigned id = 0; id <= 0xffff; id++)
		all += !streq(key_of((uint16_t)id), "-");
	for (size_t i = 0; i < ARRAY_SIZE(platforms); i++) {
		assert_int_equal(platforms[i].counted, platforms[i].expected);
		known += platforms[i].counted;
	}
	assert_int_equal(all, known);
}

// Nothing that has a platform is of GVT-g, and all of it may have SR-IOV: its VFs are told from GPUs.
static void no_platform_of_gvt(void **state)
{
	(void)state;
	for (unsigned id = 0; id <= 0xffff; id++) {
		const struct sriov_platform *platform;
		enum gpu_verdict verdict = gpu_judge((uint16_t)id, NULL, &platform);
		if (platform)
			assert_true(gpu_may_have_sriov(verdict));
	}
	assert_false(gpu_may_have_sriov(GPU_SUPPORTED));
	assert_false(gpu_may_have_sriov(GPU_TOO_OLD));
	assert_false(gpu_may_have_sriov(GPU_UNSUPPORTED_ATOM));
	assert_true(gpu_may_have_sriov(GPU_UNKNOWN));
}

static void what_is_said_of_them(void **state)
{
	(void)state;
	assert_null(sriov_platform_find("-"));
	assert_null(sriov_platform_find(""));
	assert_null(sriov_platform_find("adl"));
	const struct sriov_platform *platform = sriov_platform_find("adl_n");
	assert_int_equal(platform->xe_since, KERNEL_AT(6, 18));
	assert_true(platform->xe_forced && platform->dkms_i915 && platform->dkms_xe && !platform->xe_never);
	// The same GPU by two drivers.
	assert_string_equal(platform->guc_xe, "i915/tgl_guc_70.bin");
	assert_string_equal(platform->guc_i915[0], "i915/adlp_guc_70.bin");
	platform = sriov_platform_find("tgl");
	assert_string_equal(platform->guc_i915[0], "i915/tgl_guc_70.1.1.bin");
	assert_null(platform->guc_i915[1]);
	platform = sriov_platform_find("mtl");
	assert_int_equal(platform->xe_since, 0);
	assert_true(platform->xe_never && platform->dkms_i915 && !platform->dkms_xe && !platform->guc_xe);
	platform = sriov_platform_find("bmg");
	assert_int_equal(platform->xe_since, KERNEL_AT(6, 17));
	assert_true(!platform->xe_forced && !platform->dkms_i915 && !platform->guc_i915[0]);
	assert_true(sriov_platform_find("ats_m")->xe_forced);
}

static void versions(void **state)
{
	(void)state;
	assert_int_equal(kernel_version("6.18.9-1-pve"), KERNEL_AT(6, 18));
	assert_int_equal(kernel_version("7.0.14-14-pve"), KERNEL_AT(7, 0));
	assert_int_equal(kernel_version("7.3.4+deb13-amd64"), KERNEL_AT(7, 3));
	assert_int_equal(kernel_version("6.18-rc1"), KERNEL_AT(6, 18));
	assert_int_equal(kernel_version(""), 0);
	assert_int_equal(kernel_version("pve"), 0);
	assert_int_equal(kernel_version("6"), 0);
	assert_true(KERNEL_AT(6, 9) < KERNEL_AT(6, 18) && KERNEL_AT(6, 18) < KERNEL_AT(7, 0));
	assert_int_equal(kernel_version("99999999999.99999999999"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms_of_devices),
		cmocka_unit_test(how_many),
		cmocka_unit_test(no_platform_of_gvt),
		cmocka_unit_test(what_is_said_of_them),
		cmocka_unit_test(versions),
	};
	return run_group(tests);
}
