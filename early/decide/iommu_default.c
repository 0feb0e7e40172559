// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/iommu_default.h"

#include "base/version.h"
#include "decide/sriov/vf_plan.h"

bool iommu_default_spares(const struct facts *facts, const struct next_boot_kernel *kernel)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	return kernel && !facts->host.iommu.amd && kernel->config_found && kernel->iommu_spares_igpu && gpu &&
		gpu->verdict != GPU_SUPPORTED && gpu->verdict != GPU_DISCRETE &&
		vf_plan_gpu(&facts->host, &facts->config) == gpu;
}

// Proxmox VE's do from 6.8 on.
enum iommu_default iommu_default_of(const struct facts *facts, const struct next_boot_kernel *kernel)
{
	if (facts->host.iommu.amd)
		return DEFAULT_ON;
	if (!kernel)
		return DEFAULT_UNKNOWN;
	if (kernel->config_found)
		return kernel->iommu_on && !iommu_default_spares(facts, kernel) ? DEFAULT_ON : DEFAULT_OFF;
	const char *suffix = strrchr(kernel->release, '-');
	if (suffix && streq(suffix, "-pve"))
		return version_compare(kernel->release, "6.8") >= 0 ? DEFAULT_ON : DEFAULT_OFF;
	// Another one whose configuration is not known does as it does now.
	if (!streq(kernel->release, facts->host.release) || cmdline_last(&facts->host.cmdline, "intel_iommu"))
		return DEFAULT_UNKNOWN;
	return facts->host.iommu.unit[0] ? DEFAULT_ON : DEFAULT_OFF;
}
