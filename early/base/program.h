// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of this host, run by name and given up in time. They are looked for where root's programs are, whatever PATH
// says, and have a session of their own: what interrupts us at a terminal does not interrupt them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

#define PROGRAM_PATH   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PROGRAM_ABSENT 127 // its exit code where there is no such program, as sh has it

// Runs a program, whose output is passed on to our own, until a moment (clock.h). Returns its exit code, or a negative
// errno: -ETIMEDOUT when it was given up and killed.
MUST_CHECK int program_run(const char *const *arguments, uint64_t until_us);

// The same, and what it prints on standard output is kept, up to max bytes, instead: *ret_text is the caller's to free.
// fds stay open in it, by the same numbers.
MUST_CHECK int program_output(const char *const *arguments, const int *fds, size_t fd_count, uint64_t until_us,
			      size_t max, char **ret_text);

// Runs a program that reads a file and writes another, both descriptors: from where they stand. What it says on
// standard error is dropped. Returns as program_run() does.
MUST_CHECK int program_filter(const char *const *arguments, int in, int out, uint64_t until_us);
