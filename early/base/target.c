// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/output.h"
#include "base/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/stream.h"
#include "base/terminal.h"

static bool is_stdout(const struct stat *file)
{
	struct stat out;
	return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == file->st_dev && out.st_ino == file->st_ino;
}

static int refuse(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EINVAL;
}

static int take_stdout(struct target *target, bool binary, const char **ret_why)
{
	target->kind = TARGET_STDOUT;
	return binary && terminal_is(output_stream()) ? refuse("it is a terminal", ret_why) : 0;
}

// A FIFO without a reader would be waited for.
static int find_stream(struct target *target, const char *path, bool binary, const char **ret_why)
{
	target->kind = TARGET_STREAM;
	target->fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (target->fd < 0) {
		int r = -errno;
		*ret_why = strerror(-r);
		return r == -ENXIO ? refuse("no process reads from it", ret_why) : r;
	}
	return binary && isatty(target->fd) ? refuse("it is a terminal", ret_why) : 0;
}

static int find_absent(struct target *target, const char *path, const char **ret_why)
{
	struct stat link;
	if (lstat(path, &link) == 0)
		return refuse("it is a symbolic link to nothing", ret_why);
	target->path = strdup(path);
	return target->path ? 0 : -ENOMEM;
}

static int look_at(void *data)
{
	struct stat file;
	const char *const *path = data;
	return stat(*path, &file) < 0; // for the time that it takes
}

int target_find(struct target *target, const char *path, bool binary, const char **ret_why)
{
	struct stat file;
	*target = (struct target){ .kind = TARGET_FILE, .fd = -1 };
	*ret_why = strerror(ENOMEM);
	if (!*path)
		return refuse("it has no name", ret_why);
	if (streq(path, "-"))
		return take_stdout(target, binary, ret_why);
	if (child_run(look_at, &path, clock_now_us() + TARGET_LIMIT_S * USEC_PER_SEC) == -ETIMEDOUT) {
		*ret_why = "it does not answer";
		return -ETIMEDOUT;
	}
	if (stat(path, &file) < 0) {
		int r = -errno;
		*ret_why = strerror(-r);
		return r == -ENOENT ? find_absent(target, path, ret_why) : r;
	}
	if (is_stdout(&file))
		return take_stdout(target, binary, ret_why);
	switch (file.st_mode & S_IFMT) {
	case S_IFREG:
		target->path = realpath(path, NULL);
		return target->path ? 0 : -ENOMEM;
	case S_IFIFO:
	case S_IFCHR:
		return find_stream(target, path, binary, ret_why);
	case S_IFDIR:
		return refuse("it is a directory", ret_why);
	case S_IFBLK:
		return refuse("it is a block device", ret_why);
	default:
		return refuse("it is a socket", ret_why);
	}
}

void target_free(struct target *target)
{
	free(target->path);
	cleanup_close(&target->fd);
	*target = (struct target){ .fd = -1 };
}

static int write_stream(int fd, const char *data, size_t length, uint64_t until_us)
{
	(void)signal(SIGPIPE, SIG_IGN); // a reader that has gone is an error like others
	return stream_write(fd, data, length, until_us);
}

static int replace_file(const char *path, const char *data, size_t length, mode_t mode)
{
	CLEANUP_CLOSE int dir = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : file_replace(dir, path, data, length, mode);
}

int target_write(const struct target *target, const char *data, size_t length, mode_t mode)
{
	uint64_t until_us = clock_now_us() + TARGET_LIMIT_S * USEC_PER_SEC;
	switch (target->kind) {
	case TARGET_FILE:
		return replace_file(target->path, data, length, mode);
	case TARGET_STREAM:
		return write_stream(target->fd, data, length, until_us);
	case TARGET_STDOUT:
		break;
	}
	return fflush(output_stream()) == 0 ? write_stream(STDOUT_FILENO, data, length, until_us) : -errno;
}
