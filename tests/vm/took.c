// SPDX-License-Identifier: GPL-2.0-or-later
// Takes gvt-early's place in an initrd where that is gvt-early.real: runs it, and writes to the kernel log how many
// microseconds passed from before its start to its end, as "took COMMAND N".
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	int status = 0;
	long long begun = now_us();
	pid_t pid = vfork();
	if (pid == 0) {
		execv("/usr/sbin/gvt-early.real", argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	long long took = now_us() - begun;
	char line[100];
	int length = snprintf(line, sizeof(line), "took %s %lld\n", argc > 1 ? argv[1] : "", took);
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, line, (size_t)length) != length)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
