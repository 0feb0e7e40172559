// SPDX-License-Identifier: GPL-2.0-or-later
// The commands: what they have in common, and those that only look.
#pragma once

#include <stdbool.h>

#include "root.h"

struct options {
	const char *root;   // --root, or NULL
	const char *output; // --output, or NULL for standard output
	const char *resume; // --resume, or NULL
	const char *kernel; // --kernel, or NULL for the running one
	unsigned guest;     // --guest, or 0
	bool json;          // --json
};

// Each returns the program's exit code (exitcode.h).
int command_plan(const struct root *root, const struct options *options);
int command_snapshot(const struct root *root, const struct options *options);
int command_contents(const struct root *root, const struct options *options);
