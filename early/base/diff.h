// SPDX-License-Identifier: GPL-2.0-or-later
// The difference between two texts, as "diff -u" shows it. Pure.
#pragma once

#include <stddef.h>

#include "base/util.h"

// *ret is the caller's to free: "--- NAME", "+++ NAME" and what follows, "" where both are the same. NULL stands for a
// file that is not there, which is shown as /dev/null. name is with its '/'. Returns a negative errno only when out of
// memory.
MUST_CHECK int diff_unified(const char *name, const char *before, const char *after, char **ret);
