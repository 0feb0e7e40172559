// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov_drivers.h"

#include <errno.h>

#include "read/host/firmware.h"

static int find_first(const char *const *names, const struct root *root, const char *release)
{
	int result = -ENOENT;
	for (; *names && result <= 0; names++) {
		int r = firmware_there(root, release, *names);
		if (result >= 0 || result == -ENOENT || r > 0)
			result = r;
	}
	return result;
}

void sriov_drivers_read(struct sriov_drivers *drivers, const struct root *root, struct modules *modules,
			const char *release, const struct gpu_list *gpus)
{
	module_policy_read(&drivers->xe, modules, "xe");
	drivers->xe_max_vfs = module_has_parameter(modules, "xe", "max_vfs");
	drivers->i915_max_vfs = module_has_parameter(modules, "i915", "max_vfs");
	for (size_t i = 0; i < gpus->count; i++) {
		const struct sriov_platform *platform = gpus->items[i].platform;
		const char *const of_xe[] = { platform ? platform->guc_xe : NULL, NULL };
		drivers->guc_xe[i] = find_first(of_xe, root, release);
		drivers->guc_i915[i] = find_first(platform ? platform->guc_i915 : &of_xe[1], root, release);
	}
}
