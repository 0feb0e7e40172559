// SPDX-License-Identifier: GPL-2.0-or-later
// Reading and writing small files below a directory descriptor.
//
// Every path is taken relative to the descriptor; a leading '/' is skipped. All functions return a negative errno on
// failure and leave their out parameters untouched then. A negative directory descriptor gives -ENOENT.
//
// What is read is a regular file or a directory: anything else is seen before it is opened, because opening a device
// can do something and opening a FIFO can wait, and gives -ENODEV.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

// Says where the files are; root.h does it. Negative for what there is not.
struct file_place {
	int top; // of a tree that is not the running system's: what is read below it lies in it, wherever links lead
	int kernel[2]; // the running kernel's /sys and /proc, in which no device and no FIFO lies
	int proc;      // the running system's /proc, of which only self/fd is used
};
void file_set_place(const struct file_place *place);

// The functions that are called for each read, for a capture (recording.h). A path is relative to the descriptor.
// begin() is called before a read that may block; if no other call for that path follows, the read has never returned.
struct file_recorder {
	void (*begin)(int dir, const char *path);
	void (*file)(int dir, const char *path, const void *data, size_t length);
	void (*link)(int dir, const char *path, const char *target);
	void (*present)(int dir, const char *path); // what is there, whatever it is
	void (*names)(int dir, const char *path, char *const *names);
	void (*error)(int dir, const char *path, int error);
	void (*inode)(int dir, const char *path, uint64_t number);
	void (*changed)(int dir, const char *path, int64_t seconds); // since 1970
};
// Sets the recorder from now on; NULL for none. *recorder must stay valid.
void file_record(const struct file_recorder *recorder);

// Reads at most size - 1 bytes of a file into buffer, ends them with a NUL and cuts one trailing newline. Returns the
// length. For attributes in sysfs and the like, which are read in one piece.
MUST_CHECK int file_read_line(int dir, const char *path, char *buffer, size_t size);

// Reads a whole file of at most max bytes; -EFBIG when it is larger, -EISDIR for a directory.
// *ret_text is the caller's to free and ends with a NUL that *ret_length does not count.
MUST_CHECK int file_read(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length);

// The same for a file that decides what root does: -EKEYREJECTED unless it is owned by owner and not writable by
// others.
MUST_CHECK int file_read_trusted(int dir, const char *path, size_t max, uid_t owner, char **ret_text,
				 size_t *ret_length);

// For a file that a library reads by itself: while notes are taken (recording.h), reads it for them.
void file_note(int dir, const char *path, size_t max);

// Reads a stream of records such as /dev/kmsg, in which a read gives one, as far as it goes now; records that were
// overwritten meanwhile are left out. A regular file with the same content reads the same. What is beyond max bytes is
// left out too. *ret_text is as of file_read().
MUST_CHECK int file_read_records(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length);

// Opens a regular file to read it piece by piece; the descriptor is the caller's to close.
MUST_CHECK int file_open(int dir, const char *path);

// What the path leads to, or the link that it is, not opened (O_PATH); the descriptor is the caller's to close.
MUST_CHECK int file_find(int dir, const char *path, bool follow);

// When a file's content was last changed, in seconds since 1970.
MUST_CHECK int file_changed(int dir, const char *path, int64_t *ret_time);

// Whether a path is a regular file, or a link to one: 1, 0, or a negative errno. Opening anything else may block.
MUST_CHECK int file_is_regular(int dir, const char *path);

// The inode number; sysfs never uses a number twice.
MUST_CHECK int file_inode(int dir, const char *path, uint64_t *ret_number);

// False if a read of the path has timed out (reading.h), here or on the host that a capture is of.
bool file_answers(int dir, const char *path);

// Whether the path exists, a dangling symbolic link included.
bool file_exists(int dir, const char *path);

// Reads a symbolic link's target, cut to size. Returns its length.
MUST_CHECK int file_link(int dir, const char *path, char *buffer, size_t size);

// Reads a symbolic link and copies the last component of its target.
MUST_CHECK int file_link_name(int dir, const char *path, char *buffer, size_t size);

// Writes data in one write(2) to an existing file, as sysfs wants it.
MUST_CHECK int file_write(int dir, const char *path, const char *data, size_t length);

// Replaces a file so that a reader sees the old content or all of the new: a temporary file beside it, then rename. The
// directories on the way must exist.
MUST_CHECK int file_replace(int dir, const char *path, const char *data, size_t length, mode_t mode);

// The same for a file of the system's own: owner, mode and extended attributes (access control lists are among them)
// are those of the file that is open as like; where that is negative, it has the mode. Its name is on the disk, too,
// when this returns. A symbolic link would be replaced itself.
MUST_CHECK int file_replace_like(int dir, const char *path, const char *data, size_t length, mode_t mode, int like);

// Whether what lies in a directory can be trusted: 0, or -EKEYREJECTED unless it is owned by owner and not writable by
// others.
MUST_CHECK int dir_check_trusted(int dir, const char *path, uid_t owner);

// Opens a directory; the descriptor is the caller's to close. Its links lead out of it only if named_dir.h knows which
// directory it is.
MUST_CHECK int dir_open(int dir, const char *path);

// The names in a directory without "." and "..", sorted by byte value. *ret_names is one block: free() it, not the
// names. Returns their number.
MUST_CHECK int dir_names(int dir, const char *path, char ***ret_names);

// Whether a list of names has one.
bool dir_has(char *const *names, const char *name);

// The same with a path that is formatted as by printf(3). A path that does not fit PATH_MAX is never cut: it gives
// -ENAMETOOLONG, and file_existsf() false. (file_printf.c)
MUST_CHECK int file_read_linef(int dir, char *buffer, size_t size, const char *format, ...) PRINTF(4, 5);
MUST_CHECK int file_readf(int dir, size_t max, char **ret_text, size_t *ret_length, const char *format, ...)
	PRINTF(5, 6);
// A number from 0 in decimal, alone on its line: -EBADMSG for anything else, -ERANGE for one that does not fit.
MUST_CHECK long file_read_numberf(int dir, const char *format, ...) PRINTF(2, 3);
bool file_existsf(int dir, const char *format, ...) PRINTF(2, 3);
MUST_CHECK int file_linkf(int dir, char *buffer, size_t size, const char *format, ...) PRINTF(4, 5);
MUST_CHECK int file_link_namef(int dir, char *buffer, size_t size, const char *format, ...) PRINTF(4, 5);
MUST_CHECK int file_inodef(int dir, uint64_t *ret_number, const char *format, ...) PRINTF(3, 4);
MUST_CHECK int file_writef(int dir, const char *data, size_t length, const char *format, ...) PRINTF(4, 5);
MUST_CHECK int dir_namesf(int dir, char ***ret_names, const char *format, ...) PRINTF(3, 4);

// Holds a directory without opening it, and all of what is mounted there, so that dir_is() can tell it from whatever is
// mounted there later. The descriptor is the caller's to close.
MUST_CHECK int dir_hold(int dir, const char *path);

// Whether a path still leads to the directory that is held; with held < 0, whether there is still none.
bool dir_is(int held, int dir, const char *path);
