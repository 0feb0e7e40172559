// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting for a process that may hang in the kernel, no longer than until a moment (clock.h).
//
// A process that hangs in the kernel keeps its descriptors open, even if it is killed. The reader of a pipe would wait
// for ever, and a lock would never be released. So a child that may hang keeps only the descriptors that child_keep()
// named.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/relay.h"
#include "base/util.h"

// Children keep this descriptor, as those of the root (root.h); every other one but 0 to 2 is closed in them.
void child_keep(int fd);
// Reverts child_keep(), before the descriptor is closed.
void child_keep_no_more(int fd);

// In a child, right after fork(2): closes every descriptor from 3 on that is not to be kept.
void child_close_others(void);

// In a child that only reads for its parent: it is killed when its parent has ended. parent is the parent's getpid().
void child_end_with(pid_t parent);

// Waits for a child until *until_us, which the child may still move, and passes on what it prints (relay may be NULL);
// the time that this takes does not count. Returns its exit code, -EIO when it died of a signal, -ETIMEDOUT, or another
// negative errno.
MUST_CHECK int child_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay);

// The same, but a child of which stalls() says so is not waited for either: -EDEADLK.
MUST_CHECK int child_wait_while(pid_t pid, const volatile uint64_t *until_us, struct relay *relay,
				bool (*stalls)(pid_t pid));

// Sets the function that child_run() calls when a child has timed out, before it kills the child (reading.h).
void child_tell_given_up(void (*function)(pid_t pid));

// Runs a function in another process, without standard input and output, and waits for it. Its return value is the exit
// code, returned as child_wait() does. At the end of the time the process is killed, without waiting for its
// end: a process that hangs in the kernel does not end. The caller must not use what it shares with the process then.
MUST_CHECK int child_run(int (*function)(void *data), void *data, uint64_t until_us);

// The same with data that the child may change: afterwards the data has what the child wrote until it ended or timed
// out. Pointers in the data must not point to the child's own memory. -ENOMEM if there is no memory to share.
MUST_CHECK int child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us);
