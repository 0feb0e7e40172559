// SPDX-License-Identifier: GPL-2.0-or-later
// Virtual functions that are made and bound: the order of what is written, and what the kernel's answers come to.
#include "helper.h"
#include "host_tree.h"

#include <jansson.h>

#include "act/job_state.h"
#include "act/vf_write.h"

#define VF(n)    "0000:00:02." #n
#define DEVICE   "sys/bus/pci/devices/" HOST_GPU
#define DEADLINE (2 * USEC_PER_SEC)

static const struct tree *tree;
static struct job job;
static struct job_state job_state;
static json_t *report;

// The kernel: what it answers, and what it was asked for.
static struct {
	int enable_error;
	unsigned busy;   // so many times before that
	unsigned made;   // VFs that appear; as many as are asked for where it is 0
	bool binds_none; // no driver takes a VF
	bool slow;       // the driver binds the GPU when it is waited for
	char done[1024];
} kernel;

static void note(const char *format, ...) PRINTF(1, 2);
static void note(const char *format, ...)
{
	size_t used = strlen(kernel.done);
	va_list args;
	va_start(args, format);
	vsnprintf(kernel.done + used, sizeof(kernel.done) - used, format, args);
	va_end(args);
}

int __wrap_vf_autoprobe(const struct root *root, const char *pf, bool on);
int __wrap_vf_autoprobe(const struct root *root, const char *pf, bool on)
{
	(void)root;
	assert_string_equal(pf, HOST_GPU);
	note("autoprobe %d; ", on);
	return 0;
}

static void put_vf(unsigned number)
{
	char path[128], target[64];
	snprintf(path, sizeof(path), "0000:00:02.%u", number);
	put_function(tree, path, "0x8086", "0x46d1", "0x030000", 256);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/0000:00:02.%u/physfn", number);
	tree_link(tree, path, "../" HOST_GPU);
	snprintf(path, sizeof(path), DEVICE "/virtfn%u", number - 1);
	snprintf(target, sizeof(target), "../0000:00:02.%u", number);
	tree_link(tree, path, target);
}

int __wrap_vf_enable(const struct root *root, const char *pf, unsigned count);
int __wrap_vf_enable(const struct root *root, const char *pf, unsigned count)
{
	(void)root, (void)pf;
	note("enable %u; ", count);
	if (kernel.busy > 0) {
		kernel.busy--;
		return -EBUSY;
	}
	for (unsigned i = 1; kernel.enable_error == 0 && i <= (kernel.made ? kernel.made : count); i++)
		put_vf(i);
	return kernel.enable_error;
}

int __wrap_vf_bind(const struct root *root, const char *vf, const char *driver);
int __wrap_vf_bind(const struct root *root, const char *vf, const char *driver)
{
	char path[128], target[64];
	(void)root;
	note("bind %s %s; ", vf + strlen("0000:"), driver ? driver : "any");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", vf);
	snprintf(target, sizeof(target), "../../drivers/%s", driver ? driver : "xe");
	if (!kernel.binds_none)
		tree_link(tree, path, target);
	return 0;
}

int __wrap_sriov_set_profile(const struct root *root, const char *pf, unsigned number, const char *attribute,
			     unsigned value);
int __wrap_sriov_set_profile(const struct root *root, const char *pf, unsigned number, const char *attribute,
			     unsigned value)
{
	(void)root, (void)pf;
	note("vf%u %s %u; ", number, attribute, value);
	return 0;
}

// The kernel has xe, which knows max_vfs; its i915 does not.
void __wrap_module_policy_read(struct module_policy *policy, struct modules *modules, const char *name);
void __wrap_module_policy_read(struct module_policy *policy, struct modules *modules, const char *name)
{
	(void)modules, (void)name;
	*policy = (struct module_policy){ .available = true };
}

int __wrap_module_has_parameter(struct modules *modules, const char *name, const char *parameter);
int __wrap_module_has_parameter(struct modules *modules, const char *name, const char *parameter)
{
	(void)modules, (void)parameter;
	return streq(name, "xe");
}

