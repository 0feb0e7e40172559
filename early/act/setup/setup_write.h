// SPDX-License-Identifier: GPL-2.0-or-later
// Writing what was planned: backups and the record first, then each file as a whole. Whoever kills this finds each file
// old or new.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"

#define WRITE_LIMIT_S 60

struct setup_written {
	char path[160];    // that could not be written, or "": below the root
	char backup[160];  // the directory of the backups, or "" for none; likewise
	bool changed;      // it is not any more what was shown: nothing was written
	bool not_restored; // of the files written before it, one could not be put back
	size_t count;      // how many were written
};

// In another process, until WRITE_LIMIT_S. Returns a negative errno, with *ret; what was written by then is put back.
MUST_CHECK int setup_write(struct setup_written *ret, const struct root *root, const struct setup_plan *plan);

// Notes in the record what guests are given, before they are. Of an undo, forgets what plan has of guests, and the
// files if it has those. Likewise in another process. Returns a negative errno.
MUST_CHECK int setup_write_record(const struct root *root, const struct setup_plan *plan);
