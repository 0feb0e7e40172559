// SPDX-License-Identifier: GPL-2.0-or-later
// One lock for all commands that load modules or make instances: /run/gvt-early/lock. Its file says who has it and what he is at: a
// process that hangs in a driver keeps the lock for as long as it does, and whoever finds it taken tells why.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "root.h"
#include "util.h"

// Waits for the lock until a moment (clock.h). Returns a descriptor whose closing gives the lock back; -EWOULDBLOCK when
// somebody else still has it then, another negative errno when /run cannot be written.
MUST_CHECK int lock_take(const struct root *root, uint64_t until_us);
// Gives it back, unless negative, and takes the note out of it: it would name whoever has ended.
void lock_give_back(int *lock);

// What the holder is at: written into the lock's file.
struct lock_note {
	uint64_t deadline_us, step_us; // moments: when it is given up, when the step has begun
	const char *run, *step;        // report.h
};
void lock_note(int lock, const struct lock_note *note);

// What the lock's file says.
#define LOCK_TEXT_SIZE 96
struct lock_holder {
	pid_t pid;
	uint64_t deadline_us, step_us;
	char run[LOCK_TEXT_SIZE], step[LOCK_TEXT_SIZE];
};
// Returns false when it says nothing.
bool lock_read_holder(const struct root *root, struct lock_holder *ret);
