// SPDX-License-Identifier: GPL-2.0-or-later
// A tar archive in memory (POSIX.1-1988, "ustar"), the same bytes for the same content: no times, and everything
// root's.
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/util.h"

// Append to a stream. The paths are relative; -ENAMETOOLONG for one that the format cannot take (255 characters with a
// '/' at the right place, a link's target 100), -EFBIG for 8 GiB or more. What the stream itself met is for the caller
// to ask it.
MUST_CHECK int tar_add_file(FILE *stream, const char *path, const void *data, size_t length);
MUST_CHECK int tar_add_dir(FILE *stream, const char *path);
MUST_CHECK int tar_add_link(FILE *stream, const char *path, const char *target);

// The end of an archive.
void tar_end(FILE *stream);
