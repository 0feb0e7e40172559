// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/instance_state.h"

#include <errno.h>
#include <stdio.h>

#include "decide/absence.h"
#include "read/proxmox/pve.h"
#include "tell/words.h"

const char *instance_status_name(enum instance_status state)
{
	static const char *const names[] = {
		[INSTANCE_STATE_USED] = "in-use",        [INSTANCE_STATE_IDLE] = "idle",
		[INSTANCE_STATE_UNKNOWN] = "unknown",    [INSTANCE_STATE_MAKING] = "being-made",
		[INSTANCE_STATE_UNDRIVEN] = "no-driver", [INSTANCE_STATE_CONFLICT] = "conflict",
		[INSTANCE_STATE_REMOVED] = "removed",    [INSTANCE_STATE_AWAITED] = "at-start",
		[INSTANCE_STATE_MISSING] = "missing",
	};
	return names[state];
}

// Everything that one instance is judged by.
struct maker {
	struct instance_state_list *list;
	const struct overview *look;
	const struct past_run *boot, *apply;
	bool hung;
};

// What the later of this boot's runs says of it, or NULL.
static const struct past_run_instance *past_of(const struct maker *maker, const char *uuid)
{
	const struct past_run_instance *apply = past_run_find(maker->apply, uuid);
	return apply ? apply : past_run_find(maker->boot, uuid);
}

static const struct planned_instance *planned(const struct plan *plan, const char *uuid)
{
	for (size_t i = 0; i < plan->instance_count; i++)
		if (streq(plan->instances[i].wanted->uuid, uuid))
			return &plan->instances[i];
	return NULL;
}

static bool was_made(const struct past_run_instance *past)
{
	return past && (streq(past->result, "created") || streq(past->result, "existing"));
}

static void judge_there(struct instance_state *item, const struct maker *maker, const struct instance *instance)
{
	size_t index = (size_t)(instance - maker->look->host.instances.items);
	const struct planned_instance *plan = planned(&maker->look->plan, item->uuid);
	item->there = true;
	strcpy(item->parent, instance->parent);
	if (instance->type[0])
		strcpy(item->type, instance->type);
	item->holder = usage_holder(&maker->look->host.users, index);
	if (plan && plan->step == INSTANCE_CONFLICT) {
		item->state = INSTANCE_STATE_CONFLICT;
		finding_text(&plan->finding, item->text, sizeof(item->text));
	} else if (plan && plan->step == INSTANCE_REMAKE) {
		item->state = INSTANCE_STATE_CONFLICT;
		snprintf(item->text, sizeof(item->text), "%s on %s is wanted; 'gvt-early apply' re-creates it",
			 plan->wanted->type, plan->parent);
	} else if (!instance->type[0]) {
		item->state = INSTANCE_STATE_MAKING;
	} else if (plan &&
		   plan->step != INSTANCE_EXISTS) { // one of ours that stays, as nothing can be made in its place
		item->state = INSTANCE_STATE_CONFLICT;
		finding_text(&plan->finding, item->text, sizeof(item->text));
	} else if (item->holder) {
		item->state = INSTANCE_STATE_USED;
	} else if (!instance->driven) {
		item->state = INSTANCE_STATE_UNDRIVEN;
	} else {
		item->state = usage_is_whole(&maker->look->host.users) ? INSTANCE_STATE_IDLE : INSTANCE_STATE_UNKNOWN;
	}
}

