// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the host, noted for "capture": whatever goes through file.h is in it, so it is all that an answer
// depends on. What a copy of files cannot show by itself is in a capture too (replay.h).
//
// Notes go to a file in memory that children share, so that what a child had read before it hung is there too. Nothing of
// this costs anything unless trace_start() was called.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

// From now on notes are taken. Returns a negative errno.
MUST_CHECK int trace_start(void);
void trace_stop(void);

// While paused, what is read is not noted: for lists of which only a part matters, which is noted by hand then.
void trace_pause(bool paused);

// What file.h calls, and who reads by other means. A path is relative to the descriptor. trace_begin() is called before something that may block is
// read; if no other note of that path follows, it has never returned.
void trace_begin(int dir, const char *path);
void trace_file(int dir, const char *path, const void *data, size_t length);
void trace_link(int dir, const char *path, const char *target);
// What is there, whatever it is.
void trace_present(int dir, const char *path);
void trace_names(int dir, const char *path, char *const *names);
void trace_error(int dir, const char *path, int error);
void trace_inode(int dir, const char *path, uint64_t number);
void trace_changed(int dir, const char *path, int64_t seconds); // since 1970
void trace_parameter(int dir, const char *path, bool there); // path is a module's file, ':' and the parameter's name

// Whether notes are taken just now.
bool trace_is_on(void);

// One thing below the root, or a number about one.
enum trace_kind {
	TRACE_DIR,   // or something in a list of names, of which no more is known
	TRACE_EMPTY, // a file that was not read
	TRACE_LINK,  // data is the target
	TRACE_FILE,
	// Numbers about one, in the order of enum replay_kind:
	TRACE_ERROR,
	TRACE_INODE,
	TRACE_CHANGED,
	TRACE_PARAMETER,
};

struct trace_item {
	enum trace_kind kind;
	const char *path; // with a number it is as it was asked for, otherwise free of symbolic links
	const char *data; // a NUL stands behind it
	size_t length;
	int64_t number;
};

struct trace {
	struct trace_item *items; // sorted by path; one for each, and one for each kind of number
	size_t count;
	char *data; // what they point into
};

// All notes so far. Returns a negative errno.
MUST_CHECK int trace_read(struct trace *trace);
void trace_free(struct trace *trace);

// The line of REPLAY_FILE (replay.h) for an item with a number, without its newline; false for an item that needs none.
bool trace_line(const struct trace_item *item, char *ret, size_t size);
