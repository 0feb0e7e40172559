// SPDX-License-Identifier: GPL-2.0-or-later
// Which line of modprobe.d says what. What counts in the end is libkmod's to say (modules.h); this is where a person looks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "root.h"
#include "util.h"

#define MODPROBE_LINES_MAX 64

struct modprobe_line {
	char place[160];  // "/etc/modprobe.d/local.conf:3"
	int64_t changed;  // when the file was, in seconds since 1970; 0 when that is not known
	char command[16]; // options, blacklist, install
	char module[32];
	char rest[256];   // what follows the module's name
};

struct modprobe_lines {
	struct modprobe_line items[MODPROBE_LINES_MAX];
	size_t count;
};

// Reads those about i915, kvmgt and vfio-pci, in libkmod's order, our own files left out.
void modprobe_lines_read(struct modprobe_lines *lines, const struct root *root);

// The last line with that command and module; option may name an option that it must set, or be NULL. NULL when there is none.
const struct modprobe_line *modprobe_lines_last(const struct modprobe_lines *lines, const char *command, const char *module,
						const char *option);
