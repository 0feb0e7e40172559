// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define DEPTH_MAX 64
#define LINKS_MAX 40 // include/linux/namei.h: MAXSYMLINKS
#define TRIES_MAX 16 // openat2 fails with EAGAIN while something is renamed that ".." may be about

// The directories from the top to where the walk is: ".." goes back along them, and never asks the file system.
struct walk {
	int top;
	int dirs[DEPTH_MAX];
	size_t depth;
	unsigned links;
	char rest[PATH_MAX];
};

static int here(const struct walk *walk)
{
	return walk->depth > 0 ? walk->dirs[walk->depth - 1] : walk->top;
}

static void go_back(struct walk *walk, size_t depth)
{
	while (walk->depth > depth)
		close(walk->dirs[--walk->depth]);
}

static int go_down(struct walk *walk, int dir)
{
	if (walk->depth >= DEPTH_MAX)
		return -ENAMETOOLONG;
	walk->dirs[walk->depth++] = dir;
	return 0;
}

// What the link says takes its place in the rest of the way; behind is what comes behind it.
static int follow(struct walk *walk, int link, const char *behind)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target) - 1);
	if (length <= 0)
		return length < 0 ? -errno : -ENOENT;
	target[length] = '\0';
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	if (snprintf(rest, sizeof(rest), "%s%s", target, behind) >= (int)sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(walk->rest, rest);
	if (target[0] == '/')
		go_back(walk, 0);
	return 0;
}

static int finish(const struct walk *walk, const char *name, const struct stat *st, int flags, int *found)
{
	if (flags & O_DIRECTORY && !S_ISDIR(st->st_mode))
		return -ENOTDIR;
	int fd = *found;
	if (flags & O_PATH)
		*found = -1; // it is what was asked for
	else
		fd = openat(here(walk), name, flags | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_here(const struct walk *walk, int flags)
{
	int fd = openat(here(walk), ".", flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

// Goes one name further. At the end of the way it returns false, and *ret is a descriptor or a negative errno.
static bool step(struct walk *walk, int flags, int *ret)
{
	char name[NAME_MAX + 1];
	const char *part = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(part, "/");
	const char *behind = part + length;
	bool last = !behind[strspn(behind, "/")];
	struct stat st;
	CLEANUP_CLOSE int fd = -1;

	*ret = length > NAME_MAX ? -ENAMETOOLONG : 0;
	snprintf(name, sizeof(name), "%.*s", (int)(length < sizeof(name) ? length : 0), part);
	if (streq(name, "..")) {
		go_back(walk, walk->depth > 0 ? walk->depth - 1 : 0);
	} else if (*ret == 0 && length > 0 && !streq(name, ".")) {
		fd = openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0) {
			*ret = -errno;
			return false;
		}
		if (S_ISLNK(st.st_mode) && (*behind || !(flags & O_NOFOLLOW))) {
			*ret = follow(walk, fd, behind);
			return *ret == 0;
		}
		if (!*behind) {
			*ret = finish(walk, name, &st, flags, &fd);
			return false;
		}
		*ret = S_ISDIR(st.st_mode) ? go_down(walk, fd) : -ENOTDIR;
		if (*ret == 0)
			fd = -1;
	}
	if (*ret == 0 && last)
		*ret = open_here(walk, flags);
	memmove(walk->rest, behind, strlen(behind) + 1);
	return *ret == 0 && !last;
}

int inside_walk(int dir, const char *path, int flags)
{
	struct walk walk = { .top = dir };
	int r;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	while (step(&walk, flags, &r))
		;
	go_back(&walk, 0);
	return r;
}

// glibc has no function for it.
static int open_in_root(int dir, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

int inside_open(int dir, const char *path, int flags)
{
	int r = -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < TRIES_MAX; i++)
		r = open_in_root(dir, *path ? path : ".", flags);
	// EPERM is a sandbox's word for a system call that it does not know.
	return r == -ENOSYS || r == -EPERM || r == -EAGAIN ? inside_walk(dir, path, flags) : r;
}
