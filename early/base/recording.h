// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of the host, noted for "capture": whatever goes through file.h is in it, so it is all that an answer
// depends on. What a copy of files cannot show by itself is in a capture too (replay.h).
//
// Notes go to a file in memory that children share, so that what a child had read before it hung is there too. Nothing
// of this costs anything unless recording_start() was called.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

// From now on notes are taken. Returns a negative errno.
MUST_CHECK int recording_start(void);
void recording_stop(void);

// While paused, what is read is not noted: for lists of which only a part matters, which is noted by hand then.
void recording_pause(bool paused);

// Called by file.h, and by code that reads in other ways. A path is relative to the descriptor. recording_begin() is
// called before a read that may block; if no other note of that path follows, the read has never returned.
void recording_begin(int dir, const char *path);
void recording_file(int dir, const char *path, const void *data, size_t length);
void recording_link(int dir, const char *path, const char *target);
// What is there, whatever it is.
void recording_present(int dir, const char *path);
void recording_names(int dir, const char *path, char *const *names);
void recording_error(int dir, const char *path, int error);
void recording_inode(int dir, const char *path, uint64_t number);
void recording_changed(int dir, const char *path, int64_t seconds); // since 1970
void recording_parameter(int dir, const char *path,
			 bool there); // path is a module's file, ':' and the parameter's name

// Whether notes are taken just now.
bool recording_is_on(void);

// One thing below the root, or a number about one.
enum recording_kind {
	RECORDING_DIR,   // or something in a list of names, of which no more is known
	RECORDING_EMPTY, // a file that was not read
	RECORDING_LINK,  // data is the target
	RECORDING_FILE,
	// Numbers about one, in the order of enum replay_kind:
	RECORDING_ERROR,
	RECORDING_INODE,
	RECORDING_CHANGED,
	RECORDING_PARAMETER,
};

struct recording_item {
	enum recording_kind kind;
	const char *path; // with a number it is as it was asked for, otherwise free of symbolic links
	const char *data; // followed by a NUL
	size_t length;
	int64_t number;
};

struct recording {
	struct recording_item *items; // sorted by path; one for each, and one for each kind of number
	size_t count;
	char *data; // what they point into
};

// All notes so far. Returns a negative errno.
MUST_CHECK int recording_read(struct recording *trace);
void recording_free(struct recording *trace);

// The line of REPLAY_FILE (replay.h) for an item with a number, without its newline; false for an item that needs none.
bool recording_line(const struct recording_item *item, char *ret, size_t size);
