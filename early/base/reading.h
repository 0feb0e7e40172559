// SPDX-License-Identifier: GPL-2.0-or-later
// What is being read just now, in memory that a process shares with its children: when one of them does not come back, it is known
// where. What did not answer once is not asked again: it fails with -ETIMEDOUT from then on, in all of them.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/relay.h"
#include "base/util.h"

#define READING_PATH_SIZE 512

// Before the first fork. Without it, or without memory, nothing is noted, and nothing fails. What a child that child_run() gives up
// was reading is noted as hung from then on.
void reading_share(void);

// Around a read (file.h); the descriptor is one of the root's.
void reading_begin(int dir, const char *path);
void reading_end(void);
// Ends it when what this stands before goes out of scope.
#define READING(dir, path) \
	__attribute__((cleanup(reading_cleanup), unused)) int reading_now = (reading_begin(dir, path), 0)
static inline void reading_cleanup(int *unused)
{
	(void)unused;
	reading_end();
}

// What a process is reading, as a path from the root, and for how long it has been: at least that long. False when it is not
// reading anything.
bool reading_of(pid_t pid, uint64_t least_us, char *ret, size_t size);

// What was read last, by whomever.
bool reading_last(char *ret, size_t size);

// A process has not come back from its read. Finds out how far the hang reaches: a file, or a whole file system. *ret_path gets that,
// as a path from the root. False when it was not reading anything.
bool reading_hangs(pid_t pid, char *ret_path, size_t size);

// What does not answer, one after the other: false when there is no such one.
bool reading_hung_at(size_t index, char *ret, size_t size);

// Whether a path does not answer, as was found out.
bool reading_is_hung(int dir, const char *path);

// As child_wait() does (child.h), but a child that has been at the same read for STALL_US is not waited for either: -EDEADLK.
#define STALL_US (2 * USEC_PER_SEC) // a busy disk answers within that
MUST_CHECK int reading_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay);
