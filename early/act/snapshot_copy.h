// SPDX-License-Identifier: GPL-2.0-or-later
// The early stage's copy of its snapshot in /run, since the initrd itself is gone afterwards. read/boot/booted_initrd.h
// reads it.
#pragma once

#include "base/content_id.h"
#include "base/root.h"
#include "base/util.h"

// Copies the snapshot to /run, and gives its name, "" when there is none. Returns a negative errno.
MUST_CHECK int snapshot_copy(const struct root *root, char ret_id[static CONTENT_ID_SIZE]);
