// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov_drivers.h"

#include <errno.h>

#include "read/host/firmware.h"

// i915 takes the first of its names that is there.
static struct sriov_needs needs_of_i915(const struct sriov_platform *platform, const struct root *root,
					const char *release)
{
	struct sriov_needs needs = { .there = -ENOENT };
	for (const char *const *name = platform->guc_i915; *name && needs.there <= 0; name++) {
		int r = firmware_there(root, release, *name);
		needs.there = name == platform->guc_i915 ? r : firmware_better(r, needs.there);
	}
	needs.file = platform->guc_i915[0];
	return needs;
}

// xe takes all that it names.
static struct sriov_needs needs_of_xe(const struct sriov_platform *platform, const struct root *root,
				      const char *release)
{
	struct sriov_needs needs = { .there = -ENOENT, .file = platform->guc_xe };
	if (platform->guc_xe)
		needs.there = firmware_there(root, release, platform->guc_xe);
	if (needs.there <= 0 || !platform->huc_xe)
		return needs;
	needs.there = firmware_there(root, release, platform->huc_xe);
	if (needs.there <= 0)
		needs.file = platform->huc_xe;
	return needs;
}

const struct sriov_needs *sriov_driver_needs(const struct sriov_drivers *drivers, bool xe, size_t gpu)
{
	return &(xe ? drivers->needs_xe : drivers->needs_i915)[gpu];
}

void sriov_drivers_read(struct sriov_drivers *drivers, const struct root *root, struct modules *modules,
			const char *release, const struct gpu_list *gpus)
{
	module_policy_read(&drivers->xe, modules, "xe");
	drivers->xe_max_vfs = module_has_parameter(modules, "xe", "max_vfs");
	drivers->i915_max_vfs = module_has_parameter(modules, "i915", "max_vfs");
	for (size_t i = 0; i < gpus->count; i++) {
		const struct sriov_platform *platform = gpus->items[i].platform;
		const struct sriov_needs none = { .there = -ENOENT };
		drivers->needs_xe[i] = platform ? needs_of_xe(platform, root, release) : none;
		drivers->needs_i915[i] = platform ? needs_of_i915(platform, root, release) : none;
	}
}
