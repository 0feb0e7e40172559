// SPDX-License-Identifier: GPL-2.0-or-later
// Instances that go and that are made, with Proxmox VE at work beside, and when the initrd's udev has not ended yet.
#include "helper.h"
#include "fake_kernel.h"

#include <sys/file.h>

#include "act/job_state.h"

#define UUID       "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define GUEST_UUID "00000000-0000-0000-0000-000000000100"
#define GUEST_LOCK "run/lock/qemu-server/lock-100.conf"

static const struct tree *tree;
static struct job job;
static struct job_state job_state;
static struct planned_instance planned;
static struct planned_removal removal;
static struct wanted wanted;

// One instance is wanted, on a host that has its drivers.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	fake_kernel_start(tree);
	put_drivers(tree);
	tree_dir(tree, "proc/1/fd");
	job = (struct job){ .root = &tree->root,
			    .run_name = COMMAND_APPLY,
			    .report = -1,
			    .guest_lock = -1,
			    .started_us = clock_now_us() };
	job.deadline_us = job.started_us + 60 * USEC_PER_SEC;
	wanted = (struct wanted){ .uuid = UUID, .type = "i915-GVTg_V5_4", .source = "/etc/x:1" };
	planned = (struct planned_instance){ .wanted = &wanted, .parent = HOST_GPU, .step = INSTANCE_CREATE };
	job_state = (struct job_state){ .job = &job, .root = &tree->root, .udev = -1, .given_us = 60 * USEC_PER_SEC };
	job_state.plan = (struct plan){ .stance = STANCE_ACT, .instances = &planned, .instance_count = 1 };
	return 0;
}

static int teardown(void **state)
{
	host_free(&job_state.host);
	json_decref(report);
	report = NULL;
	return tree_teardown(state);
}

static void read_host(void)
{
	assert_int_equal(host_read(&job_state.host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE,
				   HOST_UNBOUNDED),
			 0);
}

static void make(void)
{
	if (!host_was_read(&job_state.host, HOST_STATE))
		read_host();
	job_state.report = report_new(&tree->root, job.run_name, job.deadline_us, -1);
	report_publish(job_state.report);
	report_plan(job_state.report, &job_state.plan, &job_state.host);
	job_make_instances(&job_state);
	report_finish(job_state.report, "done");
	report_free(job_state.report);
	report_load("run/gvt-early/apply.json");
	assert_int_equal(job.guest_lock, -1); // none is kept
}

// It is there with another type, is ours, and goes.
static void plan_removal(const char *uuid, const struct wanted *instead)
{
	put_instance(tree, uuid, "i915-GVTg_V5_8");
	struct instance_list list;
	instance_list_read(&list, &tree->root);
	removal = (struct planned_removal){ .instance = *instance_list_find(&list, uuid), .wanted = instead };
	job_state.plan.removals = &removal;
	job_state.plan.removal_count = 1;
	planned.step = INSTANCE_REMAKE;
}

static void one_is_made(void **state)
{
	(void)state;
	make();
	assert_string_equal(kernel.done, "create " UUID "; ");
	assert_instance(0, "created", "");
	assert_step("create " UUID, "ok", "i915-GVTg_V5_4 on " HOST_GPU ", for /etc/x:1");
	assert_int_equal(job_state.host.made.count, 1);
}

static void somebody_else_was_faster(void **state)
{
	(void)state;
	strcpy(wanted.uuid, GUEST_UUID);
	tree_dir(tree, "run/lock/qemu-server");
	read_host();
	put_instance(tree, GUEST_UUID, "i915-GVTg_V5_4");
	make();
	assert_string_equal(kernel.done, "");
	assert_instance(0, "existing", "");
	assert_int_equal(job_state.host.made.count, 0); // it is not ours
}

static void one_without_a_driver(void **state)
{
	(void)state;
	kernel.undriven = true;
	make();
	assert_instance(0, "created", "no driver is bound to it");
	assert_string_equal(text_of(step_of("create " UUID), "cause"), CAUSE_NO_DRIVER);
}

static void no_room_and_a_guest(void **state)
{
	(void)state;
	strcpy(wanted.uuid, GUEST_UUID);
	kernel.create_error = -ENOSPC;
	make();
	assert_instance(0, "failed", "guest 100 cannot start until there is room");
}

// What cannot be made is told, and not tried.
static void not_to_be_made(void **state)
{
	(void)state;
	planned.step = INSTANCE_CONFLICT;
	finding_make(&planned.finding, "instance-conflict", SEVERITY_WARNING, CAUSE_PROBLEM);
	finding_value(&planned.finding, VALUE_PROBLEM, "another one is there");
	make();
	assert_instance(0, "conflict", "another one is there");
	planned.step = INSTANCE_HOPELESS;
	make();
	assert_instance(0, "failed", "another one is there");
	planned.step = INSTANCE_EXISTS;
	make();
	assert_instance(0, "existing", "");
	assert_string_equal(kernel.done, "");
}

