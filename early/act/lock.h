// SPDX-License-Identifier: GPL-2.0-or-later
// One lock for all commands that load modules or make instances: /run/gvt-early/lock. Its file says who
// has it, and what he is at (lock_note.h).
#pragma once

#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Waits for the lock until a moment (clock.h). Returns a descriptor whose closing gives the lock back; -EWOULDBLOCK when
// somebody else still has it then, another negative errno when /run cannot be written.
MUST_CHECK int lock_take(const struct root *root, uint64_t until_us);
// Gives it back, unless negative, and takes the note out of it: it would name whoever has ended.
void lock_give_back(int *lock);
