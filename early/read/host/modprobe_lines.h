// SPDX-License-Identifier: GPL-2.0-or-later
// Which line of modprobe.d says what. What counts in the end is libkmod's to say (modules.h); this is where a person
// looks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/host/modules.h"

#define MODPROBE_LINES_MAX 64

struct modprobe_line {
	char place[160];  // "/etc/modprobe.d/local.conf:3"
	int64_t changed;  // when the file was, in seconds since 1970; 0 when that is not known
	char command[16]; // options, blacklist, install
	char module[32];
	char rest[256]; // what follows the module's name
};

// A line that was meant to be "options i915 enable_gvt=1".
struct modprobe_odd {
	char place[160];   // "" for none
	char renamed[160]; // how its file would have to be called to be read at all; "" when the line itself is wrong
	char line[128];
};

struct modprobe_lines {
	struct modprobe_line items[MODPROBE_LINES_MAX];
	size_t count;
	struct modprobe_odd odd; // the last one
	char unread[160];        // what of it cannot be read, "/etc/modprobe.d/local.conf: Permission denied", or ""
	int unread_error;        // why, an errno, or 0
};

// A file of a modprobe.d that was read elsewhere.
struct modprobe_text {
	char path[160]; // "etc/modprobe.d/local.conf"
	char *text;
};

// Reads those about i915, kvmgt and vfio-pci, in libkmod's order, our own files left out; and what was meant to be one
// of them.
void modprobe_lines_read(struct modprobe_lines *lines, const struct root *root);
// The same of texts, which are sorted as libkmod does.
void modprobe_lines_take(struct modprobe_lines *lines, struct modprobe_text *texts, size_t count);
// Adds one line, "COMMAND MODULE REST", if it is about one of them.
void modprobe_lines_add(struct modprobe_lines *lines, const char *line, const char *place);

// The last line with that command and module; option may name an option that it must set, or be NULL. NULL when there
// is none.
const struct modprobe_line *modprobe_lines_last(const struct modprobe_lines *lines, const char *command,
						const char *module, const char *option);

// What they say of one module, in place of what policy has of that; its other fields stay.
void modprobe_lines_policy(const struct modprobe_lines *lines, const char *module, struct module_policy *policy);