static void the_next_parent_is_tried(void **state)
{
	(void)state;
	strcpy(planned.others[0], HOST_GPU);
	planned.other_count = 1;
	kernel.create_error = -ENODEV;
	make();
	assert_string_equal(kernel.done, "create " UUID "; create " UUID "; ");
}

static void one_is_removed_and_made_anew(void **state)
{
	(void)state;
	plan_removal(UUID, &wanted);
	tree_put(tree, "dev/vfio/12", "");
	make();
	assert_string_equal(kernel.done, "remove " UUID "; create " UUID "; ");
	assert_step("remove " UUID, "ok", "now wanted with another type or parent");
	assert_instance(0, "created", "");
}

static void one_that_nobody_wants(void **state)
{
	(void)state;
	plan_removal(GUEST_UUID, NULL);
	tree_put(tree, "dev/vfio/12", "");
	job_state.plan.instance_count = 0;
	make();
	assert_string_equal(kernel.done, "remove " GUEST_UUID "; ");
	assert_step("remove " GUEST_UUID, "ok", "no longer wanted");
}

// Its VFIO group cannot be held: somebody may have it open, whatever /proc says.
static void one_that_cannot_be_held_stays(void **state)
{
	(void)state;
	plan_removal(UUID, &wanted);
	make();
	assert_string_equal(kernel.done, "");
	assert_instance(0, "conflict", "it is unknown whether a process has it open");
}

// Proxmox VE has removed it, and made another one with the same UUID.
static void one_that_is_another_by_now(void **state)
{
	(void)state;
	plan_removal(UUID, NULL);
	removal.instance.id++;
	job_state.plan.instance_count = 0;
	tree_put(tree, "dev/vfio/12", "");
	make();
	assert_string_equal(kernel.done, "");
}

static void proxmox_is_starting_the_guest(void **state)
{
	(void)state;
	strcpy(wanted.uuid, GUEST_UUID);
	tree_put(tree, GUEST_LOCK, "");
	CLEANUP_CLOSE int lock = openat(tree->root.fs, GUEST_LOCK, O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	make();
	assert_string_equal(kernel.done, "");
	assert_instance(0, "busy", "starting or stopping guest 100");
	plan_removal(GUEST_UUID, &wanted);
	read_host();
	make();
	assert_string_equal(kernel.done, "");
	assert_instance(0, "conflict", "starting or stopping guest 100");
}

// Nothing is begun when it is over.
static void too_late(void **state)
{
	(void)state;
	job.deadline_us = 1;
	job_state.given_us = 0;
	make();
	assert_string_equal(kernel.done, "");
	assert_instance(0, "not-made", "");
}

//
// The early stage
//

static void start_early(void)
{
	job.early = true;
	job.joinable = true;
	tree_put(tree, CONFIG_SNAPSHOT, "");
}

static void after_the_join(void **state)
{
	(void)state;
	start_early();
	tree_put(tree, "run/" JOIN_FILE, "");
	job.deadline_us = 1; // the root took its time: that does not count
	make();
	assert_string_equal(kernel.done, "create " UUID "; ");
	assert_true(job.deadline_us >= clock_now_us());
	assert_true(job.deadline_us <= clock_now_us() + JOIN_LEAST_US);
	assert_step("wait for initrd udev", "ok", "it has exited");
}

static void the_initrd_has_gone(void **state)
{
	(void)state;
	start_early();
	assert_int_equal(unlinkat(tree->root.fs, CONFIG_SNAPSHOT, 0), 0);
	make();
	assert_string_equal(kernel.done, "create " UUID "; ");
	assert_step("wait for initrd udev", "note", "the initrd ended without");
}

static void nobody_can_say_when(void **state)
{
	(void)state;
	start_early();
	job.joinable = false;
	make();
	assert_string_equal(kernel.done, "create " UUID "; ");
	assert_step("wait for initrd udev", "note", "/run is not writable");
}

static void without_anything_to_make_nobody_waits(void **state)
{
	(void)state;
	start_early();
	planned.step = INSTANCE_EXISTS;
	tree_put(tree, "run/" JOIN_FILE, "");
	make();
	assert_null(step_of("wait for initrd udev"));
}

#define instances_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		instances_test(one_is_made),
		instances_test(somebody_else_was_faster),
		instances_test(one_without_a_driver),
		instances_test(no_room_and_a_guest),
		instances_test(not_to_be_made),
		instances_test(the_next_parent_is_tried),
		instances_test(one_is_removed_and_made_anew),
		instances_test(one_that_nobody_wants),
		instances_test(one_that_cannot_be_held_stays),
		instances_test(one_that_is_another_by_now),
		instances_test(proxmox_is_starting_the_guest),
		instances_test(too_late),
		instances_test(after_the_join),
		instances_test(the_initrd_has_gone),
		instances_test(nobody_can_say_when),
		instances_test(without_anything_to_make_nobody_waits),
	};
	return run_group(tests);
}