static void judge_missing(struct instance_state *item, const struct maker *maker, const struct past_run_instance *past)
{
	const struct planned_instance *plan = planned(&maker->look->plan, item->uuid);
	const struct finding *leave = &maker->look->plan.leave;
	unsigned vmid, index;
	bool guest = wanted_is_guest(item->uuid, &vmid, &index);
	item->state = INSTANCE_STATE_MISSING;
	enum absence absence = item->wanted ? absence_judge(item->wanted, past ? past->result : NULL) : ABSENT_FAULT;
	bool may_come = plan && plan->step == INSTANCE_CREATE && !maker->hung &&
		plan_is_offered(&maker->look->host, item->wanted);
	const struct finding *stop = guest ? overview_guest_stop(maker->look) : NULL;
	if (absence != ABSENT_FAULT && may_come && stop) {
		char seen[TEXT_SIZE];
		finding_seen(stop, seen, sizeof(seen));
		snprintf(item->text, sizeof(item->text), "guest %u cannot start with it: %s: %.380s", vmid, stop->name,
			 seen);
	} else if (absence == ABSENT_UNTIL_START && may_come) {
		bool runs = guest && pve_guest_runs(maker->look->root, vmid);
		item->state = INSTANCE_STATE_AWAITED;
		snprintf(item->text, sizeof(item->text),
			 runs ? "guest %u runs without it; Proxmox VE creates it at the guest's next start"
			      : "guest %u is off; Proxmox VE creates it when the guest starts",
			 vmid);
	} else if (absence == ABSENT_SINCE_STOP) {
		item->state = INSTANCE_STATE_REMOVED;
		snprintf(
			item->text, sizeof(item->text),
			"existed in this boot; Proxmox VE removes it when guest %u stops, and creates it at the guest's next "
			"start",
			vmid);
	} else if (maker->hung) {
		snprintf(item->text, sizeof(item->text),
			 "the GPU's driver hangs: nothing can be created until the host reboots");
	} else if (plan && plan->finding.name) {
		finding_text(&plan->finding, item->text, sizeof(item->text));
	} else if (item->wanted && maker->look->plan.stance != STANCE_ACT && leave->name) {
		char text[SENTENCE_SIZE];
		snprintf(item->text, sizeof(item->text), "%s: %.400s", leave->name,
			 finding_text(leave, text, sizeof(text)));
	} else if (was_made(past)) {
		snprintf(item->text, sizeof(item->text),
			 "existed in this boot, but was removed; 'gvt-early apply' creates it again");
	} else if (past && past->detail[0]) {
		snprintf(item->text, sizeof(item->text), "%s", past->detail);
	} else if (past && streq(past->result, "not-made")) {
		snprintf(item->text, sizeof(item->text),
			 "this boot's run ended before its turn; 'gvt-early apply' tries again");
	} else if (past && streq(past->result, "pending")) {
		snprintf(item->text, sizeof(item->text), "about to be created");
	} else {
		snprintf(item->text, sizeof(item->text), "not created yet; 'gvt-early apply' creates it");
	}
}

static void add(const struct maker *maker, const char *uuid, const struct wanted *wanted)
{
	struct instance_state_list *list = maker->list;
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].uuid, uuid))
			return;
	struct instance_state *item = &list->items[list->count++];
	const struct past_run_instance *past = past_of(maker, uuid);
	const struct past_run_instance *boot = past_run_find(maker->boot, uuid),
				       *apply = past_run_find(maker->apply, uuid);
	const struct instance *instance = instance_list_find(&maker->look->host.instances, uuid);
	const struct planned_instance *plan = planned(&maker->look->plan, uuid);
	*item = (struct instance_state){ .wanted = wanted };
	snprintf(item->uuid, sizeof(item->uuid), "%s", uuid);
	snprintf(item->type, sizeof(item->type), "%s", wanted ? wanted->type : past ? past->type : "");
	snprintf(item->parent, sizeof(item->parent), "%s",
		 plan             ? plan->parent
			 : wanted ? wanted->parent
			 : past   ? past->parent
				  : "");
	item->made_at_us = boot && boot->made_at_us ? boot->made_at_us : apply ? apply->made_at_us : 0;
	if (instance)
		judge_there(item, maker, instance);
	else
		judge_missing(item, maker, past);

	list->wanted += wanted != NULL;
	bool usable = item->state != INSTANCE_STATE_CONFLICT && item->state != INSTANCE_STATE_UNDRIVEN;
	list->there += wanted && item->there && usable;
	list->missing += wanted && (item->state == INSTANCE_STATE_MISSING || !usable);
}

int instance_state_list_make(struct instance_state_list *list, const struct overview *look, const struct past_run *boot,
			     const struct past_run *apply, bool hung)
{
	const struct maker maker = { .list = list, .look = look, .boot = boot, .apply = apply, .hung = hung };
	const struct wanted_list *wanted = &look->config.wanted;
	*list = (struct instance_state_list){ .count = 0 };
	list->items = calloc(wanted->count + look->host.instances.count + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (size_t i = 0; i < wanted->count; i++)
		add(&maker, wanted->items[i].uuid, &wanted->items[i]);
	for (size_t i = 0; i < look->host.instances.count; i++)
		add(&maker, look->host.instances.items[i].uuid, NULL);
	return 0;
}

void instance_state_list_free(struct instance_state_list *list)
{
	free(list->items);
	*list = (struct instance_state_list){ .count = 0 };
}
