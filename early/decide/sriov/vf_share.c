// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/sriov/vf_share.h"

#include <stdio.h>

#include "decide/sriov/vf_plan.h"

#define VFS_USUAL 7

// What the guests have that were started so far.
struct search {
	const struct whole_gpu_list *claims;
	const struct whole_gpu *taken[CLAIMS_MAX];
	size_t taken_count;
};

static bool is_of_slot(const struct whole_gpu *claim, const struct whole_gpu *slot)
{
	return claim->vmid == slot->vmid && claim->index == slot->index;
}

static const struct whole_gpu *holder_of(const struct search *search, const char *address)
{
	for (size_t i = 0; i < search->taken_count; i++)
		if (streq(search->taken[i]->address, address))
			return search->taken[i];
	return NULL;
}

// Who has anything of one of a slot's alternatives, NULL when it is free. Returns false of one that is not there.
static bool find_holder(const struct search *search, const struct whole_gpu *slot, unsigned entry,
			const struct whole_gpu **ret)
{
	bool found = false;
	*ret = NULL;
	for (size_t i = 0; i < search->claims->count; i++) {
		const struct whole_gpu *claim = &search->claims->items[i];
		if (!is_of_slot(claim, slot) || claim->entry != entry)
			continue;
		found = true;
		if (!*ret)
			*ret = holder_of(search, claim->address);
	}
	return found;
}

static void take_entry(struct search *search, const struct whole_gpu *slot, unsigned entry)
{
	for (size_t i = 0; i < search->claims->count; i++) {
		const struct whole_gpu *claim = &search->claims->items[i];
		if (is_of_slot(claim, slot) && claim->entry == entry)
			search->taken[search->taken_count++] = claim;
	}
}

// Returns false when the slot gets nothing.
static bool take_slot(struct search *search, const struct whole_gpu *slot, struct vf_clash *clash)
{
	*clash = (struct vf_clash){ .claim = slot };
	for (unsigned entry = 0; entry < MAPPING_ENTRIES_MAX; entry++) {
		const struct whole_gpu *holder;
		if (!find_holder(search, slot, entry, &holder))
			continue;
		if (!holder) {
			take_entry(search, slot, entry);
			return true;
		}
		if (!clash->other)
			clash->other = holder;
		clash->entries += slot->mapping[0] != '\0';
	}
	return false;
}

// A guest's slots come in the order of their names.
static int by_start(const void *a, const void *b)
{
	const struct whole_gpu *one = *(const struct whole_gpu *const *)a, *other = *(const struct whole_gpu *const *)b;
	char names[2][16];
	if (one->order != other->order)
		return one->order < other->order ? -1 : 1;
	if (one->vmid != other->vmid)
		return one->vmid < other->vmid ? -1 : 1;
	snprintf(names[0], sizeof(names[0]), "%u", one->index);
	snprintf(names[1], sizeof(names[1]), "%u", other->index);
	return strcmp(names[0], names[1]);
}

static bool is_known(const struct whole_gpu *const *slots, size_t count, const struct whole_gpu *claim)
{
	for (size_t i = 0; i < count; i++)
		if (is_of_slot(slots[i], claim))
			return true;
	return false;
}

void vf_clash_find(struct vf_clash_list *list, const struct host *host, const struct config *config)
{
	const struct whole_gpu *slots[CLAIMS_MAX] = { NULL };
	struct search search = { .claims = &config->claims };
	size_t count = 0;
	for (size_t i = 0; i < config->claims.count; i++) {
		const struct whole_gpu *claim = &config->claims.items[i];
		if (claim->boot && claim->vmid && vf_is_claimed(host, claim) && !is_known(slots, count, claim))
			slots[count++] = claim;
	}
	qsort(slots, count, sizeof(slots[0]), by_start);
	list->count = 0;
	for (size_t i = 0; i < count; i++)
		list->count += !take_slot(&search, slots[i], &list->items[list->count]);
}

static bool is_named(const struct config *config, const char *address)
{
	const struct whole_gpu_list *claims = config_all_claims(config);
	for (size_t i = 0; i < claims->count; i++)
		if (streq(claims->items[i].address, address))
			return true;
	return false;
}

// A guest that runs keeps its VF until it stops, whatever its file says by now.
static bool is_held(const struct host *host, size_t gpu, unsigned number)
{
	const struct sriov *sriov = &host->sriov.gpus[gpu];
	const struct vf *there = sriov_vf(sriov, number);
	return there && usage_vf_holder(&host->users, gpu, (size_t)(there - sriov->vfs));
}

unsigned vf_most(const struct host *host, const struct gpu *gpu)
{
	const struct sriov *sriov = &host->sriov.gpus[gpu - host->gpus.items];
	return sriov->total < 0 ? VFS_USUAL : (unsigned)sriov->total;
}

unsigned vf_next_free(const struct host *host, const struct gpu *gpu, const struct config *config, unsigned from,
		      char ret_address[static PCI_ADDRESS_SIZE])
{
	const struct sriov *sriov = &host->sriov.gpus[gpu - host->gpus.items];
	const struct sriov_wish *wish =
		sriov_wish_for(&config->sriov, gpu->address, gpu_list_sriov(&host->gpus) == gpu);
	for (unsigned number = from; number <= vf_most(host, gpu); number++)
		if (sriov_vf_address(sriov, gpu->address, number, ret_address) == 0 && !is_named(config, ret_address) &&
		    !sriov_wish_keeps(wish, number) && !is_held(host, (size_t)(gpu - host->gpus.items), number))
			return number;
	return 0;
}
