// SPDX-License-Identifier: GPL-2.0-or-later
// The job's instances: those that are removed, and those that are created.
#include <errno.h>
#include <stdio.h>

#include "act/job_state.h"
#include "act/join_events.h"
#include "base/clock.h"
#include "base/log.h"
#include "decide/gvt_capacity.h"
#include "read/host/made_record.h"
#include "read/proxmox/guest_lock.h"
#include "tell/words.h"

// Instances are created only after the initrd's udev has exited. The kernel announces an instance before the driver has
// set it up. If the driver hangs there, a worker of udev hangs on the instance's lock, and the initrd waits for udev:
// systemd waits for 180 s. The join says when udev has exited. The time until then is not part of the deadline, however
// long the root file system takes.
void job_wait_for_join(struct job_state *state)
{
	struct job *job = state->job;
	report_begin(state->report, "wait for initrd udev");
	if (!job->joinable) {
		report_end(state->report, SEVERITY_HINT, "skipped: cannot be determined, as /run is not writable");
		return;
	}
	int events = job_join_events(state);
	while (!job_udev_has_ended(state)) {
		if (job_initrd_has_ended(state)) {
			report_end(state->report, SEVERITY_HINT, "the initrd ended without 'gvt-early wait'; going on");
			return;
		}
		join_events_wait(events, JOIN_POLL_MS);
	}
	uint64_t least = clock_now_us() + JOIN_LEAST_US;
	if (job->deadline_us < least) {
		job->deadline_us = least;
		report_deadline(state->report, least);
	}
	report_end(state->report, SEVERITY_OK, "it has exited");
}

// Explains why the kernel refused to create an instance.
static void explain_create(struct job_state *state, const struct planned_instance *item, int error, char *ret,
			   size_t size)
{
	int n = snprintf(ret, size, "%s (%s)", instance_error_text(error), strerror(-error));
	const struct gpu *gpu = gpu_list_at(&state->host.gpus, item->parent);
	if (error != -ENOSPC || !gpu || n < 0 || (size_t)n + 2 >= size)
		return;
	n += snprintf(ret + n, size - (size_t)n, ": ");
	struct capacity_use use;
	capacity_used(&use, gpu, &state->host.instances);
	struct finding finding;
	capacity_explain(&finding, gpu, &use, item->wanted->type);
	finding_seen(&finding, ret + n, size - (size_t)n);
	unsigned vmid, slot;
	n = (int)strlen(ret);
	if (wanted_is_guest(item->wanted->uuid, &vmid, &slot))
		snprintf(ret + n, size - (size_t)n, "; guest %u cannot start until there is room", vmid);
}

// The early stage may still work when Proxmox VE runs, and no process waits for the early stage then.
static void watch_lock(struct job_state *state, unsigned vmid, int fd)
{
	state->lock_watch = (struct guest_lock_watch){ .end = -1 };
	if (!state->job->early)
		return;
	int r = guest_lock_watch(&state->lock_watch, fd, state->job->deadline_us + state->given_us);
	if (r < 0)
		log_line(LOG_WARNING,
			 "guest %u: its lock stays held if the driver hangs now, as no process can watch it: %s", vmid,
			 strerror(-r));
}

// Takes Proxmox VE's lock of the guest that an instance is for; *ret_vmid is 0 when it is for none.
static enum guest_lock lock_guest(struct job_state *state, const char *uuid, unsigned *ret_vmid)
{
	unsigned index;
	int fd = -1;
	enum guest_lock lock = GUEST_LOCKED;
	*ret_vmid = 0;
	if (wanted_is_guest(uuid, ret_vmid, &index))
		lock = guest_lock_try(state->root, *ret_vmid, &fd);
	state->job->guest_lock = fd;
	watch_lock(state, *ret_vmid, fd);
	if (fd >= 0 || lock != GUEST_LOCKED)
		job_read_state(state); // Proxmox VE may have changed the instances until now
	return lock;
}

static void unlock_guest(struct job_state *state)
{
	int fd = state->job->guest_lock;
	state->job->guest_lock = -1;
	guest_lock_watch_end(&state->lock_watch);
	guest_lock_give_back(fd);
}

