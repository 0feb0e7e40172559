// SPDX-License-Identifier: GPL-2.0-or-later
// The decision: from what the host is and what is wanted to ordered steps and findings. Pure, so that "plan", "boot"
// and "apply" cannot disagree.
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/util.h"
#include "decide/host_rules.h"
#include "decide/iommu_rules.h"
#include "decide/sriov/vf_plan.h"
#include "read/config/config.h"
#include "read/host/host.h"

enum instance_step {
	INSTANCE_CREATE,  // is to be made
	INSTANCE_NO_ROOM, // is to be made, but by all that is known it will not fit: the finding says why
	INSTANCE_EXISTS,  // is there as wanted
	INSTANCE_REMAKE,  // this program has made it in this boot, with another type or parent, and nobody has it open:
			  // it is removed, and made anew; by all that is known it will not fit when there is a finding
	INSTANCE_CONFLICT, // the UUID is there with another type or parent: left alone. The finding is
			   // "instance-conflict", or what would keep the wanted one from being made even if that one
			   // were removed
	INSTANCE_HOPELESS, // cannot be made: the finding says why
};

struct planned_instance {
	const struct wanted *wanted;
	char parent[PCI_ADDRESS_SIZE];                  // resolved
	char others[PARENTS_MAX - 1][PCI_ADDRESS_SIZE]; // likewise, to be tried in this order should that fail
	size_t other_count;
	enum instance_step step;
	struct finding finding; // without a name where nothing is to be said
};

// An instance that goes before any is made. Only what this program has made in this boot, and nobody has open (design
// rule 8).
struct planned_removal {
	struct instance instance;
	const struct wanted *wanted; // what is made in its place, or NULL: nobody wants it any more
};

struct planned_module {
	const char *name;
	const char *options; // or NULL
	bool required;       // without it there are no vGPUs: the GPU's driver and kvmgt
	const char *gpu;     // of a GPU's driver: the address of the GPU; NULL for other modules
	bool for_vfs;        // such a driver, for virtual functions: without it there are none of these
};

struct plan {
	struct finding iommu;
	struct finding gpu;
	enum stance stance;
	struct finding leave; // why nothing is done, when stance is not STANCE_ACT. With a name beside STANCE_ACT: why
			      // no instance is made, though VFs are

	struct planned_module modules[MODULES_MAX + 2 + GPUS_MAX];
	size_t module_count;
	struct planned_instance *instances; // as many as are wanted, in their order
	size_t instance_count;
	struct planned_removal *removals;
	size_t removal_count;
	struct vf_plan vfs;
};

// The part of plan_make() that needs no more than HOST_WORDS of the host: whether this boot is left alone whatever the
// hardware is. Then stance and leave are set. Nothing is left alone as long as there may be something to remove.
MUST_CHECK bool plan_leaves_boot(struct plan *plan, const struct host *host, const struct config *config);

// Makes the plan; host and config must outlive it. Returns a negative errno only when out of memory.
MUST_CHECK int plan_make(struct plan *plan, const struct host *host, const struct config *config);
// The instances alone, and what is removed for them, whatever keeps this boot from having any: for whether they fit. As
// plan_make().
MUST_CHECK int plan_make_room(struct plan *plan, const struct host *host, const struct config *config);
void plan_free(struct plan *plan);

// Whether mediated devices are made or removed, which takes i915 with GVT-g and kvmgt.
bool plan_makes_instances(const struct plan *plan);

// The instance that is there as an item wants it, or NULL.
const struct instance *plan_find(const struct planned_instance *item, const struct host *host);

// Whether a driver offers the type of a wanted instance on one of its parents now.
bool plan_is_offered(const struct host *host, const struct wanted *wanted);

// Whether everything that is wanted is there, or can be made by Proxmox VE itself, by all that is known: then its start
// need not fail for our sake.
bool plan_may_start(const struct host *host, const struct config *config);

// Goes on to the next parent of an instance; false when there is none.
bool plan_next_parent(struct planned_instance *item);
