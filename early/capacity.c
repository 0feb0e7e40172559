// SPDX-License-Identifier: GPL-2.0-or-later
#include "capacity.h"

#include <stdio.h>

#define HOST_LOW_MIB  128 // aperture_gm.c: HOST_LOW_GM_SIZE
#define HOST_HIGH_MIB 384 // HOST_HIGH_GM_SIZE
#define VGPUS_MAX     7   // vgpu.c: numbers 1 to GVT_MAX_VGPU - 1; the fences, (32 - 4) / 4, allow as many

static const struct {
	const char *suffix;
	struct capacity_need need;
} types[] = {
	// vgpu.c: intel_vgpu_configs
	{ "_8", { 64, 384 } },
	{ "_4", { 128, 512 } },
	{ "_2", { 256, 1024 } },
	{ "_1", { 512, 2048 } },
};

bool capacity_of_type(const char *type, struct capacity_need *ret_need)
{
	const char *suffix = NULL;
	if (starts_with(type, "i915-GVTg_V4_") || starts_with(type, "i915-GVTg_V5_"))
		suffix = type + strlen("i915-GVTg_V4");
	for (size_t i = 0; suffix && i < ARRAY_SIZE(types); i++)
		if (streq(suffix, types[i].suffix)) {
			*ret_need = types[i].need;
			return true;
		}
	return false;
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

void capacity_take(struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	if (!capacity_of_type(type, &need))
		return;
	use->taken.low_mib += need.low_mib;
	use->taken.high_mib += need.high_mib;
	use->count++;
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

// What a need lacks, or NULL. A ggtt of 0 means that it could not be read.
static const char *lacking(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_need *need)
{
	if (need->low_mib > left(gpu->aperture / MIB, HOST_LOW_MIB, use->taken.low_mib))
		return "aperture";
	if (gpu->ggtt && need->high_mib > left(hidden_mib(gpu), HOST_HIGH_MIB, use->taken.high_mib))
		return "hidden memory";
	return NULL;
}

bool capacity_fits(const struct gpu *gpu, const struct capacity_use *use, const char *type)
{
	struct capacity_need need;
	return !capacity_of_type(type, &need) || (use->count < VGPUS_MAX && !lacking(gpu, use, &need));
}

void capacity_explain(const struct gpu *gpu, const struct capacity_use *use, const char *type, char *ret_text, size_t size)
{
	struct capacity_need need;
	if (!capacity_of_type(type, &need)) {
		snprintf(ret_text, size, "the type is not one of GVT-g's");
		return;
	}
	if (use->count >= VGPUS_MAX) {
		snprintf(ret_text, size, "the GPU has %u vGPUs, and it can have no more than %d", use->count, VGPUS_MAX);
		return;
	}
	int n = snprintf(ret_text, size,
			 "needs %u MiB of aperture and %u MiB of hidden memory; aperture %u MiB: host %d, %u vGPU%s %u, free "
			 "%u",
			 need.low_mib, need.high_mib, (unsigned)(gpu->aperture / MIB), HOST_LOW_MIB, use->count,
			 use->count == 1 ? "" : "s", use->taken.low_mib,
			 left(gpu->aperture / MIB, HOST_LOW_MIB, use->taken.low_mib));
	if (gpu->ggtt && n > 0 && (size_t)n < size)
		n += snprintf(ret_text + n, size - (size_t)n, "; hidden %u MiB: host %d, vGPUs %u, free %u",
			      (unsigned)hidden_mib(gpu), HOST_HIGH_MIB, use->taken.high_mib,
			      left(hidden_mib(gpu), HOST_HIGH_MIB, use->taken.high_mib));
	if (n < 0 || (size_t)n >= size)
		return;
	const char *lacks = lacking(gpu, use, &need);
	if (lacks)
		snprintf(ret_text + n, size - (size_t)n, ": too little %s", lacks);
	else
		snprintf(ret_text + n, size - (size_t)n,
			 ": it should fit, so the free memory is fragmented or held by the host's own display");
}
