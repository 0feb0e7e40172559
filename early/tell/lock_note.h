// SPDX-License-Identifier: GPL-2.0-or-later
// The content of the lock's file (lock.h): the run that holds the lock. A process that hangs in a driver keeps the lock
// for as long as it hangs, and a run that finds the lock taken reports why.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"

// The holder's current step: written into the lock's file.
struct lock_note {
	uint64_t deadline_us, step_us; // moments: the holder's deadline, the begin of its step
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
// Returns false if the file says nothing.
bool lock_read_holder(const struct root *root, struct lock_holder *ret);
