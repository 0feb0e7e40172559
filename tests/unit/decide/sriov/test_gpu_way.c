// SPDX-License-Identifier: GPL-2.0-or-later
// Which way a GPU is split, and the admin's word against it.
#include "sriov_host.h"

#include "decide/sriov/gpu_way.h"

static struct gpu_way way;

static enum way choose(void)
{
	gpu_way_choose(&way, &host, &host.gpus.items[0]);
	return way.way;
}

#define assert_no_way(name_wanted, cause_wanted)                    \
	do {                                                        \
		assert_int_equal(choose(), WAY_NONE);               \
		assert_string_equal(way.finding.name, name_wanted); \
		assert_int_equal(way.finding.cause, cause_wanted);  \
	} while (0)

static void the_kernels_own_xe(void **state)
{
	(void)state;
	assert_int_equal(choose(), WAY_XE);
	assert_string_equal(way.driver, "xe");
	assert_true(way.forced);
	assert_false(way.firmware_lacks);
	assert_int_equal(way.finding.severity, SEVERITY_OK);
	assert_string_equal(finding_get(&way.finding, VALUE_COUNT), "7");
	// A kernel that is too old, or has no xe.
	strcpy(host.release, "6.17.13-1-pve");
	assert_no_way("sriov-driver", CAUSE_SRIOV_KERNEL_OLD);
	assert_string_equal(finding_get(&way.finding, VALUE_NEEDED), "6.18");
	strcpy(host.release, "6.18.9-1-pve");
	host.sriov.drivers.xe.available = false;
	assert_no_way("sriov-driver", CAUSE_XE_ABSENT);
	// One that is not forced there.
	host.sriov.drivers.xe.available = true;
	host.gpus.items[0].platform = sriov_platform_find("ptl");
	assert_int_equal(choose(), WAY_XE);
	assert_false(way.forced);
}

static void the_admins_package(void **state)
{
	(void)state;
	host.sriov.drivers.i915_max_vfs = 1;
	host.i915_policy.dkms = true;
	assert_int_equal(choose(), WAY_I915); // it is there for nothing else
	assert_true(finding_has(&way.finding, VALUE_DKMS));
	// Unless i915 is kept away, as the guides have it for xe.
	set_cmdline("module_blacklist=i915");
	assert_int_equal(choose(), WAY_XE);
	set_cmdline("i915.force_probe=!46d1");
	assert_int_equal(choose(), WAY_XE);
	host.i915_policy.blacklisted = true;
	set_cmdline("");
	assert_int_equal(choose(), WAY_XE);
	// And where there is no xe, that is why there is no way.
	host.sriov.drivers.xe.available = false;
	assert_no_way("sriov-blocked", CAUSE_MODULE_FORBIDDEN);
	assert_true(way.admin);
}

static void the_admins_word(void **state)
{
	(void)state;
	set_cmdline("xe.max_vfs=0");
	assert_no_way("sriov-switched-off", CAUSE_VFS_OFF_BY_WORD);
	assert_true(way.admin);
	set_cmdline("");
	strcpy(host.sriov.drivers.xe.options, "max_vfs=0");
	assert_no_way("sriov-switched-off", CAUSE_VFS_OFF_BY_OPTION);
	set_cmdline("xe.max_vfs=3"); // the kernel command line wins
	assert_int_equal(choose(), WAY_XE);
	strcpy(host.sriov.drivers.xe.options, "force_probe=1234,!0x46D1");
	assert_no_way("sriov-blocked", CAUSE_PROBE_OFF_BY_OPTION);
	strcpy(host.sriov.drivers.xe.options, "force_probe=!*");
	assert_no_way("sriov-blocked", CAUSE_PROBE_OFF_BY_OPTION);
	strcpy(host.sriov.drivers.xe.options, "force_probe=!46d0,46d1,!");
	assert_int_equal(choose(), WAY_XE);
	set_cmdline("module_blacklist=foo,xe");
	assert_no_way("sriov-blocked", CAUSE_MODULE_LISTED);
	assert_ptr_equal(way.finding.word, &host.cmdline.words[0]);
	host.sriov.xe_state = MODULE_LIVE; // it is loaded all the same
	assert_int_equal(choose(), WAY_XE);
}

// What is there needs no other proof; but i915 of the kernel shows the hardware's number too.
static void live_facts(void **state)
{
	(void)state;
	host.gpus.items[0].platform = NULL;
	assert_no_way("gpu-too-new", CAUSE_GPU_TOO_NEW);
	bind_xe();
	assert_int_equal(choose(), WAY_XE);
	assert_false(way.forced);
	host.sriov.gpus[0].total = 0;
	assert_int_equal(choose(), WAY_NONE);
	host.sriov.gpus[0].total = 7;
	strcpy(host.gpus.items[0].driver, "i915");
	assert_int_equal(choose(), WAY_NONE);
	host.sriov.i915_max_vfs = 7;
	assert_int_equal(choose(), WAY_I915);
}

static void what_cannot_be_split(void **state)
{
	(void)state;
	host.sriov.gpus[0].capable = false;
	assert_no_way("sriov-absent", CAUSE_SRIOV_NO_CAPABILITY);
	host.sriov.gpus[0].hung = true; // unknown is not absent
	assert_int_equal(choose(), WAY_XE);
	host.sriov.gpus[0].capable = true;
	host.gpus.items[0].platform = sriov_platform_find("mtl");
	assert_no_way("sriov-driver", CAUSE_SRIOV_KERNEL_OLD); // the package of i915 alone can
	assert_false(finding_has(&way.finding, VALUE_NEEDED));
	assert_true(finding_has(&way.finding, VALUE_DKMS));
	host.gpus.items[0].verdict = GPU_SUPPORTED;
	assert_int_equal(choose(), WAY_GVT);
}

static void no_firmware(void **state)
{
	(void)state;
	host.sriov.drivers.needs_xe[0].there = 0;
	assert_int_equal(choose(), WAY_XE);
	assert_true(way.firmware_lacks);
	assert_false(way.firmware_packed);
	bind_xe(); // it has it already
	assert_int_equal(choose(), WAY_XE);
	assert_false(way.firmware_lacks);
}

static void packed_firmware(void **state)
{
	(void)state;
	host.sriov.drivers.needs_xe[0].there = -EOPNOTSUPP;
	assert_int_equal(choose(), WAY_XE);
	assert_true(way.firmware_lacks);
	assert_true(way.firmware_packed);
	host.sriov.drivers.needs_xe[0].there = -ENODATA; // perhaps it can be decompressed
	assert_int_equal(choose(), WAY_XE);
	assert_false(way.firmware_lacks);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_kernels_own_xe, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(the_admins_package, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(the_admins_word, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(live_facts, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_split, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(no_firmware, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(packed_firmware, sriov_setup, sriov_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
