// SPDX-License-Identifier: GPL-2.0-or-later
// "setup --undo": what guests were given by "setup --guest" is taken back, by Proxmox VE's own qm.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"

// Adds what takes back what a guest was given by the record, or each guest when vmid is 0: the line as it was written,
// and the hookscript. What was changed since is left alone, and told; so is a guest that cannot be looked at, for which
// plan->unseen is set.
void setup_guest_undo(struct setup_plan *plan, const struct setup_plan *record, const struct root *root, unsigned vmid);

// Whether nothing is left of what the guests of an undo had; told. Returns the exit code.
MUST_CHECK int setup_guest_taken(const struct setup_plan *plan, const struct root *root);
