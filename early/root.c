// SPDX-License-Identifier: GPL-2.0-or-later
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "child.h"
#include "file.h"
#include "trace.h"

#define NUMBERS_MAX (1024 * 1024)

// In a capture, what could not be read on that host cannot be read here, and so on.
static void take_numbers(const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(root->fs, TRACE_NUMBERS_FILE, NUMBERS_MAX, &text, &length) == 0)
		(void)!trace_take_numbers(text);
}

// With O_PATH no file system is asked: one that hangs does so when something is read of it.
static int open_dir(int dir, const char *path)
{
	int fd = openat(dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	child_keep(fd);
	return fd;
}

int root_open(struct root *root, const char *path)
{
	*root = (struct root){ .path = path ? path : "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	root->fs = open_dir(AT_FDCWD, path ? path : "/");
	if (root->fs < 0)
		return -errno;
	struct stat st;
	if (path && fstat(root->fs, &st) == 0)
		root->owner = st.st_uid;
	root->sys = open_dir(root->fs, "sys");
	root->proc = open_dir(root->fs, "proc");
	root->run = open_dir(root->fs, "run");
	root->dev = open_dir(root->fs, "dev");

	trace_name_dir(root->fs, "");
	trace_name_dir(root->sys, "sys");
	trace_name_dir(root->proc, "proc");
	trace_name_dir(root->run, "run");
	trace_name_dir(root->dev, "dev");
	if (path)
		take_numbers(root);
	return 0;
}

void root_close(struct root *root)
{
	int *const fds[] = { &root->dev, &root->run, &root->proc, &root->sys, &root->fs };
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		child_keep_no_more(*fds[i]);
		cleanup_close(fds[i]);
	}
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
