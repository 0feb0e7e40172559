// SPDX-License-Identifier: GPL-2.0-or-later
// "setup --guest": the line that gives a guest its vGPU, and our hookscript, by Proxmox VE's own qm.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"
#include "read/proxmox/guest.h"
#include "tell/command.h"

#define SETUP_GUEST_FILE_SIZE 200

// Fills the commands of a plan, or leaves plan->decided false where nothing can be done, which is told. Returns the
// exit code.
MUST_CHECK int setup_guest_decide(struct setup_plan *plan, const struct root *root, const struct options *options);

// Whether the guest's configuration has by now what was asked for; told. Returns the exit code.
MUST_CHECK int setup_guest_read_back(const struct root *root, const struct options *options);

// Reads a guest of this node. ret_file gets its file's name below root, whatever comes of it. Returns a negative errno.
MUST_CHECK int setup_guest_read(struct guest *guest, char ret_file[static SETUP_GUEST_FILE_SIZE],
				const struct root *root, unsigned vmid);
