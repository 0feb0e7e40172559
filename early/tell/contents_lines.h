// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of "contents", gathered before any is printed: all of it goes into the initrd, or nothing.
#pragma once

#include "base/util.h"
#include "read/boot/initrd_contents.h"
#include "read/config/config.h"
#include "read/host/modules.h"

struct contents_lines {
	struct modules *modules; // of the kernel that the initrd is for
	const char *release;
	struct initrd_contents list;
};

// The modules of the settings. What is wrong is told; returns whether all of them that this kernel has are in the list.
bool contents_take_settings(struct contents_lines *lines, const struct settings *settings);

void contents_print(const struct contents_lines *lines);
