// SPDX-License-Identifier: GPL-2.0-or-later
// What the next boot brings to a host whose GPU SR-IOV splits: its kernel's driver, and what the initrd has of it.
#include <errno.h>

#include "decide/check/check.h"
#include "decide/sriov/vf_plan.h"

bool check_next_way(struct gpu_way *ret, const struct facts *facts, const struct boot_entry *entry)
{
	struct cmdline words = { .count = 0 };
	struct facts *later = malloc(sizeof(*later));
	bool done = later && cmdline_parse(&words, entry->words) == 0;
	if (done) {
		check_take_later(later, facts, next_boot_kernel_of(facts->next, entry), &words);
		gpu_way_choose(ret, &later->host, vf_plan_gpu(&later->host, &later->config));
		ret->finding.word = NULL;
		cmdline_free(&words);
	}
	free(later);
	return done;
}

// The firmware that the driver needs and the initrd has not; NULL when it has all that is known.
static const char *lacks_of_i915(const struct initrd_image *initrd, const struct sriov_platform *platform)
{
	for (const char *const *name = platform->guc_i915; *name; name++)
		if (initrd_image_has_firmware(initrd, *name))
			return NULL;
	return platform->guc_i915[0];
}

static const char *lacks_of_xe(const struct initrd_image *initrd, const struct sriov_platform *platform)
{
	const char *const files[] = { platform->guc_xe, platform->huc_xe };
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i] && !initrd_image_has_firmware(initrd, files[i]))
			return files[i];
	return NULL;
}

enum cause check_next_sriov_initrd(const struct next_boot_kernel *kernel, const struct gpu_way *way,
				   const struct gpu *gpu, const char **ret_module, const char **ret_file)
{
	const struct initrd_image *initrd = &kernel->initrd;
	enum initrd_module there = way->way == WAY_XE ? initrd->xe : initrd->i915;
	*ret_module = way->driver;
	if (there == INITRD_MODULE_ABSENT)
		return CAUSE_NEXT_INITRD_NO_MODULE;
	if (there == INITRD_MODULE_EMPTY)
		return CAUSE_NEXT_INITRD_MODULE_EMPTY;
	if (way->way == WAY_I915 && !initrd->i915_foreign)
		return CAUSE_NEXT_INITRD_I915_STOCK;
	*ret_file = way->way == WAY_XE ? lacks_of_xe(initrd, gpu->platform) : lacks_of_i915(initrd, gpu->platform);
	return *ret_file ? CAUSE_NEXT_INITRD_NO_FIRMWARE : CAUSE_NONE;
}
