// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/gpu_offer.h"

#include <errno.h>
#include <stdio.h>

#include "base/child.h"
#include "base/file.h"

#define FENCES 4 // of each type: vgpu.c
#define TYPE_ATTRIBUTE "bus/pci/devices/%s/mdev_supported_types/%s/%s"

// Shared with the child that asks the driver.
struct call {
	struct offer_list list;
	const struct root *root;
	const struct gpu *gpu;
};

// kvmgt's text has a line for each: "low_gm_size: 64MB" and the like.
static void take_description(struct offer *offer, char *text)
{
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned number;
		char word[24];
		if (sscanf(line, "low_gm_size: %uMB", &number) == 1)
			offer->need.low_mib = number;
		else if (sscanf(line, "high_gm_size: %uMB", &number) == 1)
			offer->need.high_mib = number;
		else if (sscanf(line, "fence: %u", &number) == 1)
			offer->fences = number;
		else if (sscanf(line, "resolution: %23s", word) == 1)
			strcpy(offer->resolution, word);
	}
}

// Each of these reads takes the driver's lock.
static int ask_driver(void *data)
{
	struct call *call = data;
	for (size_t i = 0; i < call->list.count; i++) {
		struct offer *offer = &call->list.items[i];
		char text[1024];
		int r = file_read_linef(call->root->sys, text, sizeof(text), TYPE_ATTRIBUTE, call->gpu->address, offer->type, "description");
		if (r >= 0)
			take_description(offer, text);
		if (r != -ETIMEDOUT)
			r = file_read_linef(call->root->sys, text, sizeof(text), TYPE_ATTRIBUTE, call->gpu->address, offer->type,
					    "available_instances");
		unsigned number;
		if (r >= 0 && sscanf(text, "%u", &number) == 1)
			offer->told = number > INT32_MAX ? INT32_MAX : (int)number;
		if (r == -ETIMEDOUT) { // so it was when the host's files were captured
			call->list.hung = true;
			break;
		}
	}
	return 0;
}

static void add(struct offer_list *list, const char *type)
{
	struct offer *offer = &list->items[list->count++];
	const struct capacity_size *size = capacity_size_of(type);
	*offer = (struct offer){ .told = -1 };
	snprintf(offer->type, sizeof(offer->type), "%s", type);
	if (size) {
		offer->need = size->need;
		offer->fences = FENCES;
		snprintf(offer->resolution, sizeof(offer->resolution), "%s", size->resolution);
	}
}

static int by_size(const void *a, const void *b)
{
	const struct offer *one = a, *other = b;
	if (one->need.low_mib != other->need.low_mib)
		return one->need.low_mib < other->need.low_mib ? -1 : 1;
	return strcmp(one->type, other->type);
}

static void compute(struct offer_list *list, const struct host *host, const struct gpu *gpu)
{
	const struct capacity_use nothing = { .count = 0 };
	struct capacity_use use;
	capacity_used(&use, gpu, &host->instances);
	for (size_t i = 0; i < list->count; i++) {
		struct offer *offer = &list->items[i];
		const struct capacity_size *size = capacity_size_of(offer->type);
		offer->at_most = size ? capacity_room(gpu, &nothing, size) : 0;
		offer->free = size ? capacity_room(gpu, &use, size) : offer->told > 0 ? (unsigned)offer->told : 0;
		if (offer->told >= 0 && (unsigned)offer->told < offer->free)
			offer->free = (unsigned)offer->told;
		if (list->taken)
			offer->free = 0;
	}
	qsort(list->items, list->count, sizeof(list->items[0]), by_size);
}

static void ask_in_child(struct offer_list *list, const struct root *root, const struct host *host,
			 const struct gpu *gpu, uint64_t until_us)
{
	list->hung = host->gpus.hung; // then it is not asked once more
	if (list->hung)
		return;
	struct call call = { .list = *list, .root = root, .gpu = gpu };
	int r = child_run_shared(ask_driver, &call, sizeof(call), until_us);
	*list = call.list;
	list->hung |= r == -ETIMEDOUT;
}

void offer_list_read(struct offer_list *list, const struct root *root, const struct host *host, const struct gpu *gpu,
		     uint64_t until_us)
{
	*list = (struct offer_list){ .count = 0 };
	if (gpu->verdict != GPU_SUPPORTED)
		return;
	const struct type_list *types = host_types(host, gpu->address);
	struct type_list computed;
	capacity_types(gpu, &computed);
	bool asked = types->registered;
	list->computed = !types->registered && !types->hung;
	list->taken = gpu->driver[0] && !streq(gpu->driver, "i915");
	list->hung = types->hung;
	if (!asked)
		types = &computed;
	for (size_t i = 0; i < types->count; i++)
		add(list, types->names[i]);
	if (list->count > 0 && asked)
		ask_in_child(list, root, host, gpu, until_us);
	compute(list, host, gpu);
}
