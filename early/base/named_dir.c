// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/named_dir.h"

#include <stdio.h>

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
			int n = snprintf(ret, size, "%s%s%s", dirs[i].name, dirs[i].name[0] && *path ? "/" : "", path);
			return n > 0 && (size_t)n < size;
		}
	return false;
}
