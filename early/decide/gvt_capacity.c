// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/gvt_capacity.h"

#include <stdio.h>

#define HOST_LOW_MIB  128 // aperture_gm.c: HOST_LOW_GM_SIZE
#define HOST_HIGH_MIB 384 // HOST_HIGH_GM_SIZE

// vgpu.c: intel_vgpu_configs
const struct capacity_size capacity_sizes[CAPACITY_SIZES] = {
	{ "_8", { 64, 384 }, "1024x768" },
	{ "_4", { 128, 512 }, "1920x1200" },
	{ "_2", { 256, 1024 }, "1920x1200" },
	{ "_1", { 512, 2048 }, "1920x1200" },
};

const struct capacity_need capacity_host = { HOST_LOW_MIB, HOST_HIGH_MIB };

const struct capacity_size *capacity_size_of(const char *type)
{
	const char *suffix = NULL;
	if (starts_with(type, "i915-GVTg_V4_") || starts_with(type, "i915-GVTg_V5_"))
		suffix = type + strlen("i915-GVTg_V4");
	for (size_t i = 0; suffix && i < CAPACITY_SIZES; i++)
		if (streq(suffix, capacity_sizes[i].suffix))
			return &capacity_sizes[i];
	return NULL;
}

void capacity_type_name(const struct gpu *gpu, const struct capacity_size *size, char ret_type[static TYPE_NAME_SIZE])
{
	snprintf(ret_type, TYPE_NAME_SIZE, "i915-GVTg_V%d%s", streq(gpu->name, "Broadwell") ? 4 : 5, size->suffix);
}

void capacity_types(const struct gpu *gpu, struct type_list *ret_types)
{
	*ret_types = (struct type_list){ .count = 0 };
	for (size_t i = 0; i < CAPACITY_SIZES; i++)
		if (capacity_offers(gpu, &capacity_sizes[i]))
			capacity_type_name(gpu, &capacity_sizes[i], ret_types->names[ret_types->count++]);
}

void capacity_example(const struct gpu *gpu, char ret_type[static TYPE_NAME_SIZE])
{
	struct type_list types;
	capacity_types(gpu, &types);
	strcpy(ret_type,
	       types.count == 0 ? "" : types.names[types.count > 1 ? 1 : 0]); // "_4" where it is offered, else "_8"
}

bool capacity_is_of(const struct gpu *gpu, const char *type)
{
	char name[TYPE_NAME_SIZE] = "";
	const struct capacity_size *size = capacity_size_of(type);
	if (size)
		capacity_type_name(gpu, size, name);
	return size && streq(name, type);
}

// GVT-g's sizes are the number at the end: the smaller it is the larger is the vGPU.
static long size_of(const char *type)
{
	const char *end = strrchr(type, '_');
	return end ? strtol(end + 1, NULL, 10) : 0;
}

const char *capacity_nearest(const struct type_list *list, const char *type)
{
	const char *nearest = NULL;
	long best = 0;
	if (size_of(type) <= 0)
		return NULL; // of another driver
	for (size_t i = 0; i < list->count; i++) {
		long far = labs(size_of(list->names[i]) - size_of(type));
		if (!nearest || far < best) {
			nearest = list->names[i];
			best = far;
		}
	}
	return nearest;
}

bool capacity_of_type(const char *type, struct capacity_need *ret_need)
{
	const struct capacity_size *size = capacity_size_of(type);
	if (size)
		*ret_need = size->need;
	return size;
}

unsigned capacity_min_aperture_mib(const struct capacity_need *need)
{
	unsigned mib = 256;
	while (mib - HOST_LOW_MIB < need->low_mib)
		mib *= 2;
	return mib;
}

static unsigned left(uint64_t total_mib, unsigned host_mib, unsigned taken_mib)
{
	return total_mib > host_mib + taken_mib ? (unsigned)(total_mib - host_mib - taken_mib) : 0;
}

static void add(struct capacity_use *use, const struct capacity_need *need)
{
	use->taken.low_mib += need->low_mib;
	use->taken.high_mib += need->high_mib;
	use->count++;
}

void capacity_take(struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	if (!capacity_of_type(type, &need))
		return;
	add(use, &need);
}

void capacity_give(struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	if (!capacity_of_type(type, &need))
		return;
	use->taken.low_mib -= need.low_mib;
	use->taken.high_mib -= need.high_mib;
	use->count--;
}

void capacity_used(struct capacity_use *use, const struct gpu *gpu, const struct instance_list *instances)
{
	*use = (struct capacity_use){ .count = 0 };
	for (size_t i = 0; i < instances->count; i++)
		if (streq(instances->items[i].parent, gpu->address))
			capacity_take(use, instances->items[i].type);
}

static uint64_t hidden_mib(const struct gpu *gpu)
{
	return gpu->ggtt > gpu->aperture ? (gpu->ggtt - gpu->aperture) / MIB : 0;
}

// What a need lacks, as the cause to tell; CAUSE_NONE when nothing. A ggtt of 0 means that it could not be read.
static enum cause lacking(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_need *need)
{
	if (need->low_mib > left(gpu->aperture / MIB, HOST_LOW_MIB, use->taken.low_mib))
		return CAUSE_APERTURE_LACKS;
	if (gpu->ggtt && need->high_mib > left(hidden_mib(gpu), HOST_HIGH_MIB, use->taken.high_mib))
		return CAUSE_HIDDEN_LACKS;
	return CAUSE_NONE;
}

bool capacity_fits(const struct gpu *gpu, const struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	return !capacity_of_type(type, &need) ||
		(use->count < CAPACITY_VGPUS_MAX && lacking(gpu, use, &need) == CAUSE_NONE);
}

