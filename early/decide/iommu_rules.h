// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the kernel drives an IOMMU, and if not, the cause. Pure.
#pragma once

#include "base/finding.h"
#include "read/config/config.h"
#include "read/host/host.h"

enum iommu_state {
	IOMMU_ON,
	IOMMU_OFF_BY_PARAMETER, // the kernel command line switches it off
	IOMMU_OFF_BY_DEFAULT,   // the firmware offers it, this kernel wants to be told
	IOMMU_REFUSED,          // the firmware offers it and intel_iommu=on is given, and yet it is off
	IOMMU_ABSENT,           // the firmware does not offer it
	IOMMU_UNKNOWN,          // no sysfs, or it does not answer
};

// The state, as a finding too: "iommu", "vtd-firmware" or "iommu-off". Its word is the one that switches the IOMMU off
// or was meant to switch it on.
enum iommu_state iommu_judge(struct finding *finding, const struct iommu *iommu, const struct cmdline *cmdline);

// Whether a guest's start depends on an IOMMU: Proxmox VE starts none with a vGPU without, GVT-g itself needs none.
bool judge_needs_iommu(const struct config *config);
// The host's IOMMU. Where it is not needed, that it is off is worth a hint at most.
void judge_iommu(struct finding *finding, const struct host *host, const struct config *config);

// The last word intel_iommu= that keeps the IOMMU from the integrated GPU alone, and by which item; or NULL.
const struct cmdline_word *iommu_excludes_gpu(const struct cmdline *cmdline, const char **ret_item);
