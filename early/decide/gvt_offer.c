// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/gvt_offer.h"

#include <stdio.h>

// What the driver says goes before what is known of the type.
static void take_detail(struct offer *offer, const struct type_detail *detail)
{
	if (detail->low_mib)
		offer->need.low_mib = detail->low_mib;
	if (detail->high_mib)
		offer->need.high_mib = detail->high_mib;
	if (detail->resolution[0])
		strcpy(offer->resolution, detail->resolution);
}

static void add(struct offer_list *list, const char *type, const struct type_detail *detail)
{
	struct offer *offer = &list->items[list->count++];
	const struct capacity_size *size = capacity_size_of(type);
	*offer = (struct offer){ .told = detail ? detail->available : -1 };
	snprintf(offer->type, sizeof(offer->type), "%s", type);
	if (size) {
		offer->need = size->need;
		snprintf(offer->resolution, sizeof(offer->resolution), "%s", size->resolution);
	}
	if (detail)
		take_detail(offer, detail);
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

void offer_list_make(struct offer_list *list, const struct host *host, const struct gpu *gpu,
		     const struct type_details *details)
{
	*list = (struct offer_list){ .count = 0 };
	if (gpu->verdict != GPU_SUPPORTED)
		return;
	const struct type_list *types = host_types(host, gpu->address);
	struct type_list computed;
	capacity_types(gpu, &computed);
	bool listed = types->registered;
	list->computed = !types->registered && !types->hung;
	list->taken = gpu->driver[0] && !streq(gpu->driver, "i915");
	list->hung = listed && types->count > 0 ? details->hung : types->hung;
	if (!listed)
		types = &computed;
	for (size_t i = 0; i < types->count; i++)
		add(list, types->names[i], listed ? &details->items[i] : NULL);
	compute(list, host, gpu);
}
