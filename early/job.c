// SPDX-License-Identifier: GPL-2.0-or-later
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "capacity.h"
#include "clock.h"
#include "config.h"
#include "exitcode.h"
#include "file.h"
#include "guard.h"
#include "hibernation.h"
#include "host.h"
#include "initrd.h"
#include "loader.h"
#include "lock.h"
#include "log.h"
#include "plan.h"
#include "report.h"
#include "sources.h"
#include "udev.h"

#define LOOK_EVERY_MS 10

// Everything that the steps share.
struct state {
	struct job *job;
	const struct root *root;
	struct report *report;
	struct host host;
	struct config config;
	struct plan plan;
	struct modules *modules;
	int udev;          // listening descriptor, or a negative number
	bool udev_was_first;
	bool over;         // it is too late to begin anything
};

// At the deadline the boot stops waiting, but a slow driver is no hung one: for as long again the worker goes on, and the
// instances still come before the guests. After that nothing is begun: a guest's start that finds its instance half made
// fails (proxmox.md).
static bool is_over(struct state *state)
{
	const struct job *job = state->job;
	uint64_t allowed = job->deadline_us - job->started_us;
	if (!state->over && clock_left_ms(job->deadline_us + allowed) == 0)
		state->over = true;
	return state->over;
}

// What is waited for before the drivers leaves half of the time to them.
static uint64_t half_time(const struct state *state)
{
	return (state->job->started_us + state->job->deadline_us) / 2;
}

// The deadline of the kernel command line goes before the configured one.
static void take_settings(struct state *state)
{
	const struct cmdline *cmdline = &state->host.cmdline;
	const struct cmdline_word *debug = cmdline_setting(cmdline, "debug");
	const struct cmdline_word *deadline = cmdline_setting(cmdline, "deadline");
	unsigned seconds = state->config.settings.deadline_s;

	log_set_debug(state->config.settings.debug || (debug && kernel_bool(debug->value) == 1));
	if (deadline && (!deadline->value || config_parse_deadline(deadline->value, &seconds) < 0))
		log_line(LOG_ERR,
			 "cmdline: %s=%s is not a number of seconds from %d to %d; %u counts",
			 deadline->name, deadline->value ? deadline->value : "", DEADLINE_MIN_S, DEADLINE_MAX_S, seconds);
	state->job->deadline_us = state->job->started_us + seconds * USEC_PER_SEC;
	report_deadline(state->report, state->job->deadline_us);
}

static void tell_config(struct state *state)
{
	const struct config *config = &state->config;
	for (size_t i = 0; i < config->problem_count; i++) {
		struct finding finding = { .name = "config", .severity = SEVERITY_WARNING };
		snprintf(finding.text, sizeof(finding.text), "%s", config->problems[i]);
		report_finding(state->report, &finding);
	}
	for (size_t i = 0; i < config->warnings.count; i++) {
		struct finding finding = { .name = "sources", .severity = SEVERITY_NOTE };
		snprintf(finding.text, sizeof(finding.text), "%s", config->warnings.items[i]);
		report_finding(state->report, &finding);
	}
}

// i915 comes to the GPU only after udev has finished with it.
static void wait_for_udev(struct state *state)
{
	const struct gpu *gpu = gpu_list_default(&state->host.gpus);
	report_begin(state->report, "wait for udev");
	if (state->udev_was_first) {
		report_end(state->report, SEVERITY_NOTE, "udev was started before gvt-early: not waited for");
		return;
	}
	int r = state->udev < 0 ? state->udev : udev_wait(state->udev, gpu->address, half_time(state));
	if (r > 0)
		report_end(state->report, SEVERITY_OK, "it has processed %s", gpu->address);
	else if (r == 0)
		report_end(state->report, SEVERITY_NOTE, "it has not processed %s in time; going on", gpu->address);
	else
		report_end(state->report, SEVERITY_NOTE, "cannot listen to it: %s; going on", strerror(-r));
}

// Instances come only when nobody in the initrd waits for udev any more. An instance is announced before the driver has set
// it up; should the driver hang in that, udev hangs on the instance's lock, and each "udevadm settle" takes its whole time.
// A script says when that is; the join says so too.
static void wait_for_settled(struct state *state)
{
	report_begin(state->report, "wait for settled");
	if (!state->job->joinable) {
		report_end(state->report, SEVERITY_NOTE, "nobody can say so: /run is not writable");
		return;
	}
	uint64_t until = state->job->deadline_us;
	while (!file_exists(state->root->run, SETTLED_FILE)) {
		if (clock_left_ms(until) == 0) {
			report_end(state->report, SEVERITY_NOTE, "nobody says that the root is mounted; going on");
			return;
		}
		(void)poll(NULL, 0, LOOK_EVERY_MS);
	}
	report_end(state->report, SEVERITY_OK, "nobody waits for udev any more");
}

