// SPDX-License-Identifier: GPL-2.0-or-later
// The decision: from what the host is and what is wanted to ordered steps and findings. Pure, so that "plan", "boot" and
// "apply" cannot disagree.
#pragma once

#include <stdbool.h>

#include "config.h"
#include "finding.h"
#include "host.h"
#include "util.h"

// What to do in this boot; whatever is not STANCE_ACT leaves it alone.
enum stance {
	STANCE_ACT,
	STANCE_SWITCHED_OFF,  // gvt_early.enable=0
	STANCE_OTHER_BOOT,    // kdump, rescue and the like: not ours to touch
	STANCE_NOTHING_WANTED,
	STANCE_ADMIN,         // the admin's word stands against it
	STANCE_UNABLE,        // it cannot work here
};

enum instance_step {
	INSTANCE_CREATE,   // is to be made
	INSTANCE_NO_ROOM,  // is to be made, but by all that is known it will not fit: the text says why
	INSTANCE_EXISTS,   // is there as wanted
	INSTANCE_REMAKE,   // this program has made it in this boot, with another type or parent, and nobody has it open: it is
			   // removed, and made anew; by all that is known it will not fit when there is a text
	INSTANCE_CONFLICT, // the UUID is there with another type or parent: left alone
	INSTANCE_HOPELESS, // cannot be made: the text says why
};

struct planned_instance {
	const struct wanted *wanted;
	char parent[PCI_ADDRESS_SIZE]; // resolved
	char others[PARENTS_MAX - 1][PCI_ADDRESS_SIZE]; // likewise, to be tried in this order should that fail
	size_t other_count;
	enum instance_step step;
	const char *name;     // of the finding, NULL where nothing is to be said
	char text[TEXT_SIZE]; // "" where nothing is to be said
};

// An instance that goes before any is made. Only what this program has made in this boot, and nobody has open (design rule 8).
struct planned_removal {
	struct instance instance;
	const struct wanted *wanted; // what is made in its place, or NULL: nobody wants it any more
};

struct planned_module {
	const char *name;
	const char *options; // or NULL
	bool required;       // without it there are no vGPUs: i915 and kvmgt
};

struct plan {
	struct finding iommu;
	struct finding gpu;
	enum stance stance;
	struct finding leave; // why nothing is done, when stance is not STANCE_ACT

	struct planned_module modules[MODULES_MAX + 2];
	size_t module_count;
	struct planned_instance *instances; // as many as are wanted, in their order
	size_t instance_count;
	struct planned_removal *removals;
	size_t removal_count;
};

// What plan_make() asks of a host, in its order; the first that is not met is why nothing is done.
enum plan_requirement {
	REQUIRE_BOOT,   // an everyday boot, in which nobody has switched gvt-early off
	REQUIRE_GPU,    // one that can do GVT-g
	REQUIRE_FREE,   // which the admin gave to nothing else
	REQUIRE_I915,   // not forbidden, not replaced
	REQUIRE_KVMGT,  // likewise
	REQUIRE_SWITCH, // GVT-g not switched off in words
	REQUIRE_LOADED, // i915 loaded with enable_gvt=1, if it is loaded
	REQUIRE_KERNEL, // one that has the modules
	REQUIREMENTS,
};

// Whether the host meets one of them: if not, stance and leave are set. REQUIRE_GPU sets gpu, and those after it need it met.
MUST_CHECK bool plan_meets(struct plan *plan, enum plan_requirement requirement, const struct host *host,
			   const struct config *config);

// What the host's IOMMU is like.
void plan_judge_iommu(struct finding *finding, const struct host *host);

// The part of plan_make() that needs no more than host_read_words(): whether this boot is left alone whatever the hardware
// is. Then stance and leave are set. Nothing is left alone as long as there may be something to remove.
MUST_CHECK bool plan_leaves_boot(struct plan *plan, const struct host *host, const struct config *config);

// Makes the plan; host and config must outlive it. Returns a negative errno only when out of memory.
MUST_CHECK int plan_make(struct plan *plan, const struct host *host, const struct config *config);
void plan_free(struct plan *plan);

// What is to be said of a GPU: that it can do GVT-g, or why not; and of a host without an Intel GPU.
void plan_judge_gpu(struct finding *finding, const struct gpu *gpu);
void plan_judge_no_gpu(struct finding *finding, const struct gpu_list *gpus);

// The instance that is there as an item wants it, or NULL.
const struct instance *plan_find(const struct planned_instance *item, const struct host *host);

// Whether everything that is wanted is there, or can be made by Proxmox VE itself, by all that is known: then its start need not
// fail for our sake.
bool plan_may_start(const struct host *host, const struct config *config);

// Goes on to the next parent of an instance; false when there is none.
bool plan_next_parent(struct planned_instance *item);

// After the modules were loaded and the host read again: whether instances can be made on the GPU that the plan found, and
// if not, the cause.
void plan_verify(struct finding *finding, const struct host *host);
