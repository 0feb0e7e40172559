// SPDX-License-Identifier: GPL-2.0-or-later
// Whether virtual functions can be made on a GPU now, and if not, the cause. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "decide/sriov/gpu_way.h"
#include "decide/stance.h"
#include "read/config/config.h"
#include "read/host/host.h"

// What VFs on a GPU are made for.
struct sriov_need {
	unsigned count; // as many VFs
	bool guests;    // at least one of them is a guest's: that takes an IOMMU
};

// STANCE_ACT where they can be made, by all that is known; else *ret_leave says why not, which is left as it is
// otherwise.
MUST_CHECK enum stance sriov_judge(struct finding *ret_leave, const struct host *host, const struct gpu *gpu,
				   const struct gpu_way *way, const struct sriov_need *need);

// The part of it that the GPU's driver says once it has the GPU: call this again after it was loaded.
MUST_CHECK enum stance sriov_judge_driver(struct finding *ret_leave, const struct host *host, const struct gpu *gpu,
					  const struct gpu_way *way);
