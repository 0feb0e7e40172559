// SPDX-License-Identifier: GPL-2.0-or-later
// What the initrd of this boot had of gvt-early: its early stage leaves that in /run, since the initrd itself is gone.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/config.h"

#define CONTENT_ID_SIZE 37

// A name for a content: the same for the same bytes only. A UUID of the SHA-1 kind (RFC 4122, version 5).
void content_id(const char *data, size_t length, char ret[static CONTENT_ID_SIZE]);

// The early stage: copies the snapshot to /run, and gives its name, "" when there is none. Returns a negative errno.
MUST_CHECK int initrd_keep_snapshot(const struct root *root, char ret_id[static CONTENT_ID_SIZE]);

struct initrd {
	bool ran;               // an early stage ran in this boot
	char build_id[64];      // of its program
	bool snapshot_found;    // and its snapshot was left
	struct config snapshot; // what that says
};

// Reads it, on the running host. Returns a negative errno only when out of memory.
MUST_CHECK int initrd_read(struct initrd *initrd, const struct root *root, const char *boot_id);
void initrd_free(struct initrd *initrd);

// How two snapshots differ in what they want and in the settings, an item each; where an entry stands does not count. The text
// says "UUID (SOURCE) is new" and the like, of the first few. Returns the number of differences. Pure.
unsigned initrd_compare(const struct config *had, const struct config *today, char *ret_text, size_t size);
