// SPDX-License-Identifier: GPL-2.0-or-later
// What each process is reading now, in memory that a process shares with its children: if a child hangs, its parent
// knows in which file. A file that did not answer once is not read again: reading it fails with -ETIMEDOUT from then
// on, in all processes.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/relay.h"
#include "base/util.h"

#define READING_PATH_SIZE 512

// Call this before the first fork. Without this call, or without memory, nothing is recorded, and nothing fails. If a
// child of child_run() times out, the file that it was reading is recorded as hung.
void reading_share(void);

// Around a read (file.h); the descriptor is one of the root's.
void reading_begin(int dir, const char *path);
void reading_end(void);
// Begins a read that ends at the end of the scope.
#define READING(dir, path) \
	__attribute__((cleanup(reading_cleanup), unused)) int reading_now = (reading_begin(dir, path), 0)
static inline void reading_cleanup(int *unused)
{
	(void)unused;
	reading_end();
}

// What a process is reading, as a path from the root, and for how long it has been: at least that long. False when it
// is not reading anything.
bool reading_of(pid_t pid, uint64_t least_us, char *ret, size_t size);

// What was read last, by any of the processes.
bool reading_last(char *ret, size_t size);

// For a process whose read has not returned. Finds out what hangs: a file, or a whole file system. *ret_path gets its
// path from the root. False if the process was not reading anything.
bool reading_hangs(pid_t pid, char *ret_path, size_t size);

// The files that do not answer, by index; false after the last.
bool reading_hung_at(size_t index, char *ret, size_t size);

// Whether a path was found not to answer.
bool reading_is_hung(int dir, const char *path);

// As child_wait() does (child.h), but a child that has been at the same read for STALL_US is not waited for either:
// -EDEADLK.
#define STALL_US (2 * USEC_PER_SEC) // a busy disk answers within that
MUST_CHECK int reading_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay);
