// SPDX-License-Identifier: GPL-2.0-or-later
// The whole job on a small host: what is read, decided, loaded and made, in this order, and what the report says of it.
#include "helper.h"
#include "fake_kernel.h"

#include <sys/mman.h>

#include "act/guard.h"
#include "act/job.h"
#include "act/lock.h"
#include "base/exitcode.h"
#include "base/paths.h"
#include "read/config/config.h"
#include "read/host/made_record.h"
#include "tell/lock_note.h"

#define UUID     "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define INSTANCE "[instance " UUID "]\ntype = i915-GVTg_V5_4\n"
#define DENY     "run/modprobe.d/" GUARD_DENY_NAME
#define ALL_DONE "load vfio; load vfio_iommu_type1; load vfio_pci; load i915; load kvmgt; create " UUID "; "

static const struct tree *tree;
static struct job job;
static bool ready_with_guard; // what stood when the others were told that the worker is ready
static unsigned ready_count;

static bool exists(const char *path)
{
	return faccessat(tree->root.fs, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void ready(struct job *of)
{
	assert_ptr_equal(of, &job);
	assert_string_equal(kernel.done, ""); // nothing that may hang comes before
	ready_with_guard = exists(DENY);
	ready_count++;
}

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	fake_kernel_start(tree);
	tree_put(tree, "etc/gvt-early/gvt-early.conf", INSTANCE);
	uint64_t now = clock_now_us();
	job = (struct job){
		.root = &tree->root,
		.run_name = COMMAND_APPLY,
		.report = -1,
		.guest_lock = -1,
		.started_us = now,
		.deadline_us = now + 60 * USEC_PER_SEC,
		.ready = ready,
	};
	ready_count = 0;
	ready_with_guard = false;
	return 0;
}

static int teardown(void **state)
{
	json_decref(report);
	report = NULL;
	return tree_teardown(state);
}

static void run(int code, const char *state, const char *result)
{
	assert_int_equal(job_run(&job), code);
	assert_int_equal(ready_count, 1);
	report_load(job.early ? "run/gvt-early/report.json" : "run/gvt-early/apply.json");
	assert_string_equal(text_of(report, "state"), state);
	assert_string_equal(text_of(report, "result"), result);
}

static void everything_is_made(void **state)
{
	(void)state;
	run(EXIT_ALL_WELL, "done", "ok");
	assert_string_equal(kernel.done, ALL_DONE);
	assert_instance(0, "created", "");
	assert_has(tree_get(tree, "run/" MADE_FILE), UUID " ");
	assert_false(exists(DENY));
	assert_string_equal(tree_get(tree, "run/" LOCK_FILE), ""); // nobody is named any more
}

// The modules are there from a first one.
static void begin_once_more(void)
{
	kernel.done[0] = '\0';
	kernel.load = LOAD_ALREADY;
	ready_count = 0;
}

static void a_second_run_has_nothing_to_do(void **state)
{
	(void)state;
	run(EXIT_ALL_WELL, "done", "ok");
	begin_once_more();
	run(EXIT_ALL_WELL, "done", "ok");
	assert_lacks(kernel.done, "create");
	assert_instance(0, "existing", "");
}

//
// What is left alone
//

static void nothing_is_wanted(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "");
	run(EXIT_ALL_WELL, "left", "left");
	assert_string_equal(kernel.done, "");
}

static void a_boot_for_repair(void **state)
{
	(void)state;
	tree_put(tree, "proc/cmdline", "quiet single\n");
	run(EXIT_ALL_WELL, "left", "left");
	assert_string_equal(kernel.done, "");
}

static void a_gpu_of_somebody_else(void **state)
{
	(void)state;
	tree_link(tree, "sys/bus/pci/devices/" HOST_GPU "/driver", "../../../bus/pci/drivers/vfio-pci");
	run(EXIT_DEGRADED, "left", "degraded");
	assert_string_equal(kernel.done, "");
	assert_step("gpu-taken", "warning", "vfio-pci");
}

//
// What fails
//

static void a_module_that_is_refused(void **state)
{
	(void)state;
	kernel.load = LOAD_FAILED;
	kernel.load_error = -EINVAL;
	run(EXIT_DEGRADED, "done", "degraded");
	assert_lacks(kernel.done, "kvmgt"); // i915 is needed for it
	assert_lacks(kernel.done, "create");
	assert_step("load vfio", "warning", "(Invalid argument)");
	assert_step("load i915", "failed", "(Invalid argument)");
	assert_string_equal(text_of(step_of("load i915"), "cause"), CAUSE_MODULE_REFUSED);
	assert_string_equal(text_of(step_of("load i915"), "errno"), "EINVAL");
	assert_instance(0, "failed", "i915 is not loaded");
}

