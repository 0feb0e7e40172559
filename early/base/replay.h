// SPDX-License-Identifier: GPL-2.0-or-later
// What a copy of a host's files cannot show by itself (errors, inode numbers, when a file was changed) is in a file of
// the capture. Reading the copy replays it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

#define REPLAY_FILE "gvt-early-capture" // at the top of a capture
#define REPLAY_HEAD "gvt-early capture 1\n"

enum replay_kind {
	REPLAY_ERROR, // a negative errno of what could not be read; -ETIMEDOUT for what did not answer
	REPLAY_INODE,
	REPLAY_CHANGED,   // in seconds since 1970
	REPLAY_PARAMETER, // whether a module's file, which is too large for a capture, has a parameter: the path is
			  // FILE:PARAMETER
	REPLAY_KINDS,
};

// A line of REPLAY_FILE, without its newline; false when it cannot be written so.
bool replay_line(enum replay_kind kind, int64_t number, const char *path, char *ret, size_t size);

// Takes the text of REPLAY_FILE: what is to be replayed, a line each: "error 110 PATH", "inode", "changed",
// "parameter". Other lines are skipped. -EINVAL for another text.
MUST_CHECK int replay_take(const char *text);
// Whether the root is a capture: one was taken.
bool replay_is_copy(void);

// What is to be replayed at a path below one of the root's directories: the error, or 0; the number, or false.
int replay_error_at(int dir, const char *path);
bool replay_inode_at(int dir, const char *path, uint64_t *ret);
bool replay_changed_at(int dir, const char *path, int64_t *ret);
bool replay_parameter_at(int dir, const char *path, int64_t *ret);
