// SPDX-License-Identifier: GPL-2.0-or-later
// Which words of the kernel command line this host needs for vGPUs, of GVT-g or of SR-IOV, and which stand against
// them; no others. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/util.h"
#include "decide/iommu_default.h"
#include "decide/setup/word_change.h"
#include "decide/sriov/gpu_way.h"
#include "read/check_facts.h"

#define NEEDS_MAX 12
#define LEFT_MAX  4

enum need_why {
	NEED_IOMMU,         // kernel does not switch VT-d on by itself
	NEED_IOMMU_UNKNOWN, // it is not known whether it does
	NEED_IOMMU_GPU,     // kernel does it for all but the GPU, which SR-IOV splits
	NEED_GVT,           // no initrd of this host can have gvt-early in it, so i915 is loaded without it
	NEED_DRIVER,        // likewise: what the driver of SR-IOV has to be told
	NEED_SPELLING,      // the word was meant, and has no effect as it is spelled
	NEED_NOT_OFF,       // it switches VT-d off
	NEED_NOT_FOR_GPU,   // it switches VT-d off for the GPU that needs it
	NEED_NOT_FORBIDDEN, // it keeps i915 or GVT-g off
};

struct need {
	struct word_change change;
	enum need_why why;
};

struct setup_needs {
	struct need items[NEEDS_MAX];
	size_t count;
	struct gpu_way way;            // how the GPU is split, where that is not by GVT-g
	struct finding left[LEFT_MAX]; // what stands against vGPUs and is not changed: the admin says so with it, or it
				       // is no word
	size_t left_count;
	bool iommu_wanted;         // guests need VT-d
	bool iommu_said;           // a word switches it on
	bool iommu_spares;         // it does for all but the GPU that needs it
	enum iommu_default iommu;  // whether all kernels that may boot switch it on by themselves
	char kernel[RELEASE_SIZE]; // the one that decides that
};

// words is what the kernel command line has by the bootloader's files (word_change.h). facts_read_next() comes before.
// Returns a negative errno only when out of memory.
MUST_CHECK int setup_needs_find(struct setup_needs *needs, const struct facts *facts, const char *words);

// Whether words are what they should be, or have at least all that was needed: of an entry that was made of them.
bool setup_needs_met(const char *words, const struct word_change *changes, size_t count);
