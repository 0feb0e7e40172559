// SPDX-License-Identifier: GPL-2.0-or-later
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "clock.h"

#define LOOK_EVERY_MS 100 // whether the child has moved its deadline

int child_wait(pid_t pid, const volatile uint64_t *until_us)
{
	CLEANUP_CLOSE int pidfd = pidfd_open(pid, 0);
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	for (;;) {
		int left = clock_left_ms(*until_us);
		int n = poll(&ended, 1, left < LOOK_EVERY_MS ? left : LOOK_EVERY_MS);
		if (n > 0)
			break;
		if (n == 0 && clock_left_ms(*until_us) == 0)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
	int status = 0;
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

// Whoever reads what we print must not wait for a child that hangs.
static void drop_standard_descriptors(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++) {
		if (null >= 0)
			(void)dup2(null, fd);
		else
			(void)close(fd);
	}
}

int child_run(int (*function)(void *data), void *data, uint64_t until_us)
{
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		drop_standard_descriptors();
		_exit(function(data));
	}
	if (pid < 0)
		return -errno;
	int r = child_wait(pid, &until_us);
	if (r == -ETIMEDOUT)
		(void)kill(pid, SIGKILL);
	return r;
}

int child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	memcpy(shared, data, size);
	int r = child_run(function, shared, until_us);
	memcpy(data, shared, size);
	(void)munmap(shared, size);
	return r;
}
