// SPDX-License-Identifier: GPL-2.0-or-later
// What the lock's file (lock.h) says of who has the lock: a process that hangs in a driver keeps it for as long as it does, and whoever
// finds it taken tells why.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"

// What the holder is at: written into the lock's file.
struct lock_note {
	uint64_t deadline_us, step_us; // moments: when it is given up, when the step has begun
	const char *run_name, *step;   // paths.h
};
void lock_note(int lock, const struct lock_note *note);

// What the lock's file says.
#define LOCK_TEXT_SIZE 96
struct lock_holder {
	pid_t pid;
	uint64_t deadline_us, step_us;
	char run_name[LOCK_TEXT_SIZE], step[LOCK_TEXT_SIZE];
};
// Returns false when it says nothing.
bool lock_read_holder(const struct root *root, struct lock_holder *ret);
