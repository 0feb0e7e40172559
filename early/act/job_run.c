// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/job_state.h"

#include <errno.h>
#include <stdio.h>

#include "act/guard.h"
#include "act/lock.h"
#include "act/snapshot_copy.h"
#include "act/udev_wait.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "decide/gvt_rules.h"
#include "read/boot/past_run.h"
#include "read/config/wanted_sources.h"
#include "read/host/hibernation.h"
#include "tell/lock_note.h"
#include "tell/words.h"

// The deadline of the kernel command line overrides the configured one.
static void take_settings(struct job_state *state)
{
	const struct cmdline *cmdline = &state->host.cmdline;
	const struct cmdline_word *debug = cmdline_setting(cmdline, "debug");
	const struct cmdline_word *deadline = cmdline_setting(cmdline, "deadline");
	unsigned seconds = state->config.settings.deadline_s;

	log_set_debug(state->config.settings.debug || (debug && kernel_bool(debug->value) == 1));
	if (deadline && (!deadline->value || config_parse_deadline(deadline->value, &seconds) < 0))
		log_line(LOG_ERR, "cmdline: %s=%s is not a number from %d to %d; using %u", deadline->name,
			 deadline->value ? deadline->value : "", DEADLINE_MIN_S, DEADLINE_MAX_S, seconds);
	state->given_us = seconds * USEC_PER_SEC;
	state->job->deadline_us = state->job->started_us + state->given_us;
	report_deadline(state->report, state->job->deadline_us);
}

static void tell_messages(struct job_state *state, const char *name, enum severity severity,
			  const struct message *messages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct finding finding;
		finding_make(&finding, name, severity, CAUSE_PROBLEM);
		finding_value(&finding, VALUE_PROBLEM, "%s", messages[i].text);
		finding_value(&finding, VALUE_PROBLEM_FIX, "%s", messages[i].fix);
		report_finding(state->report, &finding);
	}
}

static void tell_config(struct job_state *state)
{
	const struct config *config = &state->config;
	tell_messages(state, state->job->guest ? "guest" : "config", SEVERITY_WARNING, config->problems,
		      config->problem_count);
	tell_messages(state, "sources", SEVERITY_HINT, config->warnings.items, config->warnings.count);
}

static void publish(struct job_state *state)
{
	report_publish(state->report);
	state->job->published = true;
}

static bool take_loader(struct job_state *state, const char *run_name)
{
	return past_run_read_text(state->root, run_name, "i915_loaded_by", state->loader, sizeof(state->loader)) == 0 &&
		state->loader[0];
}

// An earlier run of this boot knows better who loaded i915. Call this before the report of this run replaces that of
// another run.
static void read_loader(struct job_state *state)
{
	CLEANUP_FREE char **names = NULL;
	char run_name[RUN_NAME_SIZE];
	if (take_loader(state, COMMAND_BOOT) || take_loader(state, COMMAND_APPLY))
		return;
	int count = dir_names(state->root->run, STATE_DIR, &names);
	for (int i = 0; i < count; i++)
		if (starts_with(names[i], RUN_GUEST) && strlen(names[i]) < sizeof(run_name)) {
			snprintf(run_name, sizeof(run_name), "%.*s", (int)strcspn(names[i], "."), names[i]);
			if (take_loader(state, run_name))
				return;
		}
}

// Only an instance that we created may be removed, and only if no process has it open.
static void read_users(struct job_state *state)
{
	if (!state->job->early && state->host.made.count > 0 && state->host.instances.count > 0)
		(void)!host_read(&state->host, state->root, HOST_USERS, HOST_UNBOUNDED);
}

// After the modules: the verdict, the plan once more with what is there now, and the instances.
static int verify_and_make(struct job_state *state)
{
	int r = job_make_vfs(state);
	if (r < 0 || !plan_makes_instances(&state->plan))
		return r;
	report_read_step(state->report, "read host again");
	job_read_state(state);
	read_users(state);
	struct finding verdict;
	gvt_judge_types(&verdict, &state->host);
	report_finding(state->report, &verdict);

	struct plan plan;
	r = plan_make(&plan, &state->host, &state->config);
	if (r < 0)
		return r;
	if (verdict.severity < SEVERITY_WARNING && plan.stance != STANCE_ACT) {
		verdict = plan.leave; // the host has changed meanwhile: another driver took the GPU, for example
		report_finding(state->report, &verdict);
	}
	if (verdict.severity >= SEVERITY_WARNING) {
		char text[SENTENCE_SIZE];
		finding_text(&verdict, text, sizeof(text));
		plan_free(&plan);
		for (size_t i = 0; i < state->plan.instance_count; i++)
			report_instance(state->report, i, "failed", text);
		return 0;
	}
	plan_free(&state->plan);
	state->plan = plan;
	job_make_instances(state);
	return 0;
}

