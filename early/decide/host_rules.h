// SPDX-License-Identifier: GPL-2.0-or-later
// What is to be said of a host: whether it, and its admin, let vGPUs be made, and if not, the cause; whatever splits
// the GPU. What GVT-g needs for that is in gvt_rules.h. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "decide/stance.h"
#include "read/config/config.h"
#include "read/host/host.h"

// In the order in which they are asked for; the first that is not met is why nothing is done.
enum host_requirement {
	REQUIRE_BOOT,   // an everyday boot, in which nobody has switched gvt-early off
	REQUIRE_GPU,    // one that can do GVT-g; all after it need it met
	REQUIRE_FREE,   // which the admin gave to nothing else
	REQUIRE_I915,   // not forbidden, not replaced
	REQUIRE_KVMGT,  // likewise
	REQUIRE_SWITCH, // GVT-g not switched off in words
	REQUIRE_LOADED, // i915 loaded with enable_gvt=1, if it is loaded
	REQUIRE_KERNEL, // one that has the modules
	REQUIREMENTS,
};

// STANCE_ACT when the host meets it; else *ret_leave says why not, which is left as it is otherwise.
MUST_CHECK enum stance judge_host(enum host_requirement requirement, const struct host *host,
				  const struct config *config, struct finding *ret_leave);

// Whether the GPU is bound or given to a driver that does not split it, and if so, to which and by whom. other is a
// driver beside i915 that does, or NULL.
MUST_CHECK bool judge_taken(struct finding *leave, const struct host *host, const struct gpu *gpu, const char *other);

// Whether what the guests want could not be read, and nothing is known of it from before.
bool judge_misses_guests(const struct config *config);
// That the guests cannot be read (config.guests_unread): why, and what to do.
void judge_unread(struct finding *finding, const struct config *config);

// That nothing is wanted, or that nobody knows: why, and what to do. qm: the fix may name Proxmox VE's command. host
// may have been read in part.
void judge_nothing_wanted(struct finding *finding, const struct host *host, const struct config *config, bool qm);

// The host's GPUs: what GVT-g's rules say of the one that is used, or that there is none.
void judge_gpus(struct finding *finding, const struct gpu_list *gpus);
