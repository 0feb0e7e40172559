// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/wanted_sources.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/replay.h"
#include "read/config/remembered_guests.h"

struct guests_shared {
	struct guest_list list; // shared with the child
	const struct root *root;
};

static int read_in_child(void *data)
{
	struct guests_shared *shared = data;
	guests_read(&shared->list, shared->root);
	return 0;
}

static bool is_listed(const struct settings *settings, unsigned vmid)
{
	for (size_t i = 0; i < settings->guest_id_count; i++)
		if (settings->guest_ids[i] == vmid)
			return true;
	return false;
}

// A guest with driver=keep can only start if its instance exists, and Proxmox VE does not create it: so the instance is
// wanted whenever the guest may be started.
bool sources_want(const struct settings *settings, const struct guest_entry *entry)
{
	switch (settings->guests) {
	case GUESTS_BOOT:
		return entry->boot || entry->item.keep;
	case GUESTS_LISTED:
		return is_listed(settings, entry->vmid) || entry->item.keep;
	case GUESTS_ALL:
		return true;
	case GUESTS_NONE:
		break;
	}
	return false;
}

static const char *parent_at(const struct wanted *item, size_t index)
{
	return index == 0 ? item->parent : item->others[index - 1];
}

static bool share_parent(const struct wanted *one, const struct wanted *other)
{
	if (!one->parent[0] || !other->parent[0])
		return true;
	for (size_t i = 0; i <= one->other_count; i++)
		for (size_t j = 0; j <= other->other_count; j++)
			if (wanted_device_has(parent_at(one, i), parent_at(other, j)) ||
			    wanted_device_has(parent_at(other, j), parent_at(one, i)))
				return true;
	return false;
}

static void take_parents(struct wanted *item, const struct wanted *from)
{
	strcpy(item->parent, from->parent);
	memcpy(item->others, from->others, sizeof(item->others));
	item->other_count = from->other_count;
}

// Our own files and a guest want the same instance.
static int merge_two(struct config *config, struct wanted *ours, const struct guest_entry *entry)
{
	const struct wanted *guests = &entry->item;
	if (streq(ours->type, guests->type) && share_parent(ours, guests)) {
		if (!ours->parent[0])
			take_parents(ours, guests);
		strcpy(ours->hostpci, guests->hostpci);
		ours->keep = guests->keep;
		ours->hookscript = guests->hookscript;
		return 0;
	}
	int r = config_add_problem(
		config, "",
		"%s: %s%s%s and %s: %s on %s are the same instance %s; using the latter, as guest %u does not "
		"start with another",
		ours->source, ours->type, ours->parent[0] ? " on " : "", ours->parent, guests->source, guests->type,
		guests->parent, ours->uuid, entry->vmid);
	*ours = *guests;
	return r;
}

static int add_item(struct config *config, const struct guest_entry *entry)
{
	const struct wanted *other = NULL;
	int r = 0;
	if (entry->warning[0])
		r = config_add_warning(config, "", "%s: %s", entry->item.source, entry->warning);
	if (r < 0)
		return r;
	r = wanted_add(&config->wanted, &entry->item, &other);
	if (r == -EEXIST)
		return merge_two(config, &config->wanted.items[other - config->wanted.items], entry);
	if (r == -ENOSPC)
		return config_add_problem(config, "", "%s: more than %d wanted instances; instance ignored",
					  entry->item.source, WANTED_MAX);
	return r;
}

// What Proxmox VE passes over, and what passes by itself, is no mistake.
static bool is_mistake(enum guest_trouble trouble)
{
	return trouble != TROUBLE_LINE_IGNORED && trouble != TROUBLE_LOCKED;
}

// number: the entry's among config.guests, as in struct message.
static int tell_trouble(struct config *config, const struct guest_entry *entry, size_t number)
{
	size_t problems = config->problem_count, warnings = config->warnings.count;
	int r = is_mistake(entry->trouble)
		? config_add_problem(config, "", "%s: %s", entry->item.source, entry->problem)
		: config_add_warning(config, "", "%s: %s", entry->item.source, entry->problem);
	if (config->problem_count > problems)
		config->problems[problems].entry = number;
	if (config->warnings.count > warnings)
		config->warnings.items[warnings].entry = number;
	return r;
}

