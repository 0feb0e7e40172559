// SPDX-License-Identifier: GPL-2.0-or-later
// The exit codes of all commands, as gvt-early(8) has them.
#pragma once

enum {
	EXIT_ALL_WELL = 0,
	EXIT_DEGRADED = 1,  // something wanted is missing, or a requirement is not met
	EXIT_BAD_INPUT = 2, // bad usage or bad configuration
	EXIT_INTERNAL = 3,  // the program itself failed
};