// xe has the GPU, and there are no VFs yet.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	memset(&kernel, 0, sizeof(kernel));
	put_host(tree);
	put_module_index(tree);
	tree_put(tree, "proc/sys/kernel/osrelease", "6.18.9\n");
	put_function(tree, HOST_GPU, "0x8086", "0x46d1", "0x030000", 256);
	tree_put(tree, DEVICE "/sriov_totalvfs", "7\n");
	tree_put(tree, DEVICE "/sriov_offset", "1\n");
	tree_put(tree, DEVICE "/sriov_stride", "1\n");
	tree_put(tree, DEVICE "/sriov_drivers_autoprobe", "1\n");
	tree_link(tree, DEVICE "/iommu_group", "../../../../kernel/iommu_groups/0");
	tree_put(tree, "sys/module/xe/initstate", "live\n");
	tree_put(tree, "sys/module/xe/parameters/max_vfs", "7\n");
	tree_link(tree, DEVICE "/driver", "../../drivers/xe");
	tree_put(tree, "lib/firmware/i915/tgl_guc_70.bin", "x");
	job = (struct job){ .root = &tree->root,
			    .run_name = COMMAND_APPLY,
			    .report = -1,
			    .guest_lock = -1,
			    .started_us = clock_now_us() };
	job.deadline_us = job.started_us + DEADLINE;
	job_state = (struct job_state){ .job = &job, .root = &tree->root, .udev = -1, .given_us = DEADLINE };
	config_init(&job_state.config);
	whole_gpu_add(&job_state.config.claims, VF(1), "/100.conf:1");
	whole_gpu_add(&job_state.config.claims, VF(3), "/101.conf:1");
	return 0;
}

static int teardown(void **state)
{
	plan_free(&job_state.plan);
	config_free(&job_state.config);
	host_free(&job_state.host);
	json_decref(report);
	report = NULL;
	return tree_teardown(state);
}

static void make(void)
{
	plan_free(&job_state.plan);
	assert_int_equal(host_read(&job_state.host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE,
				   HOST_UNBOUNDED),
			 0);
	assert_int_equal(plan_make(&job_state.plan, &job_state.host, &job_state.config), 0);
	job_state.report = report_new(&tree->root, job.run_name, job.deadline_us, -1);
	report_publish(job_state.report);
	report_plan(job_state.report, &job_state.plan, &job_state.host);
	assert_int_equal(job_make_vfs(&job_state), 0);
	report_finish(job_state.report, "done");
	report_free(job_state.report);
	json_decref(report);
	report = json_loads(tree_get(tree, "run/gvt-early/apply.json"), 0, NULL);
	assert_non_null(report);
}

static const char *vf_text(size_t index, const char *key)
{
	const char *text =
		json_string_value(json_object_get(json_array_get(json_object_get(report, "vfs"), index), key));
	return text ? text : "";
}

// The last step that has a name.
static const json_t *step_of(const char *name)
{
	size_t index;
	json_t *step, *found = NULL;
	json_array_foreach(json_object_get(report, "steps"), index, step)
	{
		if (streq(json_string_value(json_object_get(step, "name")), name))
			found = step;
	}
	assert_non_null(found);
	return found;
}

static const char *step_text(const char *name, const char *key)
{
	const char *text = json_string_value(json_object_get(step_of(name), key));
	return text ? text : "";
}

#define PROFILE(n) "vf" #n " exec_quantum_ms 25; vf" #n " preempt_timeout_us 500000; "

static void all_at_once_then_one_by_one(void **state)
{
	(void)state;
	tree_dir(tree, DEVICE "/sriov_admin");
	make();
	assert_string_equal(kernel.done,
			    "autoprobe 0; enable 3; autoprobe 1; bind 00:02.1 vfio-pci; "
			    "bind 00:02.2 vfio-pci; bind 00:02.3 vfio-pci; " PROFILE(1) PROFILE(2) PROFILE(3));
	assert_string_equal(vf_text(0, "result"), "created");
	assert_string_equal(vf_text(2, "driver"), "vfio-pci");
	assert_string_equal(vf_text(2, "source"), "/101.conf:1");
	assert_string_equal(json_string_value(json_object_get(report, "result")), "ok");
	// A second run changes nothing.
	kernel.done[0] = '\0';
	make();
	assert_string_equal(kernel.done, "");
	assert_string_equal(vf_text(2, "result"), "existing");
}