static int add_entry(struct config *config, const struct guest_list *list, size_t index)
{
	const struct guest_entry *entry = &list->entries[index];
	if (guests_repeats(list, index))
		return 0;
	return entry->problem[0] ? tell_trouble(config, entry, config->guests ? index + 1 : 0)
				 : add_item(config, entry);
}

static bool has_guest(const struct guest_list *list, unsigned vmid)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].vmid == vmid)
			return true;
	for (size_t i = 0; i < list->claims.count; i++)
		if (list->claims.items[i].vmid == vmid && whole_gpu_may_be_vf(list->claims.items[i].address))
			return true;
	return false;
}

// A number in the admin's list that leads to nothing.
static int tell_unknown(struct config *config, const struct guest_list *list)
{
	const struct settings *settings = &config->settings;
	const char *place = settings->guests_place;
	int r = 0;
	for (size_t i = 0; r == 0 && settings->guests == GUESTS_LISTED && i < settings->guest_id_count; i++) {
		unsigned vmid = settings->guest_ids[i];
		char fix[SOURCE_SIZE + 80];
		snprintf(fix, sizeof(fix), "remove %u from 'guests' in %s, or give guest %u a vGPU", vmid, place, vmid);
		if (!has_guest(list, vmid))
			r = config_add_warning(config, fix,
					       "%s: 'guests' lists %u, but this node has no guest %u with a vGPU",
					       place, vmid, vmid);
	}
	return r;
}

// A virtual function counts for every guest, whether it starts at boot or not: later none can be created without
// removing all. Only guests = none leaves them out, but for those of the guest that is asked for (0 for none). A GPU
// that a guest takes whole is left alone all the same.
static void take_claims(struct config *config, const struct guest_list *list, unsigned vmid)
{
	struct whole_gpu_list *claims = &config->claims;
	*claims = list->claims;
	if (config->settings.guests != GUESTS_NONE)
		return;
	claims->count = 0;
	for (size_t i = 0; i < list->claims.count; i++) {
		const struct whole_gpu *claim = &list->claims.items[i];
		if (!whole_gpu_may_be_vf(claim->address) || (vmid && claim->vmid == vmid))
			claims->items[claims->count++] = *claim;
	}
}

int sources_merge(struct config *config, const struct guest_list *list)
{
	int r = 0;
	take_claims(config, list, 0);
	free(config->guests);
	config->guests = malloc(sizeof(*config->guests));
	if (!config->guests)
		return -ENOMEM;
	*config->guests = *list;
	for (size_t i = 0; r == 0 && i < list->problem_count; i++)
		r = config_add_problem(config, list->problems[i].fix, "%s", list->problems[i].text);
	for (size_t i = 0; r == 0 && i < list->count; i++)
		if (sources_want(&config->settings, &list->entries[i]))
			r = add_entry(config, list, i);
	return r < 0 ? r : tell_unknown(config, list);
}

static int use_known(struct config *config, const struct root *root, const char *reason)
{
	CLEANUP_FREE struct guest_list *known = malloc(sizeof(*known));
	if (!known)
		return -ENOMEM;
	snprintf(config->guests_unread, sizeof(config->guests_unread), "%s", reason);
	int r = remembered_load(known, root);
	if (r < 0)
		return config_add_warning(
			config, "",
			"the guests of Proxmox VE cannot be read (%s), and neither can their last known state "
			"(/" REMEMBERED_FILE ": %s): all of them are ignored",
			reason, remembered_error(r));
	r = config_add_warning(
		config, "",
		"the guests of Proxmox VE cannot be read (%s): using their last known state (/" REMEMBERED_FILE ")",
		reason);
	return r < 0 ? r : sources_merge(config, known);
}