// Removes an instance of ours, unless a process has it open. Returns NULL, or the reason why it was not removed.
static const char *remove_unused(struct job_state *state, const struct instance *item, int *ret_error)
{
	CLEANUP_CLOSE int group = -1;
	*ret_error = instance_hold(state->root, item, &group);
	if (*ret_error < 0)
		return *ret_error == -EBUSY ? "a process has it open" : "it is unknown whether a process has it open";
	*ret_error = instance_remove(state->root, item->uuid);
	return *ret_error < 0 ? "it cannot be removed" : NULL;
}

// The instance that should be created in its place is a conflict then.
static void keep_instance(struct job_state *state, const struct planned_removal *removal, const char *why)
{
	for (size_t i = 0; removal->wanted && i < state->plan.instance_count; i++) {
		struct planned_instance *item = &state->plan.instances[i];
		if (item->wanted != removal->wanted)
			continue;
		item->step = INSTANCE_CONFLICT;
		finding_make(&item->finding, "instance-conflict", SEVERITY_WARNING, CAUSE_CONFLICT_STAYS);
		finding_value(&item->finding, VALUE_UUID, "%s", item->wanted->uuid);
		finding_value(&item->finding, VALUE_TYPE_THERE, "%s", removal->instance.type);
		finding_value(&item->finding, VALUE_PARENT_THERE, "%s", removal->instance.parent);
		finding_value(&item->finding, VALUE_TYPE, "%s", item->wanted->type);
		finding_value(&item->finding, VALUE_REASON, "%s", why);
	}
}

static void remove_one(struct job_state *state, const struct planned_removal *removal)
{
	const struct instance *item = &removal->instance;
	const char *purpose = removal->wanted ? "now wanted with another type or parent" : "no longer wanted";
	char why[TEXT_SIZE / 2] = "";
	unsigned vmid;
	int error = 0;

	report_begin(state->report, "remove %s", item->uuid);
	enum guest_lock lock = lock_guest(state, item->uuid, &vmid);
	const struct instance *there = instance_list_find(&state->host.instances, item->uuid);
	if (lock == GUEST_BUSY) {
		snprintf(why, sizeof(why), "Proxmox VE is starting or stopping guest %u", vmid);
	} else if (there && there->id == item->id) {
		const char *reason = remove_unused(state, there, &error);
		if (reason)
			snprintf(why, sizeof(why), "%s (%s)", reason, strerror(-error));
	}
	unlock_guest(state);
	job_read_state(state);
	if (why[0]) {
		keep_instance(state, removal, why);
		report_end(state->report, SEVERITY_HINT, "%s on %s is %s, but was not removed: %s", item->type,
			   item->parent, purpose, why);
	} else {
		report_end(state->report, SEVERITY_OK, "%s on %s, created in this boot, %s", item->type, item->parent,
			   purpose);
	}
}

// Creates the instance on the first of its parents that accepts it, as Proxmox VE does.
static int create_somewhere(struct job_state *state, struct planned_instance *item)
{
	for (;;) {
		int r = instance_create(state->root, item->parent, item->wanted->type, item->wanted->uuid);
		if (r == 0 || r == -EEXIST || job_is_over(state) || !plan_next_parent(item))
			return r;
		log_line(LOG_INFO, "create %s: %s; instead on %s", item->wanted->uuid, instance_error_text(r),
			 item->parent);
	}
}

// Records the created instance: an instance without a record is never removed.
static void note_made(struct job_state *state, const struct instance *item)
{
	int r = made_add(&state->host.made, state->root, state->host.boot_id, &state->host.instances, item);
	if (r < 0)
		log_line(LOG_INFO, "made: /run/" MADE_FILE " cannot be written: %s", strerror(-r));
}

