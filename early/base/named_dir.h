// SPDX-License-Identifier: GPL-2.0-or-later
// What the directories that everything is reached through (root.h) are called from the root: "" is the root itself,
// then "sys" and the like. So a read can be told, noted for a capture and met again there by its path.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NAMED_PATH_SIZE 4096 // with its NUL, as the kernel's PATH_MAX

// Says what a descriptor is called. The one that had that name before has none any more.
void named_dir_set(int dir, const char *name);
// The path from the root of what lies below such a directory; false when the descriptor has no name, or the path is too
// long.
bool named_dir_path(int dir, const char *path, char *ret, size_t size);
// The descriptor of the root itself, or -1.
int named_dir_top(void);
