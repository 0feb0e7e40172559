// SPDX-License-Identifier: GPL-2.0-or-later
// The host as a boot to come will find it, and what keeps gvt-early from i915 then.
#include "decide/check/check.h"

void check_take_later(struct facts *later, const struct facts *facts, const struct next_boot_kernel *kernel,
		      const struct cmdline *words)
{
	const struct cmdline_word *guc_word = cmdline_last(words, "i915.enable_guc");
	struct host *host = &later->host;
	*later = *facts;
	host->cmdline = *words;
	host_forget_boot(host);
	if (kernel) {
		strcpy(host->release, kernel->release);
		host->i915_policy = kernel->i915;
		host->gvt.kvmgt_policy = kernel->kvmgt;
		host->vfio_pci_policy = kernel->vfio_pci;
		host->gvt.i915_gvt = kernel->i915_gvt;
		host->sriov.drivers = kernel->sriov;
	}
	// Whether that kernel has its modules is told by itself.
	host->modules_trouble[0] = '\0';
	host->i915_policy.available = host->gvt.kvmgt_policy.available = true;
	later->modules_locked = false;
	past_run_none(&later->boot);
	past_run_none(&later->apply);
	later->log = (struct kernel_log){ .found = false };
	later->enable_guc = guc_word && guc_word->value ? (int)strtol(guc_word->value, NULL, 10) : -1;
	later->hung[0] = '\0';
}

bool check_boots_early(const struct facts *facts, const struct next_boot_kernel *kernel)
{
	return facts->config.settings.early && (tools_make_early(&facts->tools) || (kernel && kernel->initrd.program));
}

bool check_forbids(const struct facts *later, enum host_requirement *at, struct finding *ret_leave)
{
	for (; *at < REQUIRE_LOADED; (*at)++)
		if (*at != REQUIRE_GPU && (*at == REQUIRE_BOOT || !check_is_sriov(later)) &&
		    judge_host(*at, &later->host, &later->config, ret_leave) != STANCE_ACT)
			return true;
	return false;
}
