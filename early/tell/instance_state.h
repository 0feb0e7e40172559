// SPDX-License-Identifier: GPL-2.0-or-later
// The state of every instance that is wanted, is there, or was made in this boot: live, and what became of it before.
#pragma once

#include "base/util.h"
#include "read/boot/past_run.h"
#include "read/host/instance_users.h"
#include "tell/overview.h"

enum instance_state_state {
	INSTANCE_STATE_USED,    // somebody has it open
	INSTANCE_STATE_IDLE,    // there, and nobody has it open
	INSTANCE_STATE_UNKNOWN, // there; who has it open cannot be seen
	INSTANCE_STATE_MAKING,  // there, but the kernel has not finished it
	INSTANCE_STATE_UNDRIVEN,  // there, but no driver took it: no guest can use it
	INSTANCE_STATE_CONFLICT, // there, but not as it is wanted
	INSTANCE_STATE_REMOVED, // was made in this boot, and Proxmox VE has removed it, as it does when the guest stops
	INSTANCE_STATE_AWAITED, // not there, and Proxmox VE makes it when its guest starts
	INSTANCE_STATE_MISSING,
};

struct instance_state {
	char uuid[UUID_SIZE];
	char type[TYPE_NAME_SIZE];     // of what is there, else as wanted
	char parent[PCI_ADDRESS_SIZE]; // likewise
	const struct wanted *wanted;   // or NULL
	bool there;
	enum instance_state_state state;
	const struct process *holder;  // of INSTANCE_STATE_USED
	uint64_t made_at_us;           // in this boot by us, or 0
	char text[TEXT_SIZE];          // why it is missing or not as wanted, or ""
};

struct instance_state_list {
	struct instance_state *items; // the wanted ones in their order, then the others by UUID
	size_t count;
	size_t wanted, there, missing; // how many are wanted, how many of these are there as wanted, or are missing for a bad reason
};

// "in-use", "idle", "unknown", "being-made", "no-driver", "conflict", "removed", "at-start", "missing".
const char *instance_state_state_name(enum instance_state_state state);

// Puts it together; everything must outlive the list. boot and apply are this boot's reports; hung: a GPU's driver does
// not answer. -ENOMEM.
MUST_CHECK int instance_state_list_make(struct instance_state_list *list, const struct overview *look, const struct past_run *boot,
			      const struct past_run *apply, bool hung);
void instance_state_list_free(struct instance_state_list *list);