bool capacity_offers(const struct gpu *gpu, const struct capacity_size *size)
{
	return left(gpu->aperture / MIB, HOST_LOW_MIB, 0) >= size->need.low_mib;
}

unsigned capacity_room(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_size *size)
{
	struct capacity_use more = *use;
	for (; more.count < CAPACITY_VGPUS_MAX && lacking(gpu, &more, &size->need) == CAUSE_NONE;)
		add(&more, &size->need);
	return more.count - use->count;
}

void capacity_total(const struct gpu *gpu, struct capacity_need *ret_need)
{
	ret_need->low_mib = (unsigned)(gpu->aperture / MIB);
	ret_need->high_mib = (unsigned)hidden_mib(gpu);
}

void capacity_left(const struct gpu *gpu, const struct capacity_use *use, struct capacity_use *ret_left)
{
	ret_left->taken.low_mib = left(gpu->aperture / MIB, HOST_LOW_MIB, use->taken.low_mib);
	ret_left->taken.high_mib = left(hidden_mib(gpu), HOST_HIGH_MIB, use->taken.high_mib);
	ret_left->count = use->count < CAPACITY_VGPUS_MAX ? CAPACITY_VGPUS_MAX - use->count : 0;
}

// Whether all of a mix has room beside these.
static bool mix_fits(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_mix *mix)
{
	struct capacity_use all = *use;
	for (size_t i = 0; i < CAPACITY_SIZES; i++)
		for (unsigned n = 0; n < mix->counts[i]; n++) {
			if (all.count >= CAPACITY_VGPUS_MAX ||
			    lacking(gpu, &all, &capacity_sizes[i].need) != CAUSE_NONE)
				return false;
			add(&all, &capacity_sizes[i].need);
		}
	return true;
}

// Whether nothing can be added, and nothing be larger.
static bool mix_is_full(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_mix *mix)
{
	struct capacity_mix more = *mix;
	more.counts[0]++;
	if (mix_fits(gpu, use, &more))
		return false;
	for (size_t i = 0; i + 1 < CAPACITY_SIZES; i++) {
		more = *mix;
		if (more.counts[i] == 0)
			continue;
		more.counts[i]--;
		more.counts[i + 1]++;
		if (mix_fits(gpu, use, &more))
			return false;
	}
	return true;
}

size_t capacity_mixes(const struct gpu *gpu, const struct capacity_use *use,
		      struct capacity_mix ret_mixes[static CAPACITY_MIXES_MAX])
{
	size_t count = 0;
	unsigned most[CAPACITY_SIZES];
	for (size_t i = 0; i < CAPACITY_SIZES; i++)
		most[i] = capacity_room(gpu, use, &capacity_sizes[i]);
	if (most[0] == 0)
		return 0;
	struct capacity_mix mix;
	unsigned *n = mix.counts;
	for (n[3] = most[3] + 1; n[3]-- > 0;)
		for (n[2] = most[2] + 1; n[2]-- > 0;)
			for (n[1] = most[1] + 1; n[1]-- > 0;)
				for (n[0] = most[0] + 1; n[0]-- > 0;)
					if (count < CAPACITY_MIXES_MAX && mix_fits(gpu, use, &mix) &&
					    mix_is_full(gpu, use, &mix))
						ret_mixes[count++] = mix;
	return count;
}

// The pool's figures.
static void add_pool(struct finding *finding, const struct gpu *gpu, const struct capacity_use *use,
		     const struct capacity_need *need)
{
	struct capacity_use free;
	capacity_left(gpu, use, &free);
	finding_value(finding, VALUE_NEED_LOW, "%u", need->low_mib);
	finding_value(finding, VALUE_NEED_HIGH, "%u", need->high_mib);
	finding_value(finding, VALUE_COUNT, "%u", use->count);
	finding_value(finding, VALUE_LOW, "%u", (unsigned)(gpu->aperture / MIB));
	finding_value(finding, VALUE_HOST_LOW, "%d", HOST_LOW_MIB);
	finding_value(finding, VALUE_TAKEN_LOW, "%u", use->taken.low_mib);
	finding_value(finding, VALUE_FREE_LOW, "%u", free.taken.low_mib);
	if (!gpu->ggtt)
		return;
	finding_value(finding, VALUE_HIGH, "%u", (unsigned)hidden_mib(gpu));
	finding_value(finding, VALUE_HOST_HIGH, "%d", HOST_HIGH_MIB);
	finding_value(finding, VALUE_TAKEN_HIGH, "%u", use->taken.high_mib);
	finding_value(finding, VALUE_FREE_HIGH, "%u", free.taken.high_mib);
}

void capacity_explain(struct finding *finding, const struct gpu *gpu, const struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	if (!capacity_of_type(type, &need)) {
		finding_make(finding, "capacity", SEVERITY_WARNING, CAUSE_TYPE_FOREIGN);
		return;
	}
	if (use->count >= CAPACITY_VGPUS_MAX) {
		finding_make(finding, "capacity", SEVERITY_WARNING, CAUSE_VGPUS_MOST);
		finding_value(finding, VALUE_COUNT, "%u", use->count);
		finding_value(finding, VALUE_MOST, "%d", CAPACITY_VGPUS_MAX);
		return;
	}
	enum cause lack = lacking(gpu, use, &need);
	finding_make(finding, "capacity", SEVERITY_WARNING, lack != CAUSE_NONE ? lack : CAUSE_ROOM_IN_PIECES);
	add_pool(finding, gpu, use, &need);
}
