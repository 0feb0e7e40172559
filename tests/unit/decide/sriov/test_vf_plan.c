// SPDX-License-Identifier: GPL-2.0-or-later
// How many virtual functions are wanted, and what is to be done for each.
#include "sriov_host.h"

#include "decide/plan.h"

static struct vf_plan plan;

static const struct planned_pf *decide(void)
{
	vf_plan_free(&plan);
	assert_int_equal(vf_plan_make(&plan, &host, &config), 0);
	return plan.count ? &plan.pfs[0] : NULL;
}

static int teardown(void **state)
{
	vf_plan_free(&plan);
	return sriov_teardown(state);
}

static void wish(const char *device, unsigned vfs, uint64_t kept, bool fair)
{
	struct sriov_wish item = { .vfs = vfs, .host = kept, .fair = fair, .source = "/conf:3" };
	const struct sriov_wish *other;
	strcpy(item.device, device);
	assert_int_equal(sriov_wish_add(&config.sriov, &item, &other), 0);
}

static void the_highest_that_is_named(void **state)
{
	(void)state;
	assert_false(config_may_want_vfs(&config));
	assert_null(decide());
	claim(VF(1), "/100.conf:4");
	claim(VF(3), "/101.conf:4");
	assert_true(config_may_want_vfs(&config));
	const struct planned_pf *pf = decide();
	assert_int_equal(pf->stance, STANCE_ACT);
	assert_int_equal(pf->wanted, 3);
	assert_int_equal(pf->enable, 3);
	assert_string_equal(pf->source, "/101.conf:4");
	assert_string_equal(pf->options, "force_probe=46d1");
	assert_int_equal(pf->vf_count, 3);
	assert_string_equal(pf->vfs[1].address, VF(2));
	assert_null(pf->vfs[1].claim);
	assert_string_equal(pf->vfs[2].claim->source, "/101.conf:4");
	assert_int_equal(pf->vfs[0].step, VF_MAKE);
	assert_true(pf->fair);
	assert_true(vf_plan_acts(&plan));
	assert_false(vf_plan_is_met(&plan));
}

static void what_the_file_asks_for(void **state)
{
	(void)state;
	claim(VF(1), "/100.conf:4");
	wish("", 4, 1 << 3 | 1 << 0, false);
	const struct planned_pf *pf = decide();
	assert_int_equal(pf->wanted, 4);
	assert_string_equal(pf->source, "/conf:3");
	assert_true(pf->vfs[3].host);
	assert_false(pf->vfs[0].host); // a guest takes it
	assert_false(pf->fair);
	claim(VF(6), "/102.conf:1");
	assert_int_equal(decide()->wanted, 6);
}

static void other_devices(void **state)
{
	(void)state;
	claim("0000:01:00.1", "/100.conf:4"); // the sound of some graphics card
	claim("0000:00:02.0", "/100.conf:5");
	claim("0000:00:02", "/100.conf:6");
	assert_true(config_may_want_vfs(&config));
	assert_null(decide());
	// A GPU that GVT-g splits.
	claim(VF(1), "/100.conf:7");
	host.gpus.items[0].verdict = GPU_SUPPORTED;
	assert_null(decide());
	// Another GPU is there, no VF.
	host.gpus.items[0].verdict = GPU_TOO_NEW;
	host.gpus.items[1] = host.gpus.items[0];
	strcpy(host.gpus.items[1].address, VF(1));
	host.gpus.count = 2;
	assert_null(decide());
}

static void what_is_there(void **state)
{
	(void)state;
	claim(VF(2), "/100.conf:4");
	bind_xe();
	make_vfs(2);
	const struct planned_pf *pf = decide();
	assert_int_equal(pf->enable, 0);
	assert_int_equal(pf->vfs[1].step, VF_READY);
	assert_true(vf_plan_is_met(&plan));
	host.sriov.gpus[0].vfs[1].driver[0] = '\0';
	assert_int_equal(decide()->vfs[1].step, VF_BIND);
	assert_false(vf_plan_is_met(&plan));
	strcpy(host.sriov.gpus[0].vfs[1].driver, "xe"); // somebody may use it
	assert_int_equal(decide()->vfs[1].step, VF_READY);
	make_vfs(5); // more than are wanted
	assert_true(decide() && vf_plan_is_met(&plan));
	host.sriov.gpus[0].vfs[0].shared = true;
	assert_string_equal(decide()->vfs[0].finding.name, "vf-group");
}

static void too_few_and_too_many(void **state)
{
	(void)state;
	claim(VF(3), "/100.conf:4");
	bind_xe();
	make_vfs(2);
	const struct planned_pf *pf = decide();
	assert_int_equal(pf->enable, 0); // never 0 first, never another number
	assert_int_equal(pf->vfs[2].step, VF_LATER);
	assert_string_equal(pf->vfs[2].finding.name, "vf-later");
	host.sriov.gpus[0].count = 0;
	host.sriov.gpus[0].total = 2;
	pf = decide();
	assert_int_equal(pf->enable, 2);
	assert_int_equal(pf->vfs[2].step, VF_HOPELESS);
	assert_string_equal(finding_get(&pf->vfs[2].finding, VALUE_MOST), "2");
}

