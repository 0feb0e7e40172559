// SPDX-License-Identifier: GPL-2.0-or-later
// How the virtual functions (VFs) of a GPU share its time and its memory, as far as its driver says so (sriov.h).
#pragma once

#include <stdint.h>

#include "read/host/sriov.h"

// Of one VF; each is a negative errno where it cannot be read.
struct vf_profile {
	long quantum_ms; // of the GPU's time in turn, 0 for no limit
	long timeout_us; // after which what does not yield is stopped, 0 for never
	long vram;       // bytes of a discrete GPU's memory
	long ggtt;       // bytes of the graphics address space; i915-sriov-dkms' i915 alone tells them
};

struct sriov_profiles {
	struct vf_profile vfs[VFS_MAX]; // as in struct sriov
	bool hung;                      // the driver does not answer: the rest is missing
};

// Reads them for the VFs that are there, in a child, until a moment (clock.h): a driver may not answer.
void sriov_profiles_read(struct sriov_profiles *profiles, const struct root *root, const char *pf,
			 const struct sriov *sriov, uint64_t until_us);
