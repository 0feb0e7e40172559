// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a command while a FUSE file system that never answers is mounted on a directory, or on a file, for that command
// alone, or with
// --here for everybody.
//
// usage: hung-mount [--here] DIRECTORY|FILE COMMAND [ARGUMENT]...
//
// The requests are taken and dropped, as by a server that hangs: whoever waits for an answer cannot be killed then.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "hung-mount: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail(path);
	close(fd);
}

// Mounts are for root; others become root of a namespace of their own.
static void enter_namespace(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (unshare(uid ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) < 0)
		fail("unshare");
	if (uid) {
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
		write_file("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
		write_file("/proc/self/gid_map", map);
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("mount private");
}

static int mount_fuse(const char *dir)
{
	char options[128];
	struct stat st;
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail("/dev/fuse");
	if (stat(dir, &st) < 0)
		fail(dir);
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other", fd,
		 S_ISDIR(st.st_mode) ? S_IFDIR | 0755 : S_IFREG | 0444);
	if (mount("hung", dir, "fuse.hung", MS_NOSUID | MS_NODEV, options) < 0)
		fail("mount");
	return fd;
}

// Answers the first request, with which the kernel greets, and no other.
static void serve(int fd)
{
	static char request[1 << 18];
	for (;;) {
		ssize_t n = read(fd, request, sizeof(request));
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			_exit(0);
		const struct fuse_in_header *in = (const void *)request;
		if (n < (ssize_t)sizeof(*in) || in->opcode != FUSE_INIT)
			continue;
		struct {
			struct fuse_out_header header;
			struct fuse_init_out init;
		} out = {
			.header = { .len = sizeof(out), .unique = in->unique },
			.init = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 4096 },
		};
		if (write(fd, &out, sizeof(out)) < 0)
			_exit(1);
	}
}

int main(int argc, char **argv)
{
	int here = argc > 1 && strcmp(argv[1], "--here") == 0;
	argc -= here;
	argv += here;
	if (argc < 3) {
		fputs("usage: hung-mount [--here] DIRECTORY|FILE COMMAND [ARGUMENT]...\n", stderr);
		return 125;
	}
	if (!here)
		enter_namespace();
	int fd = mount_fuse(argv[1]);
	pid_t server = fork();
	if (server == 0) {
		for (int i = 0; i <= 2; i++)
			close(i);
		serve(fd);
	}
	close(fd);
	pid_t command = fork();
	if (command == 0) {
		execvp(argv[2], argv + 2);
		fail(argv[2]);
	}
	int status = 0;
	if (server < 0 || command < 0 || waitpid(command, &status, 0) < 0)
		fail("fork");
	kill(server, SIGKILL); // with it the file system fails, and whoever waits is free
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
