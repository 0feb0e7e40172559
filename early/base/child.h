// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting for a process that may hang in the kernel, no longer than until a moment (clock.h).
//
// A process that hangs in the kernel keeps its descriptors open, whatever is done to it: a pipe whose reader then waits for ever,
// a lock that nobody else gets any more. So a child that may hang has none but those that were named with child_keep().
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/relay.h"
#include "base/util.h"

// Children keep this descriptor, as those of the root (root.h); every other one but 0 to 2 is closed in them.
void child_keep(int fd);
// Takes that back, before the descriptor is closed.
void child_keep_no_more(int fd);

// In a child, right after fork(2): closes every descriptor from 3 on that is not to be kept.
void child_close_others(void);

// In a child that only reads for its parent: it is killed when its parent has ended. parent is the parent's getpid().
void child_end_with(pid_t parent);

// Waits for a child until *until_us, which the child may still move, and passes on what it prints (relay may be NULL); the time
// that this takes does not count. Returns its exit code, -EIO when it died of a signal, -ETIMEDOUT, or another negative errno.
MUST_CHECK int child_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay);

// The same, but a child of which stalls() says so is not waited for either: -EDEADLK.
MUST_CHECK int child_wait_while(pid_t pid, const volatile uint64_t *until_us, struct relay *relay, bool (*stalls)(pid_t pid));

// Whom child_run() tells that it has given up a child, before it kills it (reading.h).
void child_tell_given_up(void (*function)(pid_t pid));

// Runs a function in another process, without standard input and output, and waits for it. Its return value is the exit
// code, returned as child_wait() does. At the end of the time the process is killed, which a hanging one may not heed;
// it is not waited for any more. What it shares with the caller must not be used then.
MUST_CHECK int child_run(int (*function)(void *data), void *data, uint64_t until_us);

// The same with data that the child may change: what it had written when it ended, or was given up, is in it
// afterwards. Pointers in it lead nowhere new. -ENOMEM when there is no memory to share.
MUST_CHECK int child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us);
