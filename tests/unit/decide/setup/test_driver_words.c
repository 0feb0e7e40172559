// SPDX-License-Identifier: GPL-2.0-or-later
// What the driver of SR-IOV has to be told where udev loads it.
#include "helper.h"

#include "decide/setup/driver_words.h"
#include "decide/sriov/sriov_host.h"

static struct word_change changes[DRIVER_WORDS_MAX];

static size_t find(const char *words)
{
	struct gpu_way way;
	set_cmdline(words);
	gpu_way_choose(&way, &host, &host.gpus.items[0]);
	return driver_words_lacking(changes, &host, &config, &host.gpus.items[0], &way);
}

static void xe(void **state)
{
	(void)state;
	assert_int_equal(find("quiet"), 2);
	assert_string_equal(changes[0].new, "xe.force_probe=46d1");
	assert_string_equal(changes[0].old, "");
	assert_string_equal(changes[1].new, "i915.force_probe=!46d1");
	assert_int_equal(find("xe.force_probe=a780 module_blacklist=i915"), 1);
	assert_string_equal(changes[0].old, "xe.force_probe=a780");
	assert_string_equal(changes[0].new, "xe.force_probe=a780,46d1");
	assert_int_equal(find("xe.force_probe=* i915.force_probe=!*"), 0);
	host.gpus.items[0].platform = sriov_platform_find("bmg"); // it takes the GPU by itself
	assert_int_equal(find("quiet"), 0);
}

static void i915(void **state)
{
	(void)state;
	static const struct {
		const char *words, *options;
		size_t count;
		const char *old, *new;
	} cases[] = {
		{ "", "", 2, "", "i915.enable_guc=3" },
		{ "i915.enable_guc=3 i915.max_vfs=3", "", 0, NULL, NULL },
		{ "i915.enable_guc=1 i915.max_vfs=7", "", 0, NULL, NULL }, // the HuC is not needed
		{ "i915.enable_guc=2 i915.max_vfs=7", "", 1, "i915.enable_guc=2", "i915.enable_guc=3" },
		{ "i915.enable_guc=-1 i915.max_vfs=7", "", 1, "i915.enable_guc=-1", "i915.enable_guc=3" },
		{ "i915.enable_guc=0x3 i915.max_vfs=2", "", 1, "i915.max_vfs=2", "i915.max_vfs=7" },
		{ "i915.enable_guc=3 -- i915.max_vfs=7", "", 1, "", "i915.max_vfs=7" },
		{ "", "enable_guc=3 max_vfs=7", 0, NULL, NULL },
		{ "", "enable_guc=3 max_vfs=1", 1, "", "i915.max_vfs=7" },
		{ "i915.enable_guc=0", "enable_guc=3 max_vfs=7", 1, "i915.enable_guc=0", "i915.enable_guc=3" },
	};
	strcpy(host.release, "6.12.48-1-pve");
	host.sriov.drivers.i915_max_vfs = 1;
	claim(VF(3), "/100.conf:4");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(host.i915_policy.options, sizeof(host.i915_policy.options), "%s", cases[i].options);
		assert_int_equal(find(cases[i].words), cases[i].count);
		if (cases[i].count == 0)
			continue;
		assert_string_equal(changes[0].old, cases[i].old);
		assert_string_equal(changes[0].new, cases[i].new);
	}
	host.i915_policy.options[0] = '\0';
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(xe, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(i915, sriov_setup, sriov_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