static void the_package_of_i915(void **state)
{
	(void)state;
	claim(VF(3), "/100.conf:4");
	host.sriov.drivers.i915_max_vfs = 1;
	assert_string_equal(decide()->options, "enable_guc=3 max_vfs=7");
}

// Each keeps all of them away, with its cause.
static void what_keeps_them_away(void **state)
{
	(void)state;
	claim(VF(1), "/100.conf:4");
	strcpy(host.gpus.items[0].driver, "vfio-pci");
	assert_int_equal(decide()->stance, STANCE_ADMIN);
	assert_string_equal(plan.pfs[0].leave.name, "gpu-taken");
	strcpy(host.gpus.items[0].driver, "i915");
	assert_int_equal(decide()->stance, STANCE_UNABLE);
	assert_int_equal(plan.pfs[0].leave.cause, CAUSE_DRIVER_OTHER);
	host.sriov.drivers.i915_max_vfs = 1;
	assert_int_equal(decide()->stance, STANCE_UNABLE);
	assert_int_equal(plan.pfs[0].leave.cause, CAUSE_I915_STOCK);
	host.sriov.drivers.i915_max_vfs = 0;
	bind_xe();
	host.sriov.gpus[0].total = 0;
	assert_int_equal(decide()->stance, STANCE_UNABLE);
	assert_int_equal(plan.pfs[0].leave.cause, CAUSE_TOTAL_REFUSED);
	host.sriov.gpus[0].bars_missing = true;
	assert_int_equal(decide()->leave.cause, CAUSE_VFS_NO_ROOM);
	host.sriov.xe_max_vfs = 0;
	assert_int_equal(decide()->leave.cause, CAUSE_TOTAL_BY_PARAMETER);
	host.sriov.gpus[0].total = 7;
	host.gpus.items[0].driver[0] = '\0';
	host.sriov.drivers.needs_xe[0].there = 0;
	assert_string_equal(decide()->leave.name, "sriov-firmware");
	host.sriov.drivers.needs_xe[0].there = -EACCES; // nobody knows: the driver says so
	assert_int_equal(decide()->stance, STANCE_ACT);
	host.sriov.gpus[0].group[0] = '\0';
	assert_int_equal(decide()->leave.cause, CAUSE_IOMMU_NOT_OF_GPU);
	host.iommu.unit[0] = '\0';
	assert_int_equal(decide()->leave.cause, CAUSE_IOMMU_NONE);
	config.claims.count = 0; // containers need none
	wish("", 1, 1, true);
	assert_int_equal(decide()->stance, STANCE_ACT);
	host.sriov.xe_state = MODULE_COMING;
	assert_string_equal(decide()->leave.name, "sriov-hung");
}

// The whole plan of a host without mediated devices.
static void modules_and_stance(void **state)
{
	struct plan whole;
	(void)state;
	claim(VF(1), "/100.conf:4");
	assert_int_equal(plan_make(&whole, &host, &config), 0);
	assert_int_equal(whole.stance, STANCE_ACT);
	assert_false(plan_makes_instances(&whole));
	const struct planned_module *last = &whole.modules[whole.module_count - 1];
	assert_string_equal(last->name, "xe");
	assert_string_equal(last->options, "force_probe=46d1");
	assert_string_equal(last->gpu, PF);
	assert_true(last->required && last->for_vfs);
	for (size_t i = 0; i < whole.module_count; i++)
		assert_string_not_equal(whole.modules[i].name, "kvmgt");
	plan_free(&whole);
	host.sriov.gpus[0].capable = false;
	assert_int_equal(plan_make(&whole, &host, &config), 0);
	assert_int_equal(whole.stance, STANCE_UNABLE);
	assert_string_equal(whole.leave.name, "sriov-absent");
	plan_free(&whole);
	host.sriov.gpus[0].hung = true;
	host.sriov.gpus[0].total = -ETIMEDOUT;
	assert_int_equal(plan_make(&whole, &host, &config), 0);
	assert_string_equal(whole.leave.name, "sriov-hung");
	plan_free(&whole);
	config.claims.count = 0;
	assert_int_equal(plan_make(&whole, &host, &config), 0);
	assert_int_equal(whole.stance, STANCE_NOTHING_WANTED);
	plan_free(&whole);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_highest_that_is_named, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_file_asks_for, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(other_devices, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_there, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(too_few_and_too_many, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(the_package_of_i915, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(what_keeps_them_away, sriov_setup, teardown),
		cmocka_unit_test_setup_teardown(modules_and_stance, sriov_setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
