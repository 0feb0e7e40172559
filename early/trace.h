// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the host, noted for "capture": whatever goes through file.h is in it, so it is all that an answer
// depends on. And the other way round: what a copy of files cannot show by itself (errors, inode numbers, when a file was
// changed) is in a capture too, and what reads the copy meets it again.
//
// Notes go to a file in memory that children share, so that what a child had read before it hung is there too. Nothing of
// this costs anything unless trace_start() was called, or the root is a capture.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

#define TRACE_NUMBERS_FILE "gvt-early-capture" // at the top of a capture
#define TRACE_NUMBERS_HEAD "gvt-early capture 1\n"
#define TRACE_PATH_SIZE   4096

// Says which directory below the root a descriptor is: "" is the root itself, then "sys" and the like.
void trace_name_dir(int dir, const char *name);
// The path from the root of what lies below such a directory; false when the descriptor has no name, or the path is too long.
bool trace_path(int dir, const char *path, char *ret, size_t size);

// What a path is called from the root; false when the descriptor has no name, or it is too long.
bool trace_path(int dir, const char *path, char *ret, size_t size);

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
	TRACE_ERROR, // what could not be read: a negative errno; -ETIMEDOUT for what did not answer
	TRACE_INODE,
	TRACE_CHANGED,
	TRACE_PARAMETER, // whether a module's file, which is too large for a capture, has a parameter
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

// The line of TRACE_NUMBERS_FILE for an item with a number, without its newline; false for an item that needs none.
bool trace_line(const struct trace_item *item, char *ret, size_t size);
// Takes the text of TRACE_NUMBERS_FILE: what is to be met again, a line each: "error 110 PATH", "inode", "changed", "parameter". Other lines
// are skipped. -EINVAL for another text.
MUST_CHECK int trace_take_numbers(const char *text);
// Whether the root is a capture: one was taken.
bool trace_is_copy(void);
// What is to be met again at a path: the error, or 0; the number, or false.
int trace_error_at(int dir, const char *path);
bool trace_inode_at(int dir, const char *path, uint64_t *ret);
bool trace_changed_at(int dir, const char *path, int64_t *ret);
bool trace_parameter_at(int dir, const char *path, int64_t *ret);
