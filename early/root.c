// SPDX-License-Identifier: GPL-2.0-or-later
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int root_open(struct root *root, const char *path)
{
	*root = (struct root){ .path = path ? path : "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	root->fs = open(path ? path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root->fs < 0)
		return -errno;
	struct stat st;
	if (path && fstat(root->fs, &st) == 0)
		root->owner = st.st_uid;
	root->sys = openat(root->fs, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root->proc = openat(root->fs, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root->run = openat(root->fs, "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root->dev = openat(root->fs, "dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

void root_close(struct root *root)
{
	cleanup_close(&root->dev);
	cleanup_close(&root->run);
	cleanup_close(&root->proc);
	cleanup_close(&root->sys);
	cleanup_close(&root->fs);
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