// Who has i915 loaded, told when it was not us: then options of ours may have come too late.
static void tell_loader(struct state *state, char *ret, size_t size)
{
	char loader[32] = "";
	// This boot's early stage knows better.
	int r = state->job->early ? -ENOENT
				  : report_read_text(state->root, COMMAND_BOOT, "i915_loaded_by", loader, sizeof(loader));
	if (r < 0 || !loader[0])
		snprintf(loader, sizeof(loader), "%s",
			 loader_of_i915(state->root, &state->host.cmdline, udev_started(state->root)));
	report_loader(state->report, loader);
	snprintf(ret, size, ", by %s", streq(loader, LOADER_UNKNOWN) ? "somebody else" : loader);
}

// Returns false when nothing further can work.
static bool load_one(struct state *state, const struct planned_module *module)
{
	bool is_i915 = names_equal(module->name, "i915");
	char by[64] = "";
	int error = 0;
	report_begin(state->report, "load %s", module->name);
	const char *options = module->options ? module->options : "";
	switch (module_load(state->modules, state->root, module->name, module->options, &error)) {
	case LOAD_DONE:
		if (is_i915)
			report_loader(state->report, LOADER_US);
		report_end(state->report, SEVERITY_OK, "loaded%s%s", *options ? " with " : "", options);
		return true;
	case LOAD_ALREADY:
		if (is_i915)
			tell_loader(state, by, sizeof(by));
		report_end(state->report, SEVERITY_OK, "was loaded already%s", by);
		return true;
	case LOAD_MISSING:
		report_end(state->report, module->required ? SEVERITY_FAILED : SEVERITY_NOTE,
			   "kernel %s has no such module%s", state->host.release,
			   module->required ? "" : "; skipped");
		return !module->required;
	case LOAD_BLACKLISTED:
		report_end(state->report, module->required ? SEVERITY_FAILED : SEVERITY_NOTE,
			   "a blacklist names it; skipped");
		return !module->required;
	case LOAD_FAILED:
		break;
	}
	if (names_equal(module->name, "kvmgt"))
		state->host.kvmgt_error = error;
	report_end(state->report, module->required ? SEVERITY_FAILED : SEVERITY_WARNING, "%s (%s)",
		   module_error_text(error), strerror(-error));
	return !module->required;
}

static void load_modules(struct state *state)
{
	for (size_t i = 0; i < state->plan.module_count && !is_over(state); i++) {
		const struct planned_module *module = &state->plan.modules[i];
		bool is_i915 = names_equal(module->name, "i915");
		if (is_i915 && state->job->early && state->host.i915_state == MODULE_NOT_LOADED)
			wait_for_udev(state);
		if (!load_one(state, module))
			return;
		if (is_i915) {
			host_read_again(&state->host, state->root);
			if (state->host.enable_gvt != 1)
				return; // the verification says so; kvmgt would find nothing
		}
	}
}

// What a failed write to create means here and now.
static void explain_create(struct state *state, const struct planned_instance *item, int error, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s (%s)", instance_error_text(error), strerror(-error));
	const struct gpu *gpu = gpu_list_at(&state->host.gpus, item->parent);
	if (error != -ENOSPC || !gpu || n < 0 || (size_t)n + 2 >= size)
		return;
	n += snprintf(ret + n, size - (size_t)n, ": ");
	struct capacity_use use;
	capacity_used(&use, gpu, &state->host.instances);
	capacity_explain(gpu, &use, item->wanted->type, ret + n, size - (size_t)n);
	unsigned vmid, slot;
	n = (int)strlen(ret);
	if (wanted_is_guest(item->wanted->uuid, &vmid, &slot))
		snprintf(ret + n, size - (size_t)n, "; guest %u cannot start before there is room", vmid);
}

// NULL unless it is there as wanted.
static const struct instance *find_instance(const struct host *host, const struct planned_instance *item)
{
	const struct instance *there = instance_list_find(&host->instances, item->wanted->uuid);
	return there && streq(there->type, item->wanted->type) && streq(there->parent, item->parent) ? there : NULL;
}

