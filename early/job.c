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
#include "guestlock.h"
#include "hibernation.h"
#include "host.h"
#include "initrd.h"
#include "loader.h"
#include "lock.h"
#include "log.h"
#include "made.h"
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
	uint64_t given_us; // from the start to the deadline
	bool over;         // it is too late to begin anything
	char loader[32];   // of i915, as an earlier run of this boot has told it, or ""
};

// At the deadline the boot stops waiting, but a slow driver is no hung one: for as long again the worker goes on, and the
// instances still come before the guests. After that nothing is begun: a guest's start that finds its instance half made
// fails (proxmox.md).
static bool is_over(struct state *state)
{
	if (!state->over && clock_left_ms(state->job->deadline_us + state->given_us) == 0)
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
	state->given_us = seconds * USEC_PER_SEC;
	state->job->deadline_us = state->job->started_us + state->given_us;
	report_deadline(state->report, state->job->deadline_us);
}

static void tell_config(struct state *state)
{
	const struct config *config = &state->config;
	for (size_t i = 0; i < config->problem_count; i++) {
		struct finding finding = { .name = state->job->guest ? "guest" : "config", .severity = SEVERITY_WARNING };
		snprintf(finding.text, sizeof(finding.text), "%s", config->problems[i]);
		report_finding(state->report, &finding);
	}
	for (size_t i = 0; i < config->warnings.count; i++) {
		struct finding finding = { .name = "sources", .severity = SEVERITY_NOTE };
		snprintf(finding.text, sizeof(finding.text), "%s", config->warnings.items[i]);
		report_finding(state->report, &finding);
	}
}

static bool udev_has_ended(const struct state *state)
{
	return file_exists(state->root->run, JOIN_FILE);
}

// The real root has taken over, and the initrd is emptied.
static bool initrd_has_ended(const struct state *state)
{
	return !file_exists(state->root->fs, CONFIG_SNAPSHOT);
}

// i915 comes to the GPU only after udev has finished with it, or has ended: a driver that hangs in its probe would hang udev too,
// and udev is waited for, some minutes. Returns as udev_wait() does.
static int wait_for_gpu_event(const struct state *state, const char *address)
{
	uint64_t half = half_time(state);
	int r = state->udev < 0 ? state->udev : 0;
	while (r == 0 && !udev_has_ended(state) && !initrd_has_ended(state) && (state->job->joinable || clock_left_ms(half) > 0))
		r = udev_wait(state->udev, address, clock_now_us() + LOOK_EVERY_MS * USEC_PER_MSEC);
	return r;
}

static void wait_for_udev(struct state *state)
{
	const struct gpu *gpu = gpu_list_default(&state->host.gpus);
	report_begin(state->report, "wait for udev");
	if (state->udev_was_first) {
		report_end(state->report, SEVERITY_NOTE, "udev was started before gvt-early: not waited for");
		return;
	}
	int r = wait_for_gpu_event(state, gpu->address);
	if (r > 0)
		report_end(state->report, SEVERITY_OK, "it has processed %s", gpu->address);
	else if (r < 0)
		report_end(state->report, SEVERITY_NOTE, "cannot listen to it: %s; going on", strerror(-r));
	else
		report_end(state->report, SEVERITY_NOTE, "%s without a word of %s; going on",
			   udev_has_ended(state) ? "it has ended" : "time is over", gpu->address);
}

// Instances come only when the initrd's udev has ended. An instance is announced before the driver has set it up; should the
// driver hang in that, a worker of udev hangs on the instance's lock, and the initrd's udev would be waited for: 180 s by
// systemd. The join says when that is. Until then time does not count, however long the root takes.
static void wait_for_join(struct state *state)
{
	struct job *job = state->job;
	report_begin(state->report, "wait for join");
	if (!job->joinable) {
		report_end(state->report, SEVERITY_NOTE, "nobody can say so: /run is not writable");
		return;
	}
	while (!udev_has_ended(state)) {
		if (initrd_has_ended(state)) {
			report_end(state->report, SEVERITY_NOTE, "nobody has said that udev has ended; going on");
			return;
		}
		(void)poll(NULL, 0, LOOK_EVERY_MS);
	}
	uint64_t least = clock_now_us() + JOIN_LEAST_US;
	if (job->deadline_us < least) {
		job->deadline_us = least;
		report_deadline(state->report, least);
	}
	report_end(state->report, SEVERITY_OK, "the initrd's udev has ended");
}

