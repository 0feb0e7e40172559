// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/relay.h"
#include "base/stream.h"

static _Noreturn void execute(const char *const *arguments)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE };
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)signal(signals[i], SIG_DFL);
	(void)setenv("PATH", PROGRAM_PATH, 1);
	// POSIX: the words are not changed, though execvp() takes no constants.
	union {
		const char *const *in;
		char *const *out;
	} words = { .in = arguments };
	execvp(arguments[0], words.out);
	_exit(PROGRAM_ABSENT);
}

static int finish(pid_t pid, uint64_t until_us, struct relay *relay)
{
	int r = child_wait(pid, &until_us, relay);
	if (r == -ETIMEDOUT) {
		(void)kill(-pid, SIGKILL);
		(void)kill(pid, SIGKILL);
	}
	return r;
}

int program_run(const char *const *arguments, uint64_t until_us)
{
	struct relay relay;
	int r = relay_open(&relay);
	if (r < 0)
		return r;
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		(void)setsid();
		relay_in_child(&relay);
		child_close_others();
		execute(arguments);
	}
	r = -errno;
	relay_in_parent(&relay);
	if (pid > 0)
		r = finish(pid, until_us, &relay);
	(void)!relay_close(&relay);
	return r;
}

// in may be negative: then it reads nothing.
static _Noreturn void execute_into(const char *const *arguments, int in, int out, const int *fds, size_t fd_count)
{
	int null = open("/dev/null", O_RDWR);
	(void)setsid();
	if (null < 0 || dup2(in < 0 ? null : in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(PROGRAM_ABSENT);
	for (size_t i = 0; i < fd_count; i++) {
		child_keep(fds[i]);
		(void)fcntl(fds[i], F_SETFD, 0);
	}
	child_close_others();
	execute(arguments);
}

static int run_into(const char *const *arguments, int in, int out, const int *fds, size_t fd_count, uint64_t until_us)
{
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		execute_into(arguments, in, out, fds, fd_count);
	return pid < 0 ? -errno : finish(pid, until_us, NULL);
}

static int read_output(int fd, size_t max, char **ret_text)
{
	char *text = malloc(max + 1);
	if (!text)
		return -ENOMEM;
	ssize_t n = lseek(fd, 0, SEEK_SET) < 0 ? -errno : stream_read(fd, text, max);
	if (n < 0) {
		free(text);
		return (int)n;
	}
	text[n] = '\0';
	*ret_text = text;
	return 0;
}

int program_output(const char *const *arguments, const int *fds, size_t fd_count, uint64_t until_us, size_t max,
		   char **ret_text)
{
	CLEANUP_CLOSE int out = memfd_create("output", MFD_CLOEXEC);
	if (out < 0)
		return -errno;
	int code = run_into(arguments, -1, out, fds, fd_count, until_us);
	int r = code < 0 ? code : read_output(out, max, ret_text);
	return r < 0 ? r : code;
}

int program_filter(const char *const *arguments, int in, int out, uint64_t until_us)
{
	return run_into(arguments, in, out, NULL, 0, until_us);
}
