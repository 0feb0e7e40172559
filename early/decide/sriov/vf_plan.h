// SPDX-License-Identifier: GPL-2.0-or-later
// What is to be done for the virtual functions (VFs) that are wanted: how many on which GPU, and which of them are
// guests'. Pure.
//
// All VFs of a GPU are made at once, and none can be added later without removing all of them. So their number is the
// highest that any guest names, whether it starts at boot or not, and at least what gvt-early.conf asks for. None is
// ever removed.
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/util.h"
#include "decide/sriov/gpu_way.h"
#include "decide/stance.h"
#include "read/config/config.h"
#include "read/host/host.h"

#define VF_GUEST_DRIVER "vfio-pci"

enum vf_step {
	VF_MAKE,     // is to be made
	VF_BIND,     // is there without a driver
	VF_READY,    // is there as it is wanted
	VF_LATER,    // cannot be made in this boot: fewer are there, and the finding says so
	VF_HOPELESS, // the GPU has not so many: likewise
};

struct planned_vf {
	unsigned number; // from 1
	char address[PCI_ADDRESS_SIZE];
	const struct whole_gpu *claim; // of the first guest that takes it, or NULL
	const char *source; // who wants it; NULL for one that is made only because VFs of a higher number are wanted
	bool host;          // stays with the host's driver; else it is given to vfio-pci
	enum vf_step step;
	struct finding finding; // without a name where nothing is to be said
};

struct planned_pf {
	size_t gpu; // its place in host->gpus
	struct gpu_way way;
	enum stance stance;
	struct finding leave;     // why nothing is done for it, when stance is not STANCE_ACT
	unsigned wanted;          // VFs
	unsigned enable;          // as many are to be made, 0 for none: they are there
	char source[SOURCE_SIZE]; // who wants that many
	bool fair;                // each VF gets its share of the GPU's time
	char options[48];         // of the driver, "" for none
	struct planned_vf *vfs;   // those wanted, by number
	size_t vf_count;
};

struct vf_plan {
	struct planned_pf *pfs;
	size_t count;
};

// The GPU of this host on a VF of which, there or not, a claim is; NULL when it is on none.
const struct gpu *vf_gpu_of(const struct host *host, const struct whole_gpu *claim);
// Whether there is one.
bool vf_is_claimed(const struct host *host, const struct whole_gpu *claim);

// The GPU that SR-IOV splits: the first whose VFs are wanted, else gpu_list_sriov(). NULL when there is none.
const struct gpu *vf_plan_gpu(const struct host *host, const struct config *config);

// How many VFs of a GPU are wanted.
unsigned vf_plan_wanted(const struct host *host, const struct config *config, const struct gpu *gpu);

// Makes it; host and config must outlive it. Returns a negative errno only when out of memory; vf_plan_free() then too.
MUST_CHECK int vf_plan_make(struct vf_plan *plan, const struct host *host, const struct config *config);
void vf_plan_free(struct vf_plan *plan);

// Whether anything is done for any GPU.
bool vf_plan_acts(const struct vf_plan *plan);

// Whether every VF that is wanted is there with a driver: of one GPU, of all.
bool planned_pf_is_met(const struct planned_pf *pf);
bool vf_plan_is_met(const struct vf_plan *plan);
