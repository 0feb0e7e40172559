// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of "contents", each printed once: several modules depend on the same ones.
#pragma once

#include "base/util.h"
#include "read/config/config.h"
#include "read/host/modules.h"

#define LINES_MAX 256 // beyond it lines may be repeated, which does no harm

struct contents_lines {
	struct modules *modules; // of the kernel that the initrd is for
	const char *release;
	char printed[LINES_MAX][MODULE_NAME_SIZE];
	size_t count;
};

// A module with all that it depends on. As module_closure().
MUST_CHECK int contents_print_module(struct contents_lines *lines, const char *name);

// The modules of the settings. What is wrong is told; returns whether all of them that this kernel has could be
// printed.
bool contents_print_settings(struct contents_lines *lines, const struct settings *settings);
