// SPDX-License-Identifier: GPL-2.0-or-later
// What several commands tell of virtual functions (VFs): whose they are, and the line of a guest that takes one.
#pragma once

#include <jansson.h>

#include "decide/plan.h"

// "create", "bind", "existing", "later" or "failed".
const char *vf_step_name(enum vf_step step);
// "gvt-g", "sriov-xe", "sriov-i915" or "none".
const char *way_name(enum way way);

// Whether a guest names a VF.
bool vf_is_of_guest(const struct config *config, const char *address, unsigned vmid);

// Whose a VF is: "guest 100, hostpci0", for each guest that names it; "" when none does.
#define VF_OWNERS_SIZE 512
void vf_owners(const struct config *config, const char *address, char ret[static VF_OWNERS_SIZE]);

// The same, with "the host" or "no guest yet" where no guest does; planned may be NULL.
void vf_owners_or_host(const struct config *config, const char *address, const struct planned_vf *planned,
		       char ret[static VF_OWNERS_SIZE]);

// The guest's line for a VF: "hostpci0: 0000:00:02.1", or with its mapping; "" when the guest is not known.
#define VF_LINE_SIZE 320
void vf_hostpci(const struct whole_gpu *claim, char ret[static VF_LINE_SIZE]);

// The guests that name a VF. A new reference.
json_t *vf_guests_json(const struct config *config, const char *address);