static void i915_that_somebody_else_loaded_without_gvt(void **state)
{
	(void)state;
	kernel.load = LOAD_MEANWHILE;
	run(EXIT_DEGRADED, "done", "degraded");
	assert_lacks(kernel.done, "load kvmgt");
	assert_step("gvt-param-off", "failed", "enable_gvt=N");
}

static void a_kernel_that_makes_no_instance(void **state)
{
	(void)state;
	kernel.create_error = -ENOSPC;
	run(EXIT_DEGRADED, "done", "degraded");
	assert_instance(0, "failed", "MiB of aperture");
	assert_string_equal(text_of(step_of("create " UUID), "cause"), CAUSE_CREATE_FAILED);
	assert_string_equal(text_of(step_of("create " UUID), "errno"), "ENOSPC");
	assert_lacks(tree_get(tree, "run/" MADE_FILE), UUID);
}

static void a_kernel_that_only_says_so(void **state)
{
	(void)state;
	kernel.lazy = true;
	run(EXIT_DEGRADED, "done", "degraded");
	assert_instance(0, "failed", "the instance does not exist");
	assert_lacks(tree_get(tree, "run/" MADE_FILE), UUID);
}

// Too late to begin anything: what is wanted stays pending.
static void a_job_that_is_late(void **state)
{
	(void)state;
	job.started_us = clock_now_us() - 100 * USEC_PER_SEC;
	run(EXIT_DEGRADED, "late", "degraded");
	assert_string_equal(kernel.done, "");
	assert_instance(0, "not-made", "");
}

//
// One that is there with another type
//

// By a first run; then something else is wanted.
static void start_with_another_type(void)
{
	run(EXIT_ALL_WELL, "done", "ok");
	begin_once_more();
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[instance " UUID "]\ntype = i915-GVTg_V5_8\n");
	tree_put(tree, "dev/vfio/12", "");
	tree_dir(tree, "proc/1/fd");
}

static void one_of_ours_is_made_anew(void **state)
{
	(void)state;
	start_with_another_type();
	run(EXIT_ALL_WELL, "done", "ok");
	assert_has(kernel.done, "remove " UUID "; create " UUID "; ");
	assert_instance(0, "created", "");
}

static void one_that_is_open_stays(void **state)
{
	(void)state;
	start_with_another_type();
	put_user(tree, 4711, "kvm");
	run(EXIT_DEGRADED, "done", "degraded");
	assert_lacks(kernel.done, "remove");
	assert_lacks(kernel.done, "create");
	assert_instance(0, "conflict", "process 4711 (kvm) has it open");
}

static void one_that_somebody_else_made_stays(void **state)
{
	(void)state;
	start_with_another_type();
	assert_int_equal(unlinkat(tree->root.run, MADE_FILE, 0), 0);
	run(EXIT_DEGRADED, "done", "degraded");
	assert_lacks(kernel.done, "remove");
	assert_instance(0, "conflict", "gvt-early did not create it");
}

//
// Two at once
//

static void assert_busy(const char *text)
{
	job.report = memfd_create("report", 0);
	assert_true(job.report >= 0);
	assert_int_equal(job_run(&job), EXIT_DEGRADED);
	char said[8192] = "";
	assert_true(pread(job.report, said, sizeof(said) - 1, 0) > 0);
	close(job.report);
	assert_has(said, text);
	assert_string_equal(kernel.done, "");
	assert_int_equal(ready_count, 0);                 // what is wanted is read with the lock: it would grow old
	assert_false(exists("run/gvt-early/apply.json")); // that one's report may be in it
}

static void another_one_is_at_work(void **state)
{
	(void)state;
	int lock = lock_take(&tree->root, 0);
	assert_true(lock >= 0);
	uint64_t begun = clock_now_us();
	job.deadline_us = begun + 200 * USEC_PER_MSEC;
	assert_busy("another gvt-early is still running");
	assert_true(clock_now_us() - begun >= 100 * USEC_PER_MSEC); // half of the time it is waited for
	lock_give_back(&lock);
}

