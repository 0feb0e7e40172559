// SPDX-License-Identifier: GPL-2.0-or-later
// How the snapshot in an initrd differs from what is wanted now. Pure.
#pragma once

#include <stddef.h>

#include "read/config/config.h"

// Differences in what is wanted and in the settings, an item each; where an entry stands does not count. The text says
// "UUID (SOURCE) is not in it" and the like, of the first few. Returns the number of differences.
unsigned snapshot_difference(const struct config *had, const struct config *today, char *ret_text, size_t size);
