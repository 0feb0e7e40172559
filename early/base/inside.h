// SPDX-License-Identifier: GPL-2.0-or-later
// Opening what lies below a directory as if that directory were "/": symbolic links, absolute ones too, and ".." lead
// to its top at most. For trees that come from elsewhere, where a link may name a file of this host.
#pragma once

#include "base/util.h"

// As openat(2), with O_CLOEXEC added; for flags other than O_PATH the caller knows that a regular file or a directory
// is there. The links of /proc/PID that lead elsewhere by themselves are not followed. Returns a descriptor or a
// negative errno: -ELOOP for more than 40 links.
MUST_CHECK int inside_open(int dir, const char *path, int flags);

// The same step by step, where the kernel has no openat2(2) (before 5.6, and in some sandboxes). At most 64 directories
// deep.
MUST_CHECK int inside_walk(int dir, const char *path, int flags);