// Who was given up on hangs in a driver.
static void another_one_hangs(void **state)
{
	(void)state;
	int lock = lock_take(&tree->root, 0);
	lock_note(lock,
		  &(struct lock_note){ .deadline_us = 1, .step_us = 1, .run_name = COMMAND_BOOT, .step = "load i915" });
	uint64_t begun = clock_now_us();
	assert_busy("has not returned from 'load i915'");
	assert_true(clock_now_us() - begun < 30 * USEC_PER_SEC); // it is not waited for once more
	lock_give_back(&lock);
}

//
// The early stage
//

static void start_early(void)
{
	job.early = true;
	strcpy(job.run_name, COMMAND_BOOT);
	job.joinable = true;
	tree_put(tree, CONFIG_SNAPSHOT, "[snapshot]\nversion = 1\n" INSTANCE);
	tree_put(tree, "run/udev/control", ""); // udev is not waited for
	tree_put(tree, "run/" JOIN_FILE, "");   // and has ended
}

static void the_early_stage_is_guarded(void **state)
{
	(void)state;
	start_early();
	run(EXIT_ALL_WELL, "done", "ok");
	assert_true(ready_with_guard);
	assert_false(exists(DENY));
	assert_string_equal(kernel.done, ALL_DONE);
	assert_string_equal(text_of(report, "i915_loaded_by"), "gvt-early");
	assert_has(tree_get(tree, "run/gvt-early/snapshot.conf"), UUID);
	assert_int_equal(strlen(text_of(report, "snapshot")), UUID_SIZE - 1);
}

static void a_boot_that_is_left_alone_has_no_guard(void **state)
{
	(void)state;
	start_early();
	tree_put(tree, "proc/cmdline", "single\n");
	run(EXIT_ALL_WELL, "left", "left");
	assert_false(ready_with_guard); // nothing is held up in a boot that is left alone
	assert_false(exists(DENY));
	assert_string_equal(kernel.done, "");
}

// Nothing is raised that could hold up a module which is there already.
static void i915_is_there_already(void **state)
{
	(void)state;
	start_early();
	put_drivers(tree);
	kernel.load = LOAD_ALREADY;
	run(EXIT_ALL_WELL, "done", "ok");
	assert_false(ready_with_guard);
	assert_instance(0, "created", "");
}

static void a_guard_does_not_outlive_its_reason(void **state)
{
	(void)state;
	start_early();
	tree_link(tree, "sys/bus/pci/devices/" HOST_GPU "/driver", "../../../bus/pci/drivers/vfio-pci");
	run(EXIT_DEGRADED, "left", "degraded");
	assert_true(ready_with_guard); // before the GPU was looked at
	assert_false(exists(DENY));
}

//
// Virtual functions, for which the kernel that is here has no driver
//

#define LATE "run/modprobe.d/" GUARD_LATE_NAME

static void put_new_gpu(void)
{
	put_function(tree, HOST_GPU, "0x8086", "0x46d1", "0x030000", 256);
	tree_put(tree, "sys/bus/pci/devices/" HOST_GPU "/sriov_totalvfs", "7\n");
}

static void what_the_initrd_lacks_is_left_to_the_service(void **state)
{
	(void)state;
	start_early();
	put_new_gpu();
	tree_put(tree, CONFIG_SNAPSHOT, "[snapshot]\nversion = 1\n[settings]\nlate = yes\n[sriov]\nvfs = 1\n");
	run(EXIT_ALL_WELL, "left", "left");
	assert_true(exists(LATE));
	assert_false(exists(DENY));
	assert_string_equal(kernel.done, "");
	assert_string_equal(text_of(step_of("left-to-service"), "result"), "note");
}

static void without_a_service_nothing_is_kept_away(void **state)
{
	(void)state;
	start_early();
	put_new_gpu();
	tree_put(tree, CONFIG_SNAPSHOT, "[snapshot]\nversion = 1\n[sriov]\nvfs = 1\n");
	run(EXIT_DEGRADED, "left", "degraded");
	assert_false(exists(LATE));
	assert_false(exists(DENY));
}

// Whatever it can do: the GPU gets a driver.
static void the_service_leaves_no_gpu_without_a_driver(void **state)
{
	(void)state;
	put_new_gpu();
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[sriov]\nvfs = 1\n");
	assert_int_equal(guard_hand_over(&tree->root), 0);
	run(EXIT_DEGRADED, "left", "degraded");
	assert_false(exists(LATE));
	assert_string_equal(kernel.done, "load i915; ");
}

static void nor_where_nothing_is_wanted_any_more(void **state)
{
	(void)state;
	put_new_gpu();
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "");
	assert_int_equal(guard_hand_over(&tree->root), 0);
	run(EXIT_ALL_WELL, "left", "left");
	assert_false(exists(LATE));
	assert_string_equal(kernel.done, "load i915; ");
}

