// SPDX-License-Identifier: GPL-2.0-or-later
// Files that a driver asks the kernel for, below /lib/firmware.
#pragma once

#include "base/root.h"
#include "base/util.h"

// Whether a kernel of a release finds a firmware file by its name, "i915/tgl_guc_70.bin", where it looks for one: 1 or
// 0. -EOPNOTSUPP when there is only a compressed file that this kernel cannot decompress, -ENODATA when that is not
// known, another negative errno when it cannot be known.
MUST_CHECK int firmware_there(const struct root *root, const char *release, const char *name);

// Of two such answers, of files of which either will do, the one that counts for both: one that is there, else one of
// which it is not known, else one that cannot be decompressed.
MUST_CHECK int firmware_better(int one, int other);
