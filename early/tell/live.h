// SPDX-License-Identifier: GPL-2.0-or-later
// The state of every instance that is wanted, is there, or was made in this boot: live, and what became of it before.
#pragma once

#include "base/util.h"
#include "read/boot/past.h"
#include "read/host/usage.h"
#include "tell/look.h"

enum live_state {
	LIVE_USED,    // somebody has it open
	LIVE_IDLE,    // there, and nobody has it open
	LIVE_UNKNOWN, // there; who has it open cannot be seen
	LIVE_MAKING,  // there, but the kernel has not finished it
	LIVE_UNDRIVEN,  // there, but no driver took it: no guest can use it
	LIVE_CONFLICT, // there, but not as it is wanted
	LIVE_REMOVED, // was made in this boot, and Proxmox VE has removed it, as it does when the guest stops
	LIVE_AWAITED, // not there, and Proxmox VE makes it when its guest starts
	LIVE_MISSING,
};

struct live {
	char uuid[UUID_SIZE];
	char type[TYPE_NAME_SIZE];     // of what is there, else as wanted
	char parent[PCI_ADDRESS_SIZE]; // likewise
	const struct wanted *wanted;   // or NULL
	bool there;
	enum live_state state;
	const struct process *holder;  // of LIVE_USED
	uint64_t made_at_us;           // in this boot by us, or 0
	char text[TEXT_SIZE];          // why it is missing or not as wanted, or ""
};

struct live_list {
	struct live *items; // the wanted ones in their order, then the others by UUID
	size_t count;
	size_t wanted, there, missing; // how many are wanted, how many of these are there as wanted, or are missing for a bad reason
};

// "in-use", "idle", "unknown", "being-made", "no-driver", "conflict", "removed", "at-start", "missing".
const char *live_state_name(enum live_state state);

// Puts it together; everything must outlive the list. boot and late are this boot's reports; hung: a GPU's driver does
// not answer. -ENOMEM.
MUST_CHECK int live_list_make(struct live_list *list, const struct look *look, const struct past *boot,
			      const struct past *late, bool hung);
void live_list_free(struct live_list *list);