//
// The deadline
//

static uint64_t deadline_s(void)
{
	begin_once_more();
	run(EXIT_ALL_WELL, "done", "ok");
	return (job.deadline_us - job.started_us) / USEC_PER_SEC;
}

static void the_command_line_has_the_last_word(void **state)
{
	(void)state;
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "[settings]\ndeadline = 20\n" INSTANCE);
	put_drivers(tree);
	assert_int_equal(deadline_s(), 20);
	tree_put(tree, "proc/cmdline", "gvt_early.deadline=7\n");
	assert_int_equal(deadline_s(), 7);
	tree_put(tree, "proc/cmdline", "gvt_early.deadline=long\n");
	assert_int_equal(deadline_s(), 20);
}

//
// A guest's start
//

#define GUEST_UUID "00000000-0000-0000-0000-000000000100"

static void start_for_guest(const char *line)
{
	job.guest = 100;
	strcpy(job.run_name, RUN_GUEST "100");
	tree_put(tree, "etc/hostname", "pve\n");
	tree_put(tree, "etc/pve/nodes/pve/qemu-server/100.conf", line);
	tree_put(tree, "etc/gvt-early/gvt-early.conf", "");
}

static void a_guest_that_has_it_all_waits_for_nobody(void **state)
{
	(void)state;
	start_for_guest("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n");
	put_drivers(tree);
	put_instance(tree, GUEST_UUID, "i915-GVTg_V5_4");
	int lock = lock_take(&tree->root, 0);
	assert_int_equal(job_run(&job), EXIT_ALL_WELL);
	lock_give_back(&lock);
	report_load("run/gvt-early/guest-100.json");
	assert_instance(0, "existing", "");
	assert_string_equal(kernel.done, "");
}

static void a_guest_gets_its_own(void **state)
{
	(void)state;
	start_for_guest("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n");
	tree_put(tree, "etc/gvt-early/gvt-early.conf", INSTANCE);
	assert_int_equal(job_run(&job), EXIT_ALL_WELL);
	assert_has(kernel.done, "create " GUEST_UUID "; ");
	assert_lacks(kernel.done, UUID);
}

static void a_guest_waits_for_who_is_at_work(void **state)
{
	(void)state;
	start_for_guest("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n");
	int lock = lock_take(&tree->root, 0);
	lock_note(lock,
		  &(struct lock_note){ .deadline_us = 1, .step_us = 1, .run_name = COMMAND_BOOT, .step = "load i915" });
	assert_int_equal(job_run(&job), EXIT_DEGRADED);
	lock_give_back(&lock);
	assert_string_equal(kernel.done, "");
}

static void a_guest_without_a_vgpu(void **state)
{
	(void)state;
	start_for_guest("cores: 2\n");
	assert_int_equal(job_run(&job), EXIT_ALL_WELL);
	assert_string_equal(kernel.done, "");
}

#define job_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		job_test(everything_is_made),
		job_test(a_second_run_has_nothing_to_do),
		job_test(nothing_is_wanted),
		job_test(a_boot_for_repair),
		job_test(a_gpu_of_somebody_else),
		job_test(a_module_that_is_refused),
		job_test(i915_that_somebody_else_loaded_without_gvt),
		job_test(a_kernel_that_makes_no_instance),
		job_test(a_kernel_that_only_says_so),
		job_test(a_job_that_is_late),
		job_test(one_of_ours_is_made_anew),
		job_test(one_that_is_open_stays),
		job_test(one_that_somebody_else_made_stays),
		job_test(another_one_is_at_work),
		job_test(another_one_hangs),
		job_test(the_early_stage_is_guarded),
		job_test(a_boot_that_is_left_alone_has_no_guard),
		job_test(i915_is_there_already),
		job_test(a_guard_does_not_outlive_its_reason),
		job_test(what_the_initrd_lacks_is_left_to_the_service),
		job_test(without_a_service_nothing_is_kept_away),
		job_test(the_service_leaves_no_gpu_without_a_driver),
		job_test(nor_where_nothing_is_wanted_any_more),
		job_test(the_command_line_has_the_last_word),
		job_test(a_guest_that_has_it_all_waits_for_nobody),
		job_test(a_guest_gets_its_own),
		job_test(a_guest_waits_for_who_is_at_work),
		job_test(a_guest_without_a_vgpu),
	};
	return run_group(tests);
}
