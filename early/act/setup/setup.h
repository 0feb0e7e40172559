// SPDX-License-Identifier: GPL-2.0-or-later
// "setup": makes the words of the kernel command line true that this host needs, in the files of its real bootloader,
// and takes them out again.
#pragma once

#include "base/root.h"
#include "tell/command.h"

// Returns the exit code.
int setup_run(const struct root *root, const struct options *options, char **argv);
