// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting for a process that may hang in the kernel, no longer than until a moment (clock.h).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util.h"

// Waits for a child until *until_us, which the child may still move. Returns its exit code, -EIO when it died of a
// signal, -ETIMEDOUT, or another negative errno.
MUST_CHECK int child_wait(pid_t pid, const volatile uint64_t *until_us);

// Runs a function in another process, without standard input and output, and waits for it. Its return value is the exit
// code, returned as child_wait() does. At the end of the time the process is killed, which a hanging one may not heed;
// it is not waited for any more. What it shares with the caller must not be used then.
MUST_CHECK int child_run(int (*function)(void *data), void *data, uint64_t until_us);

// The same with data that the child may change: what it had written when it ended, or was given up, is in it
// afterwards. Pointers in it lead nowhere new. -ENOMEM when there is no memory to share.
MUST_CHECK int child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us);
