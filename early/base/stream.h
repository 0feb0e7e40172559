// SPDX-License-Identifier: GPL-2.0-or-later
// read(2) and write(2) to the end, over interrupted calls and short ones.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

// Reads until the buffer is full or the file ends. Returns how much it is, or a negative errno.
MUST_CHECK ssize_t stream_read(int fd, char *buffer, size_t size);

// Writes all of it. If the descriptor is non-blocking (another process that shares it may have set this), waits until a
// moment (clock.h; UINT64_MAX for ever). Returns 0, -ETIMEDOUT or another negative errno.
MUST_CHECK int stream_write(int fd, const char *data, size_t length, uint64_t until_us);
