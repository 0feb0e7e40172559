// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/vf_state.h"

#include <errno.h>
#include <stdio.h>

#include "tell/words.h"

const char *vf_status_name(enum vf_status state)
{
	static const char *const names[] = {
		[VF_STATE_USED] = "in-use", [VF_STATE_IDLE] = "idle",          [VF_STATE_UNKNOWN] = "unknown",
		[VF_STATE_HOST] = "host",   [VF_STATE_UNDRIVEN] = "no-driver", [VF_STATE_MISSING] = "missing",
	};
	return names[state];
}

// Everything that one VF is judged by.
struct maker {
	struct vf_state_list *list;
	const struct overview *look;
	const struct past_run *boot, *apply;
	size_t gpu;
	const struct planned_pf *pf; // NULL when none of the GPU's VFs is wanted
};

static const struct past_run_vf *past_of(const struct maker *maker, const char *address)
{
	const struct past_run_vf *apply = past_run_find_vf(maker->apply, address);
	return apply ? apply : past_run_find_vf(maker->boot, address);
}

// Whether a driver hands VFs to guests: vfio-pci, or xe-vfio-pci.
static bool is_for_guests(const char *driver)
{
	size_t length = strlen(driver), end = strlen(VF_GUEST_DRIVER);
	return length >= end && streq(driver + length - end, VF_GUEST_DRIVER);
}

static void judge_there(struct vf_state *item, const struct maker *maker, const struct vf *there)
{
	const struct sriov *sriov = &maker->look->host.sriov.gpus[maker->gpu];
	size_t index = (size_t)(there - sriov->vfs);
	const struct planned_vf *planned = item->planned;
	item->there = true;
	item->profile = &maker->look->profiles[maker->gpu].vfs[index];
	strcpy(item->driver, there->driver);
	item->holder = usage_vf_holder(&maker->look->host.users, maker->gpu, index);
	if (!there->driver[0])
		item->state = VF_STATE_UNDRIVEN;
	else if (!is_for_guests(there->driver))
		item->state = VF_STATE_HOST;
	else if (item->holder)
		item->state = VF_STATE_USED;
	else
		item->state = usage_is_whole(&maker->look->host.users) ? VF_STATE_IDLE : VF_STATE_UNKNOWN;

	if (planned && planned->finding.name)
		finding_text(&planned->finding, item->text, sizeof(item->text));
	else if (planned && !planned->host && item->state == VF_STATE_HOST)
		snprintf(item->text, sizeof(item->text), "Proxmox VE binds it to %s when its guest starts",
			 VF_GUEST_DRIVER);
	else if (planned && item->state == VF_STATE_UNDRIVEN)
		snprintf(item->text, sizeof(item->text), "no driver is bound to it; 'gvt-early apply' binds %s",
			 planned->host ? "the host's" : VF_GUEST_DRIVER);
}

static void judge_missing(struct vf_state *item, const struct maker *maker)
{
	const struct past_run_vf *past = past_of(maker, item->address);
	const struct planned_pf *pf = maker->pf;
	item->state = VF_STATE_MISSING;
	if (maker->look->hung)
		snprintf(item->text, sizeof(item->text),
			 "the GPU's driver hangs: nothing can be created until the host reboots");
	else if (item->planned->finding.name)
		finding_text(&item->planned->finding, item->text, sizeof(item->text));
	else if (pf->stance != STANCE_ACT) {
		char text[SENTENCE_SIZE];
		snprintf(item->text, sizeof(item->text), "%s: %.800s", pf->leave.name,
			 finding_text(&pf->leave, text, sizeof(text)));
	} else if (past && (streq(past->result, "created") || streq(past->result, "existing")))
		snprintf(item->text, sizeof(item->text),
			 "existed in this boot, but was removed; 'gvt-early apply' creates it again");
	else if (past && past->detail[0])
		snprintf(item->text, sizeof(item->text), "%.*s", TEXT_SIZE - 1, past->detail);
	else if (past && streq(past->result, "not-made"))
		snprintf(item->text, sizeof(item->text),
			 "this boot's run ended before its turn; 'gvt-early apply' tries again");
	else if (past && streq(past->result, "pending"))
		snprintf(item->text, sizeof(item->text), "about to be created");
	else
		snprintf(item->text, sizeof(item->text), "not created yet; 'gvt-early apply' creates it");
}

static const struct planned_vf *planned_of(const struct planned_pf *pf, unsigned number)
{
	for (size_t i = 0; pf && i < pf->vf_count; i++)
		if (pf->vfs[i].number == number)
			return &pf->vfs[i];
	return NULL;
}

static void add(const struct maker *maker, unsigned number)
{
	struct vf_state_list *list = maker->list;
	const struct vf *there = sriov_vf(&maker->look->host.sriov.gpus[maker->gpu], number);
	const struct planned_vf *planned = planned_of(maker->pf, number);
	if (!there && !planned)
		return;
	struct vf_state *item = &list->items[list->count++];
	*item = (struct vf_state){ .gpu = maker->gpu, .number = number, .planned = planned };
	strcpy(item->address, there ? there->address : planned->address);
	if (there)
		judge_there(item, maker, there);
	else
		judge_missing(item, maker);

	bool usable = item->there && item->state != VF_STATE_UNDRIVEN;
	list->wanted += planned != NULL;
	list->there += planned && usable;
	list->missing += planned && !usable;
}

int vf_state_list_make(struct vf_state_list *list, const struct overview *look, const struct past_run *boot,
		       const struct past_run *apply)
{
	const struct vf_plan *plan = &look->plan.vfs;
	*list = (struct vf_state_list){ .count = 0 };
	list->items = calloc(look->host.gpus.count * VFS_MAX + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (size_t i = 0; i < look->host.gpus.count; i++) {
		struct maker maker = { .list = list, .look = look, .boot = boot, .apply = apply, .gpu = i };
		for (size_t p = 0; p < plan->count; p++)
			if (plan->pfs[p].gpu == i)
				maker.pf = &plan->pfs[p];
		for (unsigned number = 1; number <= VFS_MAX; number++)
			add(&maker, number);
	}
	return 0;
}

void vf_state_list_free(struct vf_state_list *list)
{
	free(list->items);
	*list = (struct vf_state_list){ .count = 0 };
}
