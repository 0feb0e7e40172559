// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/paths.h"

#define LOCK_POLL_MS 20 // flock has no bounded wait

int lock_take(const struct root *root, uint64_t until_us)
{
	if (root->run < 0)
		return -ENOENT;
	if (mkdirat(root->run, STATE_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	int fd = openat(root->run, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = errno;
		if (error != EINTR && (error != EWOULDBLOCK || clock_left_ms(until_us) == 0)) {
			close(fd);
			return -error;
		}
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	(void)!ftruncate(fd, 0); // what it says is of an earlier holder
	return fd;
}

void lock_give_back(int *lock)
{
	if (*lock >= 0)
		(void)!ftruncate(*lock, 0);
	cleanup_close(lock);
}
