// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of modules that systemd-modules-load loads at every boot (modules-load.d(5)).
#pragma once

#include "base/root.h"
#include "base/util.h"

#define MODULE_LISTS_FILE "etc/modules" // Debian's; modules-load.d has a link to it
#define MODULE_LISTS_DIR  "etc/modules-load.d"

// A line of a list. systemd-modules-load takes a whole line for one name: with more than a word on it nothing of it is
// loaded.
struct modules_load_line {
	char name[64];    // the first word
	char more[96];    // what follows it, "" for nothing
	const char *file; // without a leading '/'
	unsigned number;
};

// Calls take for each line that lists something.
typedef void (*modules_load_taker)(void *data, const struct modules_load_line *line);
void module_lists_read(const struct root *root, modules_load_taker take, void *data);
