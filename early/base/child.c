// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/pidfd.h"

#define KEPT_MAX         16
#define DEADLINE_POLL_MS 100 // whether the child has moved its deadline
#define END_POLL_MS      10  // whether it has ended, where no descriptor says so

static int kept[KEPT_MAX]; // in ascending order
static size_t kept_count;

static void (*given_up)(pid_t pid);

void child_tell_given_up(void (*function)(pid_t pid))
{
	given_up = function;
}

void child_keep(int fd)
{
	size_t at = kept_count;
	if (fd < 0 || kept_count >= KEPT_MAX)
		return;
	for (; at > 0 && kept[at - 1] > fd; at--)
		kept[at] = kept[at - 1];
	kept[at] = fd;
	kept_count++;
}

void child_keep_no_more(int fd)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept[i] == fd) {
			memmove(kept + i, kept + i + 1, (--kept_count - i) * sizeof(*kept));
			return;
		}
}

// close_range(2) came with Linux 5.9; musl has no function for it.
static void close_from(unsigned first, unsigned last)
{
	struct rlimit limit;
	if (first > last || syscall(SYS_close_range, first, last, 0) == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	for (unsigned fd = first; fd <= last && fd < limit.rlim_cur; fd++)
		(void)close((int)fd);
}

void child_close_others(void)
{
	unsigned next = 3;
	for (size_t i = 0; i < kept_count; i++) {
		if ((unsigned)kept[i] > next)
			close_from(next, (unsigned)kept[i] - 1);
		if ((unsigned)kept[i] >= next)
			next = (unsigned)kept[i] + 1;
	}
	close_from(next, ~0U);
}

void child_end_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) // it has ended already
		_exit(0);
}

// Whether it has ended; a process that hangs at its very end is not waited for either.
static int try_wait(pid_t pid, int *ret_status)
{
	pid_t r = waitpid(pid, ret_status, WNOHANG);
	return r < 0 ? -errno : r == pid;
}

int child_wait_while(pid_t pid, const volatile uint64_t *until_us, struct relay *relay, bool (*stalls)(pid_t pid))
{
	CLEANUP_CLOSE int pidfd = pidfd_open(pid, 0); // not there before Linux 5.3
	struct pollfd poll_for[1 + RELAY_STREAMS] = { { .fd = pidfd, .events = POLLIN } };
	int status = 0, r;
	relay_poll(relay, poll_for + 1);
	for (;;) {
		int left = clock_left_ms(*until_us + relay_blocked_us(relay)),
		    most = pidfd < 0 ? END_POLL_MS : DEADLINE_POLL_MS;
		int n = poll(poll_for, ARRAY_SIZE(poll_for), left < most ? left : most);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			relay_pass(relay, poll_for + 1);
		r = try_wait(pid, &status);
		if (r != 0)
			break;
		if (clock_left_ms(*until_us + relay_blocked_us(relay)) == 0) {
			r = -ETIMEDOUT;
			break;
		}
		if (stalls && stalls(pid)) {
			r = -EDEADLK;
			break;
		}
	}
	relay_pass_rest(relay);
	return r < 0 ? r : WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

int child_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay)
{
	return child_wait_while(pid, until_us, relay, NULL);
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
	pid_t self = getpid();
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		child_end_with(self);
		drop_standard_descriptors();
		child_close_others();
		_exit(function(data));
	}
	if (pid < 0)
		return -errno;
	int r = child_wait(pid, &until_us, NULL);
	if (r == -ETIMEDOUT) {
		if (given_up)
			given_up(pid);
		(void)kill(pid, SIGKILL);
	}
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
