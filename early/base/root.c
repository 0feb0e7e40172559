// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/named_dir.h"
#include "base/replay.h"

#define NUMBERS_MAX (1024 * 1024)

// In a capture, what could not be read on that host cannot be read here, and so on.
static void take_numbers(const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(root->fs, REPLAY_FILE, NUMBERS_MAX, &text, &length) == 0)
		(void)!replay_take(text);
}

// With O_PATH no file system is asked: one that hangs does so when something is read of it.
static int open_dir(const struct root *root, const char *path)
{
	const int flags = O_PATH | O_DIRECTORY;
	int fd = root->path[0] && root->fs >= 0 ? inside_open(root->fs, path, flags)
						: openat(root->fs, path, flags | O_CLOEXEC);
	if (fd < 0)
		return -1;
	child_keep(fd);
	return fd;
}

int root_open(struct root *root, const char *path)
{
	*root = (struct root){
		.path = path ? path : "",
		.fs = AT_FDCWD,
		.sys = -1,
		.proc = -1,
		.run = -1,
		.dev = -1,
		.own_proc = -1,
	};
	root->fs = open_dir(root, path ? path : "/");
	if (root->fs < 0)
		return -errno;
	struct stat st;
	if (path && fstat(root->fs, &st) == 0)
		root->owner = st.st_uid;
	root->sys = open_dir(root, "sys");
	root->proc = open_dir(root, "proc");
	root->run = open_dir(root, "run");
	root->dev = open_dir(root, "dev");
	root->own_proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	child_keep(root->own_proc);

	named_dir_set(root->fs, "");
	named_dir_set(root->sys, "sys");
	named_dir_set(root->proc, "proc");
	named_dir_set(root->run, "run");
	named_dir_set(root->dev, "dev");
	file_set_place(
		path ? &(struct file_place){ .top = root->fs, .kernel = { -1, -1 }, .proc = root->own_proc }
		     : &(struct file_place){ .top = -1, .kernel = { root->sys, root->proc }, .proc = root->own_proc });
	if (path)
		take_numbers(root);
	return 0;
}

void root_close(struct root *root)
{
	int *const fds[] = { &root->own_proc, &root->dev, &root->run, &root->proc, &root->sys, &root->fs };
	file_set_place(&(struct file_place){ .top = -1, .kernel = { -1, -1 }, .proc = -1 });
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		child_keep_no_more(*fds[i]);
		cleanup_close(fds[i]);
	}
}

// Where it lies itself, without a link on the way.
static bool real_name(const struct root *root, int fd, char *ret, size_t size)
{
	char link[32];
	snprintf(link, sizeof(link), "self/fd/%d", fd);
	ssize_t length = root->own_proc < 0 ? -1 : readlinkat(root->own_proc, link, ret, size - 1);
	if (length <= 0)
		return false;
	ret[length] = '\0';
	return true;
}

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

// Finds what a library may open; the descriptor is the caller's to close.
static int find(const struct root *root, const char *path, struct stat *st)
{
	int fd = file_find(root->fs, path, true);
	int r = fd < 0 ? fd : fstat(fd, st) < 0 ? -errno : S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) ? fd : -ENODEV;
	if (r < 0)
		cleanup_close(&fd);
	return r;
}

int root_name(const struct root *root, const char *path, char *ret, size_t size)
{
	struct stat inside, named;
	path += strspn(path, "/");
	if (snprintf(ret, size, "%s/%s", root->path, path) >= (int)size)
		return -ENAMETOOLONG;
	if (!root->path[0])
		return 0;
	CLEANUP_CLOSE int fd = find(root, path, &inside);
	if (fd < 0)
		return fd;
	if (stat(ret, &named) == 0 && is_same(&inside, &named))
		return 0;
	return real_name(root, fd, ret, size) && stat(ret, &named) == 0 && is_same(&inside, &named) ? 0 : -EXDEV;
}

int root_check_name(const struct root *root, const char *path, const char *name)
{
	struct stat inside, named;
	if (!root->path[0])
		return 0;
	CLEANUP_CLOSE int fd = find(root, path, &inside);
	if (fd < 0)
		return fd;
	return stat(name, &named) == 0 && is_same(&inside, &named) ? 0 : -EXDEV;
}

bool root_is_chroot(const struct root *root)
{
	struct stat ours, first;
	if (root->path[0])
		return false;
	if (fstatat(root->proc, "1/root", &first, 0) < 0)
		return root->proc < 0 || errno == ENOENT;
	return fstat(root->fs, &ours) == 0 && (ours.st_dev != first.st_dev || ours.st_ino != first.st_ino);
}
