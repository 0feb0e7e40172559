// SPDX-License-Identifier: GPL-2.0-or-later
// "setup": the initrds of the kernels that boot next, where they lack what is wanted by now.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"

// Fills plan's commands with those that make such initrds anew, as "check --next-boot" names them. Where there are none
// it prints what that command prints. Returns that command's exit code.
MUST_CHECK int setup_initrd_check(struct setup_plan *plan, const struct root *root);
