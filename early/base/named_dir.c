// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/named_dir.h"

#include <string.h>

#include "base/util.h"

#define DIRS_MAX 16

static struct {
	int dir;
	char name[96];
} dirs[DIRS_MAX];
static size_t dir_count;

void named_dir_set(int dir, const char *name)
{
	size_t i = 0;
	for (size_t n = 0; n < dir_count; n++)
		if (dirs[n].dir == dir)
			dirs[n].dir = -1; // closed meanwhile
	while (i < dir_count && !streq(dirs[i].name, name))
		i++;
	for (size_t n = 0; i == dir_count && n < dir_count; n++)
		if (dirs[n].dir == -1 && dirs[n].name[0])
			i = n; // that was closed: its place is free
	if (i >= DIRS_MAX || strlen(name) >= sizeof(dirs[i].name))
		return;
	dirs[i].dir = dir;
	strcpy(dirs[i].name, name);
	dir_count += i == dir_count;
}

int named_dir_top(void)
{
	for (size_t i = 0; i < dir_count; i++)
		if (!dirs[i].name[0])
			return dirs[i].dir;
	return -1;
}

bool named_dir_path(int dir, const char *path, char *ret, size_t size)
{
	while (*path == '/')
		path++;
	for (size_t i = 0; i < dir_count; i++)
		if (dirs[i].dir == dir && dir >= 0) {
			// For each file that is read: printf would cost more than the reading of a small one.
			size_t name = strlen(dirs[i].name), rest = strlen(path), slash = name > 0 && rest > 0;
			if (name + rest == 0 || name + slash + rest >= size)
				return false;
			memcpy(ret, dirs[i].name, name);
			memset(ret + name, '/', slash);
			memcpy(ret + name + slash, path, rest + 1);
			return true;
		}
	return false;
}
