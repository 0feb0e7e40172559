// SPDX-License-Identifier: GPL-2.0-or-later
// What was recorded of a host (recording.h), as an archive: unpacked, it is a root that gives the same answers.
#pragma once

#include <stddef.h>

#include "base/recording.h"
#include "base/terminal.h"
#include "base/util.h"

// Builds the archive without anything private (redact.h), and lists its content on the terminal. The caller
// frees *ret_data. Returns a negative errno.
MUST_CHECK int capture_make(const struct recording *trace, const struct terminal *terminal, char **ret_data,
			    size_t *ret_length);
