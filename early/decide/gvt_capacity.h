// SPDX-License-Identifier: GPL-2.0-or-later
// What a GPU's vGPUs share: aperture ("low"), hidden memory ("high") and vGPU numbers. Pure.
//
// The figures are those of drivers/gpu/drm/i915/gvt/vgpu.c and aperture_gm.c, the same in Linux 5.10 to 7.3 (kernel.md,
// section 2). Types of one GPU share one pool.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/util.h"
#include "read/host/igpu.h"
#include "read/host/mdev.h"

struct capacity_need {
	unsigned low_mib, high_mib;
};

// The sizes that vGPUs come in, smallest first, as the driver lists the types.
#define CAPACITY_SIZES 4

struct capacity_size {
	const char *suffix; // what a type's name ends with: "_8" is an eighth
	struct capacity_need need;
	const char *resolution; // the largest screen that a guest gets; no limit for anything else
};

extern const struct capacity_size capacity_sizes[CAPACITY_SIZES];

// What the host keeps for itself.
extern const struct capacity_need capacity_host;

#define CAPACITY_VGPUS_MAX 7 // vgpu.c: numbers 1 to GVT_MAX_VGPU - 1; the fences, (32 - 4) / 4, allow as many

// The type of a size on a GPU, such as i915-GVTg_V5_4: V4 on Broadwell, V5 on all others.
void capacity_type_name(const struct gpu *gpu, const struct capacity_size *size, char ret_type[static TYPE_NAME_SIZE]);

// The types that a GPU has by its generation and aperture, smallest first: those that the driver will list once it is
// loaded.
void capacity_types(const struct gpu *gpu, struct type_list *ret_types);

// The type to show as an example for a GPU: the one that most take, or the largest that there is; "" when there is
// none.
void capacity_example(const struct gpu *gpu, char ret_type[static TYPE_NAME_SIZE]);

// Whether a GPU of this generation has the type, with a larger aperture perhaps.
bool capacity_is_of(const struct gpu *gpu, const char *type);

// The size of a type; NULL for a type that is not GVT-g's.
const struct capacity_size *capacity_size_of(const char *type);

// The offered type that comes nearest to one that is not: of the same size, else of the nearest; NULL when none is
// offered, or when that one has no size.
const char *capacity_nearest(const struct type_list *list, const char *type);

// What one vGPU of a type takes; false for a type that is not GVT-g's.
bool capacity_of_type(const char *type, struct capacity_need *ret_need);

// What vGPUs take of a GPU together.
struct capacity_use {
	struct capacity_need taken;
	unsigned count;
};

// What the instances that exist take of a GPU.
void capacity_used(struct capacity_use *use, const struct gpu *gpu, const struct instance_list *instances);
// Adds one of a type, and takes one away.
void capacity_take(struct capacity_use *use, const char *type);
void capacity_give(struct capacity_use *use, const char *type);
// Whether one more has room beside these; true as well for a type that is not GVT-g's.
bool capacity_fits(const struct gpu *gpu, const struct capacity_use *use, const char *type);

// Whether the driver has the type at all: it lists what would fit if the host alone took its share of the aperture.
bool capacity_offers(const struct gpu *gpu, const struct capacity_size *size);

// How many more of a size have room beside these. What the driver tells is this without the limit of vGPUs in all; with
// an aperture as large as the whole address space it tells nonsense, and makes none.
unsigned capacity_room(const struct gpu *gpu, const struct capacity_use *use, const struct capacity_size *size);

// What is there in all, what is left of it beside these, and how many vGPUs may still come. Hidden memory that is not
// known is 0.
void capacity_total(const struct gpu *gpu, struct capacity_need *ret_need);
void capacity_left(const struct gpu *gpu, const struct capacity_use *use, struct capacity_use *ret_left);

// Which vGPUs together would fill what is left: so many of each size.
struct capacity_mix {
	unsigned counts[CAPACITY_SIZES];
};
#define CAPACITY_MIXES_MAX 64

// The mixes to which nothing can be added, and in which nothing can be a size larger; the larger sizes first. Returns
// how many.
size_t capacity_mixes(const struct gpu *gpu, const struct capacity_use *use,
		      struct capacity_mix ret_mixes[static CAPACITY_MIXES_MAX]);

// Begins a finding of why a type has no room: the pool's figures (what is there, kept by the host, taken, free), and
// which of them the type lacks; where it lacks none, that it should fit.
void capacity_explain(struct finding *finding, const struct gpu *gpu, const struct capacity_use *use, const char *type);

// The smallest aperture in MiB with which the GPU offers the type.
unsigned capacity_min_aperture_mib(const struct capacity_need *need);
