// SPDX-License-Identifier: GPL-2.0-or-later
// The file that a command line names as output.
//
// Only a regular file is created or replaced. Links are followed and kept: the file that they lead to is replaced. A
// FIFO, a character device such as /dev/null, and standard output ("-", /dev/stdout) are written to. Everything else is
// refused.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/util.h"

#define TARGET_LIMIT_S 5 // for a FIFO or a device that takes nothing, and for a place that does not answer

enum target_kind { TARGET_FILE, TARGET_STREAM, TARGET_STDOUT };

struct target {
	enum target_kind kind;
	char *path; // of TARGET_FILE, without links
	int fd;     // of TARGET_STREAM: who reads a FIFO reads until it is closed
};

// Checks the path before anything is written. Returns 0, or a negative errno with the reason in *ret_why; -EINVAL if
// the path is refused. binary: what will be written is not for a terminal. target_free() in any case.
MUST_CHECK int target_find(struct target *target, const char *path, bool binary, const char **ret_why);
void target_free(struct target *target);

// Writes all of it. Returns a negative errno.
MUST_CHECK int target_write(const struct target *target, const char *data, size_t length, mode_t mode);
