// SPDX-License-Identifier: GPL-2.0-or-later
// The state of every instance that is wanted, exists, or was created in this boot: now, and in the runs of this boot.
#pragma once

#include "base/util.h"
#include "read/boot/past_run.h"
#include "read/host/instance_users.h"
#include "tell/overview.h"

enum instance_status {
	INSTANCE_STATE_USED,     // a process has it open
	INSTANCE_STATE_IDLE,     // exists, and no process has it open
	INSTANCE_STATE_UNKNOWN,  // exists; it is unknown whether a process has it open
	INSTANCE_STATE_MAKING,   // exists, but the kernel has not finished it
	INSTANCE_STATE_UNDRIVEN, // exists, but no driver is bound to it: no guest can use it
	INSTANCE_STATE_CONFLICT, // exists, but not as it is wanted
	INSTANCE_STATE_REMOVED,  // was created in this boot; Proxmox VE removed it when the guest stopped
	INSTANCE_STATE_AWAITED,  // does not exist; Proxmox VE creates it when its guest starts
	INSTANCE_STATE_MISSING,
};

struct instance_state {
	char uuid[UUID_SIZE];
	char type[TYPE_NAME_SIZE];     // the existing type, else the wanted one
	char parent[PCI_ADDRESS_SIZE]; // likewise
	const struct wanted *wanted;   // or NULL
	bool there;
	enum instance_status state;
	const struct process *holder; // of INSTANCE_STATE_USED
	uint64_t made_at_us;          // in this boot by us, or 0
	char text[TEXT_SIZE];         // why it is missing or not as wanted, or ""
};

struct instance_state_list {
	struct instance_state *items; // the wanted ones in their order, then the others by UUID
	size_t count;
	size_t wanted, there,
		missing; // how many are wanted; of these, how many exist as wanted, and how many are missing by a fault
};

// "in-use", "idle", "unknown", "being-made", "no-driver", "conflict", "removed", "at-start", "missing".
const char *instance_status_name(enum instance_status state);

// Puts it together; everything must outlive the list. boot and apply are this boot's reports; hung: a GPU's driver does
// not answer. -ENOMEM.
MUST_CHECK int instance_state_list_make(struct instance_state_list *list, const struct overview *look,
					const struct past_run *boot, const struct past_run *apply, bool hung);
void instance_state_list_free(struct instance_state_list *list);
