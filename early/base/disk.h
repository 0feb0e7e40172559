// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes of files, and what a file system has free. A path is relative to a directory descriptor, as in file.h. All
// functions return a negative errno and leave their out parameters untouched on failure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

// The size of a regular file, in bytes; -ENODEV for anything else.
MUST_CHECK int disk_size(int dir, const char *path, uint64_t *ret_bytes);

// What root can still write to the file system that a path is on, in bytes: more than df(1) calls available where some
// is reserved for root. *ret_vfat is whether it is a vfat, which has no hard links. -ENODATA when it does not say, as
// one that is not mounted yet.
MUST_CHECK int disk_free(int dir, const char *path, uint64_t *ret_bytes, bool *ret_vfat);