// A guest's start depends on it: it ignores the mistakes of others; its own mistakes are reported as the reason why it
// cannot start.
static int exit_code(const struct job_state *state)
{
	if (state->config.problem_count > 0 && !state->job->guest)
		return EXIT_BAD_INPUT;
	return report_severity(state->report) >= SEVERITY_WARNING ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

// Reads what is wanted on the running host; in the initrd the snapshot says it.
static int read_sources(struct job_state *state)
{
	struct job *job = state->job;
	char unread[GUEST_TEXT_SIZE] = "";
	if (!job->guest)
		return sources_add_guests(&state->config, state->root, job_half_time(state), false);
	int r = sources_take_guest(&state->config, state->root, job_half_time(state), job->guest, unread,
				   sizeof(unread));
	if (unread[0])
		log_line(LOG_WARNING, "guest %u: its vGPUs cannot be read (%s): nothing is checked or created",
			 job->guest, unread);
	return r;
}

// Prepares what must exist before udev starts, and no more: the boot waits for it. Returns 1 to go on, 0 to leave, or a
// negative errno.
static int prepare(struct job_state *state)
{
	struct job *job = state->job;
	int r = host_read(&state->host, state->root, HOST_WORDS, HOST_UNBOUNDED);
	if (r < 0)
		return r;
	report_host(state->report, &state->host);
	r = config_read(&state->config, state->root, job->early);
	if (r < 0)
		return r;
	take_settings(state);
	if (!job->early) {
		report_read_step(state->report, "read guests");
		r = read_sources(state);
	}
	if (r < 0)
		return r;
	// A guest may start all the same: this is decided after everything has been read.
	if (plan_leaves_boot(&state->plan, &state->host, &state->config) &&
	    !(job->guest && state->config.wanted.count > 0)) {
		tell_config(state);
		report_finding(state->report, &state->plan.leave);
		return 0;
	}
	if (job->early && state->host.i915_state != MODULE_LIVE) {
		r = guard_raise(state->root, config_may_want_vfs(&state->config));
		if (r < 0)
			log_line(LOG_WARNING,
				 "guard: /run/modprobe.d/" GUARD_DENY_NAME
				 " cannot be written (%s): a hung i915 would block udev too",
				 strerror(-r));
	}
	return 1;
}

// What the initrd lacks for VFs the root may have: then the drivers wait for the late stage.
static void hand_over(struct job_state *state)
{
	struct finding *leave = &state->plan.leave;
	bool lacks = leave->cause == CAUSE_XE_ABSENT || leave->cause == CAUSE_SRIOV_KERNEL_OLD ||
		leave->cause == CAUSE_FIRMWARE_ABSENT || leave->cause == CAUSE_MODULES_UNFOUND;
	if (state->plan.vfs.count == 0 || !lacks || !state->config.settings.late)
		return;
	int r = guard_hand_over(state->root);
	if (r < 0) {
		log_line(LOG_WARNING, "guard: /run/modprobe.d/" GUARD_LATE_NAME " cannot be written: %s", strerror(-r));
		return;
	}
	finding_wrap(leave, "left-to-service", CAUSE_LEFT_TO_SERVICE);
	leave->severity = SEVERITY_HINT;
}

// The late stage has what the early one left to it. A GPU without any driver gets the kernel's own: the host shall have
// its display.
static void take_over(struct job_state *state)
{
	int error = 0;
	if (state->job->early || !guard_is_handed_over(state->root))
		return;
	guard_take_over(state->root);
	report_flush(state->report);
	// Where nothing is wanted any more, the hardware was not looked at yet.
	unsigned parts = host_was_read(&state->host, HOST_GPUS | HOST_KERNEL) ? 0U : HOST_GPUS | HOST_KERNEL;
	if (host_read(&state->host, state->root, parts | HOST_STATE, HOST_UNBOUNDED) < 0 || !state->host.modules)
		return;
	for (size_t i = 0; i < state->host.gpus.count; i++) {
		const struct gpu *gpu = &state->host.gpus.items[i];
		if (!gpu->platform || gpu->driver[0] || module_state(state->root, "i915") != MODULE_NOT_LOADED)
			continue;
		report_begin(state->report, "load i915");
		enum load_result r = module_load(state->host.modules, state->root, "i915", NULL, &error);
		report_end(state->report, SEVERITY_HINT, r == LOAD_DONE ? "%s has no other driver" : "%s has no driver",
			   gpu->address);
	}
}

// Everything else before the modules. The job may still do nothing in this boot; until then the deny list keeps udev
// from loading i915 for some milliseconds, in which udev has not reached the GPU yet. Returns as prepare().
static int decide(struct job_state *state)
{
	report_read_step(state->report, "read host");
	int r = host_read(&state->host, state->root, HOST_GPUS | HOST_KERNEL | HOST_STATE, HOST_UNBOUNDED);
	if (r < 0)
		return r;
	read_users(state);
	plan_free(&state->plan);
	r = plan_make(&state->plan, &state->host, &state->config);
	if (r < 0)
		return r;
	tell_config(state);
	if (state->plan.stance == STANCE_ACT)
		return 1;
	if (state->job->guest)
		state->plan.leave.severity =
			plan_may_start(&state->host, &state->config) ? SEVERITY_HINT : SEVERITY_FAILED;
	if (state->job->early) {
		hand_over(state);
		guard_lower(state->root);
	}
	report_finding(state->report, &state->plan.leave);
	return 0;
}

// Keeps a copy of the snapshot for "check", which compares it with what is wanted later.
static void keep_snapshot(struct job_state *state)
{
	char id[CONTENT_ID_SIZE];
	int r = snapshot_copy(state->root, id);
	report_snapshot(state->report, id);
	if (r < 0)
		log_line(LOG_DEBUG, "snapshot: cannot be copied to /run: %s", strerror(-r));
}

// Does nothing in a boot that resumes from hibernation. The device appears while udev works. Returns 1 to go on, 0 to
// leave, or a negative errno.
static int look_for_image(struct job_state *state)
{
	struct job *job = state->job;
	const struct cmdline_word *word = cmdline_last(&state->host.cmdline, "resume");
	if (!job->resume && word && !cmdline_flag(&state->host.cmdline, "noresume"))
		job->resume = word->value; // a systemd initrd uses it too
	if (!job->early || !job->resume || !*job->resume)
		return 1;
	report_begin(state->report, "hibernation");
	int r = hibernation_image(state->root, job->resume, job_half_time(state));
	if (r < 0)
		report_end(state->report, SEVERITY_HINT, "%s cannot be read: %s; going on", job->resume,
			   r == -ENODEV ? "it did not appear in time" : strerror(-r));
	else
		report_end(state->report, SEVERITY_OK, "%s holds %s hibernation image", job->resume, r ? "a" : "no");
	if (r <= 0)
		return 1;

	snprintf(state->host.hibernated, sizeof(state->host.hibernated), "%s", job->resume);
	plan_free(&state->plan);
	r = plan_make(&state->plan, &state->host, &state->config);
	if (r == 0)
		report_finding(state->report, &state->plan.leave);
	return r;
}

static bool all_there(const struct plan *plan)
{
	for (size_t i = 0; i < plan->instance_count; i++)
		if (plan->instances[i].step != INSTANCE_EXISTS)
			return false;
	return vf_plan_is_met(&plan->vfs);
}

// Explains why the lock is taken: a run keeps the lock for as long as a driver hangs in it.
static void explain_busy(const struct lock_holder *holder, struct finding *finding)
{
	uint64_t since_s = (clock_now_us() - holder->step_us) / USEC_PER_SEC;
	bool hangs = clock_left_ms(holder->deadline_us) == 0;
	finding_make(finding, "busy", SEVERITY_FAILED,
		     !holder->pid    ? CAUSE_BUSY
			     : hangs ? CAUSE_BUSY_HUNG
				     : CAUSE_BUSY_AT);
	if (!holder->pid)
		return;
	if (starts_with(holder->run_name, RUN_GUEST)) {
		finding_open(finding, VALUE_RUN, PART_RUN_GUEST);
		finding_value(finding, VALUE_GUEST, "%.10s", holder->run_name + strlen(RUN_GUEST));
		finding_close(finding);
	} else {
		finding_part(finding, VALUE_RUN,
			     streq(holder->run_name, COMMAND_BOOT) ? PART_RUN_EARLY : PART_RUN_APPLY);
	}
	finding_value(finding, VALUE_PROCESS, "%d", (int)holder->pid);
	finding_value(finding, VALUE_STEP, "%s", holder->step);
	finding_value(finding, VALUE_SECONDS, "%llu", (unsigned long long)since_s);
}

// Takes the lock. If another run does not finish in time, reports why; a run that has timed out already is not waited
// for again. If the lock file cannot be created, continues without it.
static bool lock_job(struct job_state *state, int *ret_lock)
{
	struct lock_holder holder;
	*ret_lock = lock_take(state->root, 0);
	if (*ret_lock == -EWOULDBLOCK &&
	    !(lock_read_holder(state->root, &holder) && clock_left_ms(holder.deadline_us) == 0))
		*ret_lock = lock_take(state->root, job_half_time(state));
	if (*ret_lock != -EWOULDBLOCK) {
		report_note_steps(state->report, *ret_lock);
		publish(state);
		return true;
	}
	(void)lock_read_holder(state->root, &holder);
	struct finding busy;
	explain_busy(&holder, &busy);
	report_finding(state->report, &busy);
	return false;
}

// Returns 1 when the modules and instances may follow, 0 to leave, or a negative errno.
static int begin(struct job_state *state)
{
	struct job *job = state->job;
	int r = prepare(state);
	job->ready(job);
	if (job->early && r >= 0)
		keep_snapshot(state);
	if (r > 0)
		r = decide(state);
	if (r > 0)
		r = look_for_image(state);
	if (r <= 0)
		return r;
	report_finding(state->report, &state->plan.iommu);
	report_finding(state->report, &state->plan.gpu);
	if (state->plan.leave.name)
		report_finding(state->report, &state->plan.leave);
	report_plan(state->report, &state->plan, &state->host);
	return 1;
}

// The end of a run that needs no lock: it may replace the report of another run of the same guest.
static int finish(struct job_state *state, const char *result)
{
	publish(state);
	report_finish(state->report, result);
	return 0;
}

// Another run works, and its report may be in the same file.
static int finish_in_vain(struct job_state *state)
{
	report_finish(state->report, "left");
	return 0;
}

static int do_job(struct job_state *state)
{
	const struct job *job = state->job;
	__attribute__((cleanup(lock_give_back))) int lock = -1;
	// What is wanted is read with the lock: it shall not grow old while another one is at work. The early stage is
	// not held up before it has done what must stand before udev, and a guest that has what it needs is not held up
	// at all.
	bool lock_first = !job->early && !job->guest;
	if (job->early)
		publish(state);
	if (lock_first && !lock_job(state, &lock))
		return finish_in_vain(state);
	int r = begin(state);
	if (r > 0 && job->guest && all_there(&state->plan)) {
		r = job_make_vfs(state);
		job_make_instances(state);
		return r < 0 ? r : finish(state, "done");
	}
	if (r <= 0) {
		take_over(state);
		return r < 0 ? r : finish(state, "left");
	}
	if (!lock_first && !lock_job(state, &lock))
		return finish_in_vain(state);
	job_load_modules(state);
	if (!job_is_over(state))
		r = verify_and_make(state);
	take_over(state);
	report_note_steps(state->report, -1);
	report_finish(state->report, clock_left_ms(job->deadline_us) == 0 ? "late" : "done");
	return r < 0 ? r : 0;
}

int job_run(struct job *job)
{
	// Not on the stack: there all of it would be cleared, and most is never used.
	CLEANUP_FREE struct job_state *state = calloc(1, sizeof(*state));
	if (!state)
		return EXIT_INTERNAL;
	state->job = job;
	state->root = job->root;
	state->udev = -1;
	job->guest_lock = -1;
	log_set_quiet(job->guest);
	if (job->early) {
		state->udev_was_first = udev_started(job->root);
		state->udev = udev_listen();
	}
	if (!job->early)
		read_loader(state);
	state->report = report_new(job->root, job->run_name, job->deadline_us, job->report);
	if (!state->report)
		return EXIT_INTERNAL;

	int r = do_job(state);
	if (job->early)
		guard_lower(job->root);
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	int code = r < 0 ? EXIT_INTERNAL : exit_code(state);

	cleanup_close(&state->udev);
	if (state->join_events > 0)
		cleanup_close(&state->join_events);
	plan_free(&state->plan);
	config_free(&state->config);
	host_free(&state->host);
	report_free(state->report);
	return code;
}
