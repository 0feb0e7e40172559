// SPDX-License-Identifier: GPL-2.0-or-later
// From this host as it is to what "setup" is to write, told on standard output; and back. Nothing is changed.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"
#include "tell/command.h"

// Fills plan, or leaves plan->decided false where nothing can be done, which is told. Returns the exit code.
MUST_CHECK int setup_decide(struct setup_plan *plan, const struct root *root, const struct options *options);

// Whether the bootloader's entries have what was written, of each ESP: told on standard output, or where they have not
// on standard error. Returns the exit code.
MUST_CHECK int setup_read_back(const struct setup_plan *plan, const struct root *root);

// The command that brings the files into force: "update-grub".
const char *setup_command(const struct setup_plan *plan);
