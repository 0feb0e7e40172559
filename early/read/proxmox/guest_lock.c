// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/guest_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"

#define LOCK_DIR      "lock/qemu-server" // Proxmox VE makes it when its first program runs
#define LOCKS_MAX     (1024 * 1024)      // bytes of /proc/locks
#define ANCESTORS_MAX 64

// The process that called another one, 0 when there is none.
static unsigned long parent_of(const struct root *root, unsigned long pid)
{
	char stat[1024];
	if (file_read_linef(root->proc, stat, sizeof(stat), "%lu/stat", pid) < 0)
		return 0;
	const char *end = strrchr(stat, ')'); // behind it state and parent; the name may hold blanks
	unsigned long parent = 0;
	return end && sscanf(end + 1, " %*c %lu", &parent) == 1 ? parent : 0;
}

static bool is_ancestor(const struct root *root, unsigned long pid)
{
	unsigned long at = (unsigned long)getppid();
	for (int i = 0; i < ANCESTORS_MAX && at > 1; i++, at = parent_of(root, at))
		if (at == pid)
			return true;
	return false;
}

// /proc/locks: "12: FLOCK  ADVISORY  WRITE 4711 00:1a:1234 0 EOF"; who waits has a "->" before FLOCK.
static bool held_by_ancestor(const struct root *root, int fd)
{
	struct stat st;
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (fstat(fd, &st) < 0 || file_read(root->proc, "locks", LOCKS_MAX, &text, &length) < 0)
		return false;
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned long pid, inode;
		unsigned major_number, minor_number;
		if (sscanf(line, "%*u: FLOCK %*s %*s %lu %x:%x:%lu", &pid, &major_number, &minor_number, &inode) == 4 &&
		    inode == st.st_ino && major_number == major(st.st_dev) && minor_number == minor(st.st_dev) &&
		    is_ancestor(root, pid))
			return true;
	}
	return false;
}

// /run/lock is writable by everybody: a directory of another user is not Proxmox VE's.
static int open_dir(const struct root *root)
{
	struct stat st;
	int dir = root->run < 0 ? -1 : openat(root->run, LOCK_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0 && fstat(dir, &st) == 0 && st.st_uid == root->owner && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return dir;
	cleanup_close(&dir);
	return -1;
}

enum guest_lock guest_lock_try(const struct root *root, unsigned vmid, int *ret_fd)
{
	char name[32];
	*ret_fd = -1;
	CLEANUP_CLOSE int dir = open_dir(root);
	if (dir < 0)
		return GUEST_LOCKED;
	snprintf(name, sizeof(name), "lock-%u.conf", vmid);
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return GUEST_LOCKED;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return GUEST_LOCKED;
	}
	enum guest_lock state = held_by_ancestor(root, fd) ? GUEST_OURS : GUEST_BUSY;
	close(fd);
	return state;
}

void guest_lock_give_back(int fd)
{
	if (fd < 0)
		return;
	(void)flock(fd, LOCK_UN);
	close(fd);
}

static void watch(int fd, int ended, uint64_t until_us)
{
	struct pollfd end = { .fd = ended, .events = POLLIN };
	int n, left;
	do {
		left = clock_left_ms(until_us);
		n = poll(&end, 1, left);
	} while ((n < 0 && errno == EINTR) || (n == 0 && left > 0));
	if (n == 0)
		(void)flock(fd, LOCK_UN);
}

int guest_lock_watch(struct guest_lock_watch *ret, int fd, uint64_t until_us)
{
	int ends[2];
	*ret = (struct guest_lock_watch){ .end = -1 };
	if (fd < 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		child_keep(fd);
		child_keep(ends[0]);
		child_close_others();
		watch(fd, ends[0], until_us);
		_exit(0);
	}
	int error = errno;
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return -error;
	}
	*ret = (struct guest_lock_watch){ .end = ends[1], .pid = pid };
	return 0;
}

void guest_lock_watch_end(struct guest_lock_watch *ended)
{
	cleanup_close(&ended->end);
	while (ended->pid > 0 && waitpid(ended->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*ended = (struct guest_lock_watch){ .end = -1 };
}
