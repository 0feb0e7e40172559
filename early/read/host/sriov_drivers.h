// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel has for the physical function of SR-IOV: xe, i915-sriov-dkms' i915, and the GuC firmware of both.
// i915's module_policy is among what is read of every kernel.
#pragma once

#include "read/host/igpu.h"
#include "read/host/modules.h"

struct sriov_drivers {
	struct module_policy xe;
	// Whether the file that would be loaded has the parameter max_vfs, without which a driver can be no PF: 1, 0,
	// or a negative errno as of module_has_parameter().
	int xe_max_vfs, i915_max_vfs;
	// Whether the firmware that the platform of each GPU names for the driver is there, of gpus.items: as of
	// firmware_there(); -ENOENT when it names none.
	int guc_xe[GPUS_MAX], guc_i915[GPUS_MAX];
};

// Reads it for the kernel that modules are of.
void sriov_drivers_read(struct sriov_drivers *drivers, const struct root *root, struct modules *modules,
			const char *release, const struct gpu_list *gpus);
