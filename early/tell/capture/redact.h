// SPDX-License-Identifier: GPL-2.0-or-later
// Which parts of a file go into a capture: those that an answer depends on. Names of guests, comments, addresses and
// serial numbers are private. Lines keep their numbers, so that messages name the same place. Pure.
#pragma once

#include <stddef.h>

#include "base/util.h"

// Reduces a file's content in place; path is below the root. Returns its length from then on, and says in one or two
// words what was removed, "" for nothing.
size_t redact_reduce(const char *path, char *data, size_t length, const char **ret_what);
