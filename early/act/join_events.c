// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/join_events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIFO STATE_DIR "/wake"

// Not inotify: whoever closes that waits for a grace period of the kernel, 16 ms, in which the boot waits, too.
int join_events_open(const struct root *root)
{
	if (root->run < 0)
		return -ENOENT;
	if (mkfifoat(root->run, FIFO, 0600) < 0 && errno != EEXIST)
		return -errno;
	// For writing as well: it is never at its end then, whoever comes and goes.
	int fd = openat(root->run, FIFO, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void join_events_tell(const struct root *root)
{
	CLEANUP_CLOSE int fd =
		root->run < 0 ? -1 : openat(root->run, FIFO, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		(void)!write(fd, "", 1);
}

void join_events_end(const struct root *root)
{
	if (root->run >= 0)
		(void)unlinkat(root->run, FIFO, 0);
}

void join_events_wait(int fd, int timeout_ms)
{
	char words[64];
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	if (poll(&poll_fd, 1, timeout_ms) <= 0)
		return;
	while (read(fd, words, sizeof(words)) > 0) // what it was does not matter
		;
}