// Who has i915 loaded, told when it was not us: then options of ours may have come too late.
static void tell_loader(struct state *state, char *ret, size_t size)
{
	const char *loader = state->loader;
	if (!loader[0])
		loader = loader_of_i915(state->root, &state->host.cmdline, udev_started(state->root));
	report_loader(state->report, loader);
	snprintf(ret, size, ", by %s", streq(loader, LOADER_UNKNOWN) ? "somebody else" : loader);
}

// An earlier run of this boot knows better who has i915 loaded. Before the report of this one takes the place of another.
static void read_loader(struct state *state)
{
	static const char *const commands[] = { COMMAND_BOOT, COMMAND_APPLY, COMMAND_GUEST };
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (report_read_text(state->root, commands[i], "i915_loaded_by", state->loader, sizeof(state->loader)) == 0 &&
		    state->loader[0])
			return;
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
	report_end(state->report, module->required ? SEVERITY_FAILED : state->job->guest ? SEVERITY_NOTE : SEVERITY_WARNING,
		   "%s (%s)", module_error_text(error), strerror(-error)); // no guest fails to start for want of another module
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

// Takes Proxmox VE's lock of the guest that an instance is for; *ret_vmid is 0 when it is for none.
static enum guest_lock lock_guest(struct state *state, const char *uuid, unsigned *ret_vmid)
{
	unsigned index;
	int fd = -1;
	enum guest_lock lock = GUEST_LOCKED;
	*ret_vmid = 0;
	if (wanted_is_guest(uuid, ret_vmid, &index))
		lock = guest_lock_try(state->root, *ret_vmid, &fd);
	state->job->guest_lock = fd;
	if (fd >= 0 || lock != GUEST_LOCKED)
		host_read_again(&state->host, state->root); // Proxmox VE may have been at work until just now
	return lock;
}

static void unlock_guest(struct state *state)
{
	int fd = state->job->guest_lock;
	state->job->guest_lock = -1;
	cleanup_close(&fd);
}

// Removes an instance, which is there and ours, unless somebody has it open. Returns NULL, or why it could not be.
static const char *remove_unused(struct state *state, const struct instance *item, int *ret_error)
{
	CLEANUP_CLOSE int group = -1;
	*ret_error = instance_hold(state->root, item, &group);
	if (*ret_error < 0)
		return *ret_error == -EBUSY ? "somebody has it open" : "it cannot be told whether somebody has it open";
	*ret_error = instance_remove(state->root, item->uuid);
	return *ret_error < 0 ? "it cannot be removed" : NULL;
}

// What is to be made in its place is a conflict then.
static void keep_instance(struct state *state, const struct planned_removal *removal, const char *why)
{
	for (size_t i = 0; removal->wanted && i < state->plan.instance_count; i++) {
		struct planned_instance *item = &state->plan.instances[i];
		if (item->wanted != removal->wanted)
			continue;
		item->step = INSTANCE_CONFLICT;
		snprintf(item->text, sizeof(item->text), "%s is there as %s on %s, wanted is %s; %s", item->wanted->uuid,
			 removal->instance.type, removal->instance.parent, item->wanted->type, why);
	}
}

static void remove_one(struct state *state, const struct planned_removal *removal)
{
	const struct instance *item = &removal->instance;
	const char *purpose = removal->wanted ? "wanted otherwise now" : "wanted by nobody any more";
	char why[TEXT_SIZE / 2] = "";
	unsigned vmid;
	int error = 0;

	report_begin(state->report, "remove %s", item->uuid);
	enum guest_lock lock = lock_guest(state, item->uuid, &vmid);
	const struct instance *there = instance_list_find(&state->host.instances, item->uuid);
	if (lock == GUEST_BUSY) {
		snprintf(why, sizeof(why), "Proxmox VE is starting or stopping guest %u just now", vmid);
	} else if (there && there->id == item->id) {
		const char *reason = remove_unused(state, there, &error);
		if (reason)
			snprintf(why, sizeof(why), "%s (%s)", reason, strerror(-error));
	}
	unlock_guest(state);
	host_read_again(&state->host, state->root);
	if (why[0]) {
		keep_instance(state, removal, why);
		report_end(state->report, SEVERITY_NOTE, "%s on %s is %s, but it stays: %s", item->type, item->parent, purpose, why);
	} else {
		report_end(state->report, SEVERITY_OK, "%s on %s, made in this boot, %s", item->type, item->parent, purpose);
	}
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

// Notes what was made; what is not noted is never removed.
static void note_made(struct state *state, const struct instance *item)
{
	int r = made_add(&state->host.made, state->root, state->host.boot_id, &state->host.instances, item);
	if (r < 0)
		log_line(LOG_INFO, "made: /run/" MADE_FILE " cannot be written: %s", strerror(-r));
}

static void make_instance(struct state *state, size_t index)
{
	struct planned_instance *item = &state->plan.instances[index];
	const struct wanted *wanted = item->wanted;
	char text[TEXT_SIZE] = "";

	int r = create_somewhere(state, item);
	report_parent(state->report, index, item->parent);
	host_read_again(&state->host, state->root);
	const struct instance *there = plan_find(item, &state->host);
	const char *result = !there ? "failed" : r == 0 ? "created" : "existing";
	if (there && r == 0)
		note_made(state, there);
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

static void create_one(struct state *state, size_t index)
{
	const struct planned_instance *item = &state->plan.instances[index];
	char text[TEXT_SIZE];
	unsigned vmid;

	report_begin(state->report, "create %s", item->wanted->uuid);
	enum guest_lock lock = lock_guest(state, item->wanted->uuid, &vmid);
	if (plan_find(item, &state->host)) {
		report_instance(state->report, index, "existing", "");
		report_end(state->report, SEVERITY_OK, "%s was made by somebody else meanwhile", item->wanted->type);
	} else if (lock == GUEST_BUSY) {
		snprintf(text, sizeof(text), "Proxmox VE is starting or stopping guest %u just now, and sees to it itself", vmid);
		report_instance(state->report, index, "busy", text);
		report_end(state->report, SEVERITY_NOTE, "%s", text);
	} else {
		make_instance(state, index);
	}
	unlock_guest(state);
}

static bool is_to_make(const struct planned_instance *item)
{
	return item->step == INSTANCE_CREATE || item->step == INSTANCE_NO_ROOM || item->step == INSTANCE_REMAKE;
}

static void make_instances(struct state *state)
{
	for (size_t i = 0; i < state->plan.removal_count && !is_over(state); i++)
		remove_one(state, &state->plan.removals[i]);
	for (size_t i = 0; i < state->plan.instance_count && !is_over(state); i++) {
		const struct planned_instance *item = &state->plan.instances[i];
		if (is_to_make(item)) {
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
		case INSTANCE_REMAKE:
			break;
		}
	}
}

static bool anything_to_make(const struct plan *plan)
{
	for (size_t i = 0; i < plan->instance_count; i++)
		if (is_to_make(&plan->instances[i]))
			return true;
	return false;
}

// After the modules: the verdict, the plan once more with what is there now, and the instances.
static int verify_and_make(struct state *state)
{
	host_read_again(&state->host, state->root);
	if (!state->job->early)
		host_read_users(&state->host, state->root);
	struct finding verdict;
	judge_types(&verdict, &state->host);
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
	if (state->job->early && anything_to_make(&state->plan))
		wait_for_join(state);
	make_instances(state);
	return 0;
}

// A guest's start goes by it: mistakes of others are not its own, its own are told as why it cannot start.
static int exit_code(const struct state *state)
{
	if (state->config.problem_count > 0 && !state->job->guest)
		return EXIT_BAD_INPUT;
	return report_severity(state->report) >= SEVERITY_WARNING ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

// What is wanted on the running host; in the initrd the snapshot has it.
static int read_sources(struct state *state)
{
	struct job *job = state->job;
	char unread[GUEST_TEXT_SIZE] = "";
	if (!job->guest)
		return sources_add_guests(&state->config, state->root, half_time(state), false);
	int r = sources_take_guest(&state->config, state->root, half_time(state), job->guest, unread, sizeof(unread));
	if (unread[0])
		log_line(LOG_WARNING, "guest %u: what it needs cannot be read (%s): nothing is looked at, nothing is made",
			 job->guest, unread);
	return r;
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
	if (!job->early)
		r = read_sources(state);
	if (r < 0)
		return r;
	// A guest may start all the same; that is seen when everything has been read.
	if (plan_leaves_boot(&state->plan, &state->host, &state->config) &&
	    !(job->guest && state->config.wanted.count > 0)) {
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
	if (!state->job->early)
		host_read_users(&state->host, state->root);
	plan_free(&state->plan);
	r = plan_make(&state->plan, &state->host, &state->config);
	if (r < 0)
		return r;
	tell_config(state);
	if (state->plan.stance == STANCE_ACT)
		return 1;
	if (state->job->guest)
		state->plan.leave.severity = plan_may_start(&state->host, &state->config) ? SEVERITY_NOTE : SEVERITY_FAILED;
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

static bool all_there(const struct plan *plan)
{
	for (size_t i = 0; i < plan->instance_count; i++)
		if (plan->instances[i].step != INSTANCE_EXISTS)
			return false;
	return true;
}

// Tells that another one is at work when it does not end in time; an early stage that was given up on is not waited for once more.
// A lock that cannot be taken at all stands against nothing.
static bool lock_job(struct state *state, int *ret_lock)
{
	char boot[16];
	bool hangs = !state->job->early &&
		     report_read_text(state->root, COMMAND_BOOT, "state", boot, sizeof(boot)) == 0 && streq(boot, "gave-up");
	*ret_lock = lock_take(state->root, hangs ? 0 : half_time(state));
	if (*ret_lock != -EWOULDBLOCK)
		return true;
	struct finding busy = { .name = "busy", .severity = SEVERITY_FAILED };
	snprintf(busy.text, sizeof(busy.text), "%s",
		 hangs ? "this boot's early stage does not return from a driver (/run/" STATE_DIR "/report.json says where); nothing "
			 "can be made before it does, or before the next boot"
		       : "another gvt-early is at work and does not end");
	report_finding(state->report, &busy);
	return false;
}

// Returns 1 when the modules and instances may follow, 0 to leave, or a negative errno.
static int begin(struct state *state)
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
	report_plan(state->report, &state->plan, &state->host);
	return 1;
}

static int run(struct state *state)
{
	const struct job *job = state->job;
	CLEANUP_CLOSE int lock = -1;
	// What is wanted is read with the lock: it shall not grow old while another one is at work. The early stage is not held up
	// before it has done what must stand before udev, and a guest that has what it needs is not held up at all.
	bool lock_first = !job->early && !job->guest;
	if (lock_first && !lock_job(state, &lock)) {
		report_finish(state->report, "left");
		return 0;
	}
	int r = begin(state);
	if (r > 0 && job->guest && all_there(&state->plan)) {
		make_instances(state);
		report_finish(state->report, "done");
		return 0;
	}
	if (r <= 0 || (!lock_first && !lock_job(state, &lock))) {
		if (r >= 0)
			report_finish(state->report, "left");
		return r < 0 ? r : 0;
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
	job->guest_lock = -1;
	log_set_quiet(job->guest);
	if (job->early) {
		state.udev_was_first = udev_started(job->root);
		state.udev = udev_listen();
	}
	if (!job->early)
		read_loader(&state);
	state.report = report_new(job->root, job->command, job->deadline_us);
	if (!state.report)
		return EXIT_INTERNAL;

	int r = run(&state);
	if (job->early)
		guard_lower(job->root);
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	int code = r < 0 ? EXIT_INTERNAL : exit_code(&state);

	cleanup_close(&state.udev);
	plan_free(&state.plan);
	config_free(&state.config);
	host_free(&state.host);
	modules_close(state.modules);
	report_free(state.report);
	return code;
}