// On the first of its parents that takes it, as Proxmox VE does.
static int create_somewhere(struct state *state, struct planned_instance *item)
{
	for (;;) {
		int r = instance_create(state->root, item->parent, item->wanted->type, item->wanted->uuid);
		if (r == 0 || r == -EEXIST || is_over(state) || !plan_next_parent(item))
			return r;
		log_line(LOG_INFO, "create %s: %s; on %s then", item->wanted->uuid, instance_error_text(r), item->parent);
	}
}

static void create_one(struct state *state, size_t index)
{
	struct planned_instance *item = &state->plan.instances[index];
	const struct wanted *wanted = item->wanted;
	char text[TEXT_SIZE] = "";

	report_begin(state->report, "create %s", wanted->uuid);
	int r = create_somewhere(state, item);
	report_parent(state->report, index, item->parent);
	host_read_again(&state->host, state->root);
	const struct instance *there = find_instance(&state->host, item);
	const char *result = !there ? "failed" : r == 0 ? "created" : "existing";
	if (there && there->driven) {
		report_instance(state->report, index, result, "");
		report_end(state->report, SEVERITY_OK, "%s on %s%s, for %s", wanted->type, item->parent,
			   r == 0 ? "" : " was made by somebody else meanwhile", wanted->source);
		return;
	}
	if (there) // the driver is then a module of its own, which libkmod loads with mdev if it can
		snprintf(text, sizeof(text),
			 "it is there, but no driver took it, so no guest can use it: before Linux 5.14 that needs the module "
			 "vfio_mdev");
	else if (r == 0)
		snprintf(text, sizeof(text), "the kernel reported success, but the instance is not there");
	else
		explain_create(state, item, r, text, sizeof(text));
	report_instance(state->report, index, result, text);
	report_end(state->report, SEVERITY_WARNING, "%s on %s, for %s: %s", wanted->type, item->parent, wanted->source,
		   text);
}

static void make_instances(struct state *state)
{
	for (size_t i = 0; i < state->plan.instance_count && !is_over(state); i++) {
		const struct planned_instance *item = &state->plan.instances[i];
		if (item->step == INSTANCE_CREATE || item->step == INSTANCE_NO_ROOM) {
			create_one(state, i);
			continue;
		}
		report_begin(state->report, "create %s", item->wanted->uuid);
		switch (item->step) {
		case INSTANCE_EXISTS:
			report_instance(state->report, i, "existing", "");
			report_end(state->report, SEVERITY_OK, "%s on %s is there already", item->wanted->type,
				   item->parent);
			break;
		case INSTANCE_CONFLICT:
			report_instance(state->report, i, "conflict", item->text);
			report_end(state->report, SEVERITY_WARNING, "for %s: %s", item->wanted->source, item->text);
			break;
		case INSTANCE_HOPELESS:
			report_instance(state->report, i, "failed", item->text);
			report_end(state->report, SEVERITY_WARNING, "for %s: %s", item->wanted->source, item->text);
			break;
		case INSTANCE_CREATE:
		case INSTANCE_NO_ROOM:
			break;
		}
	}
}

// After the modules: the verdict, the plan once more with what is there now, and the instances.
static int verify_and_make(struct state *state)
{
	host_read_again(&state->host, state->root);
	struct finding verdict;
	plan_verify(&verdict, &state->host);
	report_finding(state->report, &verdict);

	struct plan plan;
	int r = plan_make(&plan, &state->host, &state->config);
	if (r < 0)
		return r;
	if (verdict.severity < SEVERITY_WARNING && plan.stance != STANCE_ACT) {
		verdict = plan.leave; // the host has changed under us: somebody took the GPU, say
		report_finding(state->report, &verdict);
	}
	if (verdict.severity >= SEVERITY_WARNING) {
		plan_free(&plan);
		for (size_t i = 0; i < state->plan.instance_count; i++)
			report_instance(state->report, i, "failed", verdict.text);
		return 0;
	}
	plan_free(&state->plan);
	state->plan = plan;
	if (state->job->early)
		wait_for_settled(state);
	make_instances(state);
	return 0;
}