static void the_hosts_own(void **state)
{
	(void)state;
	struct sriov_wish wish = { .vfs = 3, .host = 1 << 1, .source = "/conf:1" };
	const struct sriov_wish *other;
	assert_int_equal(sriov_wish_add(&job_state.config.sriov, &wish, &other), 0);
	tree_dir(tree, DEVICE "/sriov_admin");
	make();
	assert_string_equal(kernel.done,
			    "autoprobe 0; enable 3; autoprobe 1; bind 00:02.1 vfio-pci; "
			    "bind 00:02.2 any; bind 00:02.3 vfio-pci; "); // scheduling is left to the driver
	assert_string_equal(vf_text(1, "driver"), "xe");
}

static void one_that_is_busy_at_first(void **state)
{
	(void)state;
	kernel.busy = 2;
	make();
	assert_string_equal(vf_text(0, "result"), "created");
	kernel.done[strlen("autoprobe 0; enable 3; enable 3; enable 3; autoprobe 1; ")] = '\0';
	assert_string_equal(kernel.done, "autoprobe 0; enable 3; enable 3; enable 3; autoprobe 1; ");
}

static void one_that_stays_busy(void **state)
{
	(void)state;
	kernel.busy = 100000;
	make();
	assert_string_equal(vf_text(0, "result"), "failed");
	assert_string_equal(step_text("enable VFs of " HOST_GPU, "result"), "failed");
	assert_string_equal(step_text("enable VFs of " HOST_GPU, "errno"), "EBUSY");
	assert_non_null(strstr(kernel.done, "enable 3; autoprobe 1; ")); // whatever happened
	assert_true(clock_now_us() - job.started_us < 2 * DEADLINE);
}

static void what_the_kernel_answers(void **state)
{
	(void)state;
	kernel.enable_error = -ENOMEM;
	make();
	assert_string_equal(kernel.done, "autoprobe 0; enable 3; autoprobe 1; ");
	assert_non_null(strstr(vf_text(2, "detail"), "no room for their memory"));
	assert_string_equal(json_string_value(json_object_get(report, "result")), "degraded");
}

static void fewer_than_asked_for(void **state)
{
	(void)state;
	kernel.made = 2;
	make();
	assert_string_equal(vf_text(0, "result"), "created"); // what is there is bound
	assert_string_equal(vf_text(2, "result"), "failed");
	assert_non_null(strstr(step_text("enable VFs of " HOST_GPU, "detail"), "2 of 3"));
}

static void no_driver_for_a_vf(void **state)
{
	(void)state;
	kernel.binds_none = true;
	make();
	assert_string_equal(vf_text(0, "result"), "failed");
	assert_string_equal(step_text("bind " VF(3), "result"), "warning");
}

static void no_driver_for_the_gpu(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree->root.fs, DEVICE "/driver", 0), 0);
	make();
	assert_string_equal(kernel.done, "");
	assert_string_equal(step_text("wait for driver of " HOST_GPU, "result"), "failed");
	assert_string_equal(vf_text(0, "result"), "failed");
}

static void a_driver_that_refuses(void **state)
{
	(void)state;
	make();
	tree_put(tree, DEVICE "/sriov_totalvfs", "0\n");
	tree_put(tree, DEVICE "/resource", ""); // nothing is known of room for VFs
	kernel.done[0] = '\0';
	for (int i = 0; i < 3; i++) {
		char path[128];
		snprintf(path, sizeof(path), DEVICE "/virtfn%d", i);
		assert_int_equal(unlinkat(tree->root.fs, path, 0), 0);
	}
	make();
	assert_string_equal(kernel.done, "");
	assert_non_null(strstr(vf_text(0, "detail"), "sriov_totalvfs is 0"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_at_once_then_one_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(the_hosts_own, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_busy_at_first, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_stays_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_kernel_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(fewer_than_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(no_driver_for_a_vf, setup, teardown),
		cmocka_unit_test_setup_teardown(no_driver_for_the_gpu, setup, teardown),
		cmocka_unit_test_setup_teardown(a_driver_that_refuses, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
