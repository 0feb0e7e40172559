// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the host, noted for "capture": whatever goes through file.h is in it, so it is all that an answer
// depends on. And the other way round: errors that a capture had met, met again in the copy.
//
// Notes go to a file in memory that children share, so that what a child had read before it hung is there too. Nothing of
// this costs anything unless trace_start() was called, or the root is a capture.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

#define TRACE_ERRORS_FILE "gvt-early-capture" // at the top of a capture
#define TRACE_ERRORS_HEAD "gvt-early capture 1\n"
#define TRACE_PATH_SIZE   4096

// Says which directory below the root a descriptor is: "" is the root itself, then "sys" and the like.
void trace_name_dir(int dir, const char *name);

// From now on notes are taken. Returns a negative errno.
MUST_CHECK int trace_start(void);
void trace_stop(void);

// While paused, what is read is not noted: for lists of which only a part matters, which is noted by hand then.
void trace_pause(bool paused);

// The reader's side. A path is relative to the descriptor. trace_begin() is called before something that may block is
// read; if no other note of that path follows, it has never returned.
void trace_begin(int dir, const char *path);
void trace_file(int dir, const char *path, const void *data, size_t length);
void trace_link(int dir, const char *path, const char *target);
// What is there, whatever it is.
void trace_present(int dir, const char *path);
void trace_names(int dir, const char *path, char *const *names);
void trace_error(int dir, const char *path, int error);

// Whether notes are taken just now.
bool trace_is_on(void);

// One thing below the root.
enum trace_kind {
	TRACE_DIR,   // or something in a list of names, of which no more is known
	TRACE_EMPTY, // a file that was not read
	TRACE_LINK,  // data is the target
	TRACE_FILE,
	TRACE_ERROR, // what could not be read; the path is as it was asked for, all others are free of symbolic links
};

struct trace_item {
	enum trace_kind kind;
	const char *path;
	const char *data; // a NUL stands behind it
	size_t length;
	int error; // a negative errno; -ETIMEDOUT for what did not answer
};

struct trace {
	struct trace_item *items; // sorted by path; one for each, errors apart
	size_t count;
	char *data; // what they point into
};

// All notes so far. Returns a negative errno.
MUST_CHECK int trace_read(struct trace *trace);
void trace_free(struct trace *trace);

// Takes the text of TRACE_ERRORS_FILE: the errors to be met again, a line each: "error NUMBER PATH". -EINVAL for
// another text.
MUST_CHECK int trace_take_errors(const char *text);
// The error to be met again at a path, or 0.
int trace_error_at(int dir, const char *path);
