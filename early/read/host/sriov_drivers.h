// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel has for the physical function of SR-IOV: xe, i915-sriov-dkms' i915, and the firmware of both.
// i915's module_policy is among what is read of every kernel.
#pragma once

#include "read/host/igpu.h"
#include "read/host/modules.h"

// The firmware without which a driver does nothing for a GPU.
struct sriov_needs {
	int there;        // as of firmware_there(); -ENOENT when the platform names none for the driver
	const char *file; // the one that lacks, or else GuC's; below a firmware directory. NULL when none is named
};

struct sriov_drivers {
	struct module_policy xe;
	// Whether the file that would be loaded has the parameter max_vfs, without which a driver can be no PF: 1, 0,
	// or a negative errno as of module_has_parameter().
	int xe_max_vfs, i915_max_vfs;
	// Of each GPU of gpus.items.
	struct sriov_needs needs_xe[GPUS_MAX], needs_i915[GPUS_MAX];
};

// Of one of gpus.items, by its index: what xe needs, or else i915.
const struct sriov_needs *sriov_driver_needs(const struct sriov_drivers *drivers, bool xe, size_t gpu);

// Reads it for the kernel that modules are of.
void sriov_drivers_read(struct sriov_drivers *drivers, const struct root *root, struct modules *modules,
			const char *release, const struct gpu_list *gpus);
