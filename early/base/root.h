// SPDX-License-Identifier: GPL-2.0-or-later
// The tree that the program looks at: the running system, or with --root a fixture or a copy of another machine's
// files.
//
// Everything is reached through directory descriptors, one for each mount: they stay valid when the initrd's root goes
// away under a worker (facts: after switch_root every absolute path of it fails, the descriptors do not).
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/util.h"

struct root {
	const char
		*path; // "" for the running system, else the directory given by --root, for libraries that want a path
	int fs, sys, proc, run, dev; // directory descriptors, -1 where there is no such directory
	int own_proc;                // the running system's /proc, with --root too
	uid_t owner;                 // whose files are trusted: root, or the owner of the directory given by --root
};

// Opens the descriptors. path is NULL for the running system and must outlive the root. Returns a negative errno only
// when the root directory itself cannot be opened.
MUST_CHECK int root_open(struct root *root, const char *path);
void root_close(struct root *root);

// The name of a file or directory, for a library that opens files by their names: with --root it leads to what path
// leads to inside of that directory. A directory's name says nothing of what is in it. For the running system it is "/"
// and the path. Returns a negative errno: -ENODEV for what is neither a regular file nor a directory.
MUST_CHECK int root_name(const struct root *root, const char *path, char *ret, size_t size);
// Whether a library may open a name of its own making, which should lead to what path leads to below the root. Returns
// 0, what opening path says, or -EXDEV when the name leads elsewhere. For the running system it is 0.
MUST_CHECK int root_check_name(const struct root *root, const char *path, const char *name);

// Whether this is the inside of a chroot, where what /sys and /proc say is of another system; also when that cannot be
// known because /proc is not mounted. Never with --root.
bool root_is_chroot(const struct root *root);
