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
		gpu_way_choose(ret, &later->host, gpu_list_sriov(&later->host.gpus));
		ret->finding.word = NULL;
		cmdline_free(&words);
	}
	free(later);
	return done;
}

enum cause check_next_sriov_initrd(const struct next_boot_kernel *kernel, const struct gpu_way *way,
				   const struct gpu *gpu, const char **ret_module, const char **ret_guc)
{
	const struct initrd_image *initrd = &kernel->initrd;
	const char *const *names = gpu->platform->guc_i915;
	const char *const of_xe[] = { gpu->platform->guc_xe, NULL };
	enum initrd_module there = way->way == WAY_XE ? initrd->xe : initrd->i915;
	*ret_module = way->driver;
	if (way->way == WAY_XE)
		names = of_xe;
	*ret_guc = names[0] ? names[0] : "";
	if (there == INITRD_MODULE_ABSENT)
		return CAUSE_NEXT_INITRD_NO_MODULE;
	if (there == INITRD_MODULE_EMPTY)
		return CAUSE_NEXT_INITRD_MODULE_EMPTY;
	if (way->way == WAY_I915 && !initrd->i915_foreign)
		return CAUSE_NEXT_INITRD_I915_STOCK;
	for (size_t i = 0; names[i]; i++)
		if (initrd_image_has_guc(initrd, names[i]))
			return CAUSE_NONE;
	return names[0] ? CAUSE_NEXT_INITRD_NO_GUC : CAUSE_NONE;
}
