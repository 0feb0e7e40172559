// SPDX-License-Identifier: GPL-2.0-or-later
// The state of every virtual function (VF) that is wanted or exists: now, and in the runs of this boot.
#pragma once

#include "base/util.h"
#include "read/boot/past_run.h"
#include "tell/overview.h"

enum vf_status {
	VF_STATE_USED,     // a process has it open
	VF_STATE_IDLE,     // is bound to a driver for guests, and no process has it open
	VF_STATE_UNKNOWN,  // likewise, but it is unknown whether a process has it open
	VF_STATE_HOST,     // is bound to a driver of the host
	VF_STATE_UNDRIVEN, // exists, but no driver is bound to it
	VF_STATE_MISSING,
};

struct vf_state {
	size_t gpu; // its place in the host's list
	unsigned number;
	char address[PCI_ADDRESS_SIZE];
	char driver[32];                  // "" for none
	const struct planned_vf *planned; // NULL for one that is not wanted
	bool there;
	enum vf_status state;
	const struct process *holder;     // of VF_STATE_USED
	const struct vf_profile *profile; // NULL when it is not there
	char text[TEXT_SIZE];             // why it is missing or not as wanted, or ""
};

struct vf_state_list {
	struct vf_state *items; // by GPU and number
	size_t count;
	size_t wanted, there,
		missing; // how many are wanted; of these, how many exist with a driver, and how many do not
};

// "in-use", "idle", "unknown", "host", "no-driver" or "missing".
const char *vf_status_name(enum vf_status state);

// Puts it together; everything must outlive the list. boot and apply are this boot's reports. -ENOMEM.
MUST_CHECK int vf_state_list_make(struct vf_state_list *list, const struct overview *look, const struct past_run *boot,
				  const struct past_run *apply);
void vf_state_list_free(struct vf_state_list *list);
