// SPDX-License-Identifier: GPL-2.0-or-later
// What GVT-g needs of a host: the GPU, i915 with enable_gvt, kvmgt, types. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "decide/stance.h"
#include "read/host/host.h"

// A GPU: that it can do GVT-g, or why not.
void gvt_judge_gpu(struct finding *finding, const struct gpu *gpu);

// Each STANCE_ACT when the host meets it; else *ret_leave says why not, which is left as it is otherwise, and is the
// caller's to finish. i915, kvmgt: not forbidden, not replaced by one that has no GVT-g.
MUST_CHECK enum stance gvt_judge_i915(struct finding *ret_leave, const struct host *host);
MUST_CHECK enum stance gvt_judge_kvmgt(struct finding *ret_leave, const struct host *host);
// GVT-g is not switched off in words; i915's own parameter, once it is loaded, knows better.
MUST_CHECK enum stance gvt_judge_switch(struct finding *ret_leave, const struct host *host);
// i915 is loaded with enable_gvt=1, if it is loaded.
MUST_CHECK enum stance gvt_judge_loaded(struct finding *ret_leave, const struct host *host);
// The kernel has the modules, and their driver does not hang.
MUST_CHECK enum stance gvt_judge_kernel(struct finding *ret_leave, const struct host *host);

// After the modules were loaded and the host read again: whether instances can be made on the GPU that is used, and if
// not, the cause.
void gvt_judge_types(struct finding *finding, const struct host *host);
