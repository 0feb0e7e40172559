// SPDX-License-Identifier: GPL-2.0-or-later
// What the initrd of this boot had of gvt-early: its early stage leaves that in /run, since the initrd itself is gone.
#pragma once

#include <stdbool.h>

#include "base/paths.h"
#include "base/root.h"
#include "base/util.h"
#include "read/config/config.h"

#define BOOTED_SNAPSHOT STATE_DIR "/snapshot.conf" // below /run

struct initrd {
	bool ran;               // an early stage ran in this boot
	char build_id[64];      // of its program
	bool snapshot_found;    // and its snapshot was left
	struct config snapshot; // what that says
};

// Reads it, on the running host. Returns a negative errno only when out of memory.
MUST_CHECK int initrd_read(struct initrd *initrd, const struct root *root, const char *boot_id);
void initrd_free(struct initrd *initrd);
