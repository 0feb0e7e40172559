// SPDX-License-Identifier: GPL-2.0-or-later
// What a GPU's vGPUs share: aperture ("low"), hidden memory ("high") and vGPU numbers. Pure.
//
// The figures are those of drivers/gpu/drm/i915/gvt/vgpu.c and aperture_gm.c, the same in Linux 5.10 to 7.3 (kernel.md,
// section 2). Types of one GPU share one pool.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "igpu.h"
#include "mdev.h"
#include "util.h"

struct capacity_need {
	unsigned low_mib, high_mib;
};

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

// One sentence with the pool's figures: what is there, kept by the host, taken, free, and which of them the type lacks.
void capacity_explain(const struct gpu *gpu, const struct capacity_use *use, const char *type, char *ret_text, size_t size);

// The smallest aperture in MiB with which the GPU offers the type.
unsigned capacity_min_aperture_mib(const struct capacity_need *need);
