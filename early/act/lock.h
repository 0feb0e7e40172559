// SPDX-License-Identifier: GPL-2.0-or-later
// One lock for all commands that load modules or create instances: /run/gvt-early/lock. The file names the run that
// holds the lock, and its step (lock_note.h).
#pragma once

#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Waits for the lock until a moment (clock.h). Returns a descriptor that releases the lock when it is closed;
// -EWOULDBLOCK if another run still holds the lock then, another negative errno if /run cannot be written.
MUST_CHECK int lock_take(const struct root *root, uint64_t until_us);
// Releases the lock, unless negative, and removes the note from its file: the note would name a run that has ended.
void lock_give_back(int *lock);