static int exit_code(const struct report *report, const struct config *config)
{
	if (config->problem_count > 0)
		return EXIT_BAD_INPUT;
	return report_severity(report) >= SEVERITY_WARNING ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

// What must stand before udev starts, and no more: the boot waits for it. Returns 1 to go on, 0 to leave, or a negative
// errno.
static int prepare(struct state *state)
{
	struct job *job = state->job;
	int r = host_read_words(&state->host, state->root);
	if (r < 0)
		return r;
	report_host(state->report, &state->host);
	r = config_read(&state->config, state->root, job->early);
	if (r < 0)
		return r;
	take_settings(state);
	if (!job->early) // the snapshot has what they want
		r = sources_add_guests(&state->config, state->root, half_time(state), false);
	if (r < 0)
		return r;
	if (plan_leaves_boot(&state->plan, &state->host, &state->config)) {
		tell_config(state);
		report_finding(state->report, &state->plan.leave);
		return 0;
	}
	if (job->early && state->host.i915_state != MODULE_LIVE) {
		r = guard_raise(state->root);
		if (r < 0)
			log_line(LOG_WARNING,
				 "guard: /run/modprobe.d/" GUARD_DENY_NAME " cannot be written (%s): a hung i915 would hold "
				 "up udev too",
				 strerror(-r));
	}
	return 1;
}

// Everything else before the modules. What is found here may still mean to leave; until then the deny list keeps udev from
// i915 for some milliseconds, in which udev has not yet come that far. Returns as prepare().
static int decide(struct state *state)
{
	int r = host_read_rest(&state->host, state->root, &state->modules);
	if (r < 0)
		return r;
	r = plan_make(&state->plan, &state->host, &state->config);
	if (r < 0)
		return r;
	tell_config(state);
	if (state->plan.stance == STANCE_ACT)
		return 1;
	if (state->job->early)
		guard_lower(state->root);
	report_finding(state->report, &state->plan.leave);
	return 0;
}

// For "check" on the running host, which wants to know what this initrd had.
static void keep_snapshot(struct state *state)
{
	char id[CONTENT_ID_SIZE];
	int r = initrd_keep_snapshot(state->root, id);
	report_snapshot(state->report, id);
	if (r < 0)
		log_line(LOG_DEBUG, "snapshot: cannot be left in /run: %s", strerror(-r));
}

// A boot that resumes from hibernation is left alone; the device appears while udev works. Returns 1 to go on, 0 to
// leave, or a negative errno.
static int look_for_image(struct state *state)
{
	struct job *job = state->job;
	const struct cmdline_word *word = cmdline_last(&state->host.cmdline, "resume");
	if (!job->resume && word && !cmdline_has_flag(&state->host.cmdline, "noresume"))
		job->resume = word->value; // a systemd initrd goes by it too
	if (!job->early || !job->resume || !*job->resume)
		return 1;
	report_begin(state->report, "hibernation");
	int r = hibernation_image(state->root, job->resume, half_time(state));
	if (r < 0)
		report_end(state->report, SEVERITY_NOTE, "%s cannot be looked at: %s; going on", job->resume,
			   r == -ENODEV ? "not there in time" : strerror(-r));
	else
		report_end(state->report, SEVERITY_OK, "%s holds %s image", job->resume, r ? "an" : "no");
	if (r <= 0)
		return 1;

	snprintf(state->host.hibernated, sizeof(state->host.hibernated), "%s", job->resume);
	plan_free(&state->plan);
	r = plan_make(&state->plan, &state->host, &state->config);
	if (r == 0)
		report_finding(state->report, &state->plan.leave);
	return r;
}

static int run(struct state *state)
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
	if (r <= 0) {
		if (r == 0)
			report_finish(state->report, "left");
		return r;
	}
	report_finding(state->report, &state->plan.iommu);
	report_finding(state->report, &state->plan.gpu);
	report_plan(state->report, &state->plan, &state->host);

	CLEANUP_CLOSE int lock = lock_take(state->root, job->deadline_us);
	if (lock == -EWOULDBLOCK) {
		const struct finding busy = { .name = "busy",
					      .severity = SEVERITY_FAILED,
					      .text = "another gvt-early is at work and does not end" };
		report_finding(state->report, &busy);
		report_finish(state->report, "left");
		return 0;
	}
	load_modules(state);
	if (!is_over(state))
		r = verify_and_make(state);
	report_finish(state->report, clock_left_ms(job->deadline_us) == 0 ? "late" : "done");
	return r < 0 ? r : 0;
}

int job_run(struct job *job)
{
	struct state state = { .job = job, .root = job->root, .udev = -1 };
	if (job->early) {
		state.udev_was_first = udev_started(job->root);
		state.udev = udev_listen();
	}
	state.report = report_new(job->root, job->command, job->deadline_us);
	if (!state.report)
		return EXIT_INTERNAL;

	int r = run(&state);
	if (job->early)
		guard_lower(job->root);
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	int code = r < 0 ? EXIT_INTERNAL : exit_code(state.report, &state.config);

	cleanup_close(&state.udev);
	plan_free(&state.plan);
	config_free(&state.config);
	host_free(&state.host);
	modules_close(state.modules);
	report_free(state.report);
	return code;
}
