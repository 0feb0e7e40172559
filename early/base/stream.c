// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/stream.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

ssize_t stream_read(int fd, char *buffer, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = read(fd, buffer + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int stream_write(int fd, const char *data, size_t length, uint64_t until_us)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);
		if (n < 0 && errno == EAGAIN) {
			int left = until_us == UINT64_MAX ? -1 : clock_left_ms(until_us);
			if (left == 0)
				return -ETIMEDOUT;
			(void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, left);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		length -= (size_t)n;
	}
	return 0;
}
