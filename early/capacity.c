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

void capacity_explain(const struct gpu *gpu, const struct instance_list *instances, const char *type, char *ret_text,
		      size_t size)
{
	struct capacity_need need, taken = { 0 };
	if (!capacity_of_type(type, &need)) {
		snprintf(ret_text, size, "the type is not one of GVT-g's");
		return;
	}
	unsigned count = 0;
	for (size_t i = 0; i < instances->count; i++) {
		struct capacity_need one;
		if (!streq(instances->items[i].parent, gpu->address) ||
		    !capacity_of_type(instances->items[i].type, &one))
			continue;
		taken.low_mib += one.low_mib;
		taken.high_mib += one.high_mib;
		count++;
	}

	uint64_t aperture_mib = gpu->aperture / MIB;
	uint64_t hidden_mib = gpu->ggtt > gpu->aperture ? (gpu->ggtt - gpu->aperture) / MIB : 0;
	unsigned low_free = left(aperture_mib, HOST_LOW_MIB, taken.low_mib);
	unsigned high_free = left(hidden_mib, HOST_HIGH_MIB, taken.high_mib);
	if (count >= VGPUS_MAX) {
		snprintf(ret_text, size, "the GPU has %u vGPUs, and it can have no more than %d", count, VGPUS_MAX);
		return;
	}
	const char *lacking = need.low_mib > low_free              ? "aperture"
			      : gpu->ggtt && need.high_mib > high_free ? "hidden memory"
								       : NULL;
	int n = snprintf(ret_text, size,
			 "needs %u MiB of aperture and %u MiB of hidden memory; aperture %u MiB: host %d, %u vGPU%s %u, free "
			 "%u",
			 need.low_mib, need.high_mib, (unsigned)aperture_mib, HOST_LOW_MIB, count, count == 1 ? "" : "s",
			 taken.low_mib, low_free);
	if (gpu->ggtt && n > 0 && (size_t)n < size)
		n += snprintf(ret_text + n, size - (size_t)n, "; hidden %u MiB: host %d, vGPUs %u, free %u",
			      (unsigned)hidden_mib, HOST_HIGH_MIB, taken.high_mib, high_free);
	if (n < 0 || (size_t)n >= size)
		return;
	if (lacking)
		snprintf(ret_text + n, size - (size_t)n, ": too little %s", lacking);
	else
		snprintf(ret_text + n, size - (size_t)n,
			 ": it should fit, so the free memory is fragmented or held by the host's own display");
}