static void make_instance(struct job_state *state, size_t index)
{
	struct planned_instance *item = &state->plan.instances[index];
	const struct wanted *wanted = item->wanted;
	char text[TEXT_SIZE] = "";

	int r = create_somewhere(state, item);
	report_parent(state->report, index, item->parent);
	report_flush(state->report);
	if (r == 0)
		host_read_instance(&state->host, state->root, wanted->uuid);
	else
		job_read_state(state);
	const struct instance *there = plan_find(item, &state->host);
	const char *result = !there ? "failed" : r == 0 ? "created" : "existing";
	if (there && r == 0)
		note_made(state, there);
	if (there && there->driven) {
		report_instance(state->report, index, result, "");
		report_end(state->report, SEVERITY_OK, "%s on %s%s, for %s", wanted->type, item->parent,
			   r == 0 ? "" : " was created by another program meanwhile", wanted->source);
		return;
	}
	report_cause(state->report, there ? CAUSE_NO_DRIVER : CAUSE_CREATE_FAILED, there ? 0 : r);
	if (there) // the driver is then a module of its own, which libkmod loads with mdev if it can
		snprintf(
			text, sizeof(text),
			"the instance exists, but no driver is bound to it, so no guest can use it: before Linux 5.14 this needs the module "
			"vfio_mdev");
	else if (r == 0)
		snprintf(text, sizeof(text), "the kernel reported success, but the instance does not exist");
	else
		explain_create(state, item, r, text, sizeof(text));
	report_instance(state->report, index, result, text);
	report_end(state->report, SEVERITY_WARNING, "%s on %s, for %s: %s", wanted->type, item->parent, wanted->source,
		   text);
}

static void create_one(struct job_state *state, size_t index)
{
	const struct planned_instance *item = &state->plan.instances[index];
	char text[TEXT_SIZE];
	unsigned vmid;

	report_begin(state->report, "create %s", item->wanted->uuid);
	enum guest_lock lock = lock_guest(state, item->wanted->uuid, &vmid);
	if (plan_find(item, &state->host)) {
		report_instance(state->report, index, "existing", "");
		report_end(state->report, SEVERITY_OK, "%s was created by another program meanwhile",
			   item->wanted->type);
	} else if (lock == GUEST_BUSY) {
		snprintf(text, sizeof(text),
			 "Proxmox VE is starting or stopping guest %u, and handles its instances itself", vmid);
		report_instance(state->report, index, "busy", text);
		report_end(state->report, SEVERITY_HINT, "%s", text);
	} else {
		make_instance(state, index);
	}
	unlock_guest(state);
}

static bool is_to_make(const struct planned_instance *item)
{
	return item->step == INSTANCE_CREATE || item->step == INSTANCE_NO_ROOM || item->step == INSTANCE_REMAKE;
}

static bool anything_to_make(const struct plan *plan)
{
	for (size_t i = 0; i < plan->instance_count; i++)
		if (is_to_make(&plan->instances[i]))
			return true;
	return false;
}

// Reports an instance that is not to be created.
static void tell_one(struct job_state *state, size_t index)
{
	const struct planned_instance *item = &state->plan.instances[index];
	char text[SENTENCE_SIZE] = "";
	if (item->finding.name)
		finding_text(&item->finding, text, sizeof(text));
	report_begin(state->report, "create %s", item->wanted->uuid);
	switch (item->step) {
	case INSTANCE_EXISTS:
		report_instance(state->report, index, "existing", "");
		report_end(state->report, SEVERITY_OK, "%s on %s exists already", item->wanted->type, item->parent);
		break;
	case INSTANCE_CONFLICT:
		report_instance(state->report, index, "conflict", text);
		report_end(state->report, SEVERITY_WARNING, "for %s: %s", item->wanted->source, text);
		break;
	case INSTANCE_HOPELESS:
		report_instance(state->report, index, "failed", text);
		report_end(state->report, SEVERITY_WARNING, "for %s: %s", item->wanted->source, text);
		break;
	case INSTANCE_CREATE:
	case INSTANCE_NO_ROOM:
	case INSTANCE_REMAKE:
		break;
	}
}

void job_make_instances(struct job_state *state)
{
	if (state->job->early && anything_to_make(&state->plan))
		job_wait_for_join(state);
	for (size_t i = 0; i < state->plan.removal_count && !job_is_over(state); i++)
		remove_one(state, &state->plan.removals[i]);
	for (size_t i = 0; i < state->plan.instance_count && !job_is_over(state); i++)
		if (is_to_make(&state->plan.instances[i]))
			create_one(state, i);
		else
			tell_one(state, i);
}