static int use_read(struct config *config, const struct root *root, const struct guest_list *list, bool remember)
{
	int r = remember ? remembered_store(list, root) : 0;
	if (r < 0 &&
	    config_add_warning(config, "",
			       "/" REMEMBERED_FILE
			       " cannot be written (%s): if the guests become unreadable, there is no last "
			       "known state to use",
			       strerror(-r)) < 0)
		return -ENOMEM;
	return sources_merge(config, list);
}

// Reads the guests in a child. *ret_call stays the child's where that does not answer. Returns 0 when something was
// read.
static int read_guests(const struct root *root, uint64_t until_us, struct guests_shared **ret_shared)
{
	uint64_t limit_us = clock_now_us() + GUESTS_LIMIT_S * USEC_PER_SEC;
	struct guests_shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*ret_shared = shared == MAP_FAILED ? NULL : shared;
	if (!*ret_shared)
		return -ENOMEM;
	shared->root = root;
	return child_run(read_in_child, shared, until_us < limit_us ? until_us : limit_us);
}

// Why the guests cannot be read, NULL when they could.
static const char *unread(const struct guests_shared *shared, int result)
{
	if (result == -ETIMEDOUT)
		return shared->list.step == GUESTS_AT_HOST ? GUESTS_HOST_HUNG : GUESTS_HUNG;
	if (result != 0)
		return result < 0 ? strerror(-result) : "the child that reads them has failed";
	return shared->list.state == GUESTS_UNREADABLE ? shared->list.reason : NULL;
}

// Whether nothing is there that could be read, as in an initrd: then no child has to be made for it. What is only
// looked up here never waits for /etc/pve. A copy of a host has that directory only if something in it was read.
static bool has_none(const struct root *root)
{
	CLEANUP_CLOSE int held = dir_hold(root->fs, PVE_DIR);
	return held == -ENOENT && !file_exists(root->fs, PVE_CLUSTER_DIR);
}

int sources_add_guests(struct config *config, const struct root *root, uint64_t until_us, bool remember)
{
	struct guests_shared *shared;
	config->guests_denied = config->settings.proxmox = false;
	config->whole = true;
	if (!replay_is_copy() && has_none(root))
		return 0;
	int r = read_guests(root, until_us, &shared);
	if (!shared)
		return r;
	const char *reason = unread(shared, r);
	// /etc/pve itself may not answer.
	config->settings.proxmox =
		r == -ETIMEDOUT || shared->list.state != GUESTS_ABSENT || file_exists(root->fs, PVE_CLUSTER_DIR);
	r = 0;
	config->guests_denied = reason && streq(reason, shared->list.reason) && shared->list.denied;
	if (reason)
		r = use_known(config, root, reason);
	else if (shared->list.state == GUESTS_READ)
		r = use_read(config, root, &shared->list, remember);
	config->whole = !reason;
	(void)munmap(shared, sizeof(*shared));
	return r;
}

int sources_take_guest(struct config *config, const struct root *root, uint64_t until_us, unsigned vmid,
		       char *ret_unread, size_t size)
{
	struct guests_shared *shared;
	config_forget_wanted(config);
	int r = read_guests(root, until_us, &shared);
	if (!shared)
		return r;
	const char *reason = unread(shared, r);
	if (!reason && shared->list.state == GUESTS_ABSENT)
		reason = "not a Proxmox VE host";
	snprintf(ret_unread, size, "%s", reason ? reason : "");
	r = 0;
	if (!reason)
		take_claims(config, &shared->list, vmid);
	for (size_t i = 0; r == 0 && !reason && i < shared->list.count; i++) {
		const struct guest_entry *entry = &shared->list.entries[i];
		if (entry->vmid == vmid) // who asks starts it just now, whatever lock it has
			r = entry->trouble == TROUBLE_LOCKED ? add_item(config, entry)
							     : add_entry(config, &shared->list, i);
	}
	(void)munmap(shared, sizeof(*shared));
	return r;
}
