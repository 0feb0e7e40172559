// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/join_events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "base/paths.h"

int join_events_open(const struct root *root)
{
	char path[64];
	if (root->run < 0)
		return -ENOENT;
	CLEANUP_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		return -errno;
	// inotify takes a name only.
	snprintf(path, sizeof(path), "/proc/self/fd/%d/" STATE_DIR, root->run);
	if (inotify_add_watch(fd, path, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0)
		return -errno;
	int r = fd;
	fd = -1;
	return r;
}

void join_events_wait(int fd, int timeout_ms)
{
	struct inotify_event events[1 + (sizeof(struct inotify_event) + NAME_MAX) / sizeof(struct inotify_event)];
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	if (poll(&poll_fd, 1, timeout_ms) <= 0)
		return;
	while (read(fd, events, sizeof(events)) > 0) // what it was does not matter
		;
}
