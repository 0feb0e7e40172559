// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machine's rdinit: plants the GPU before anything of the system under test
 * runs, then becomes the initrd's own /init and leaves no trace.
 *
 * Loads /gvtplant.ko with the gvtplant.NAME=VALUE words of the kernel command
 * line as its parameters (gvtplant.none: does not load it), deletes the paths
 * listed in /plant.remove, a line each, and its own three files. Whatever fails
 * is told in the kernel log, and /init is run all the same.
 *
 * The system under test mounts its own file systems, so that nothing may be left
 * mounted: /proc is read through a temporary mount, and the kernel log through a
 * device node that is gone once it is open.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MODULE      "/gvtplant.ko"
#define PREFIX      "gvtplant."
#define REMOVE_LIST "/plant.remove"
#define PROC        "/plant.proc"
#define KMSG        "/plant.kmsg"
#define CMDLINE_MAX 4096 /* the kernel's own limit is 2048 on x86 */

static int kmsg = -1;

/*
 * One line by one write, at "<3>" so that a quiet boot's console shows it too.
 * Not by dprintf: glibc's seeks first, which /dev/kmsg refuses.
 */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	char line[1024] = "<3>plant: ";
	size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	strcat(line, "\n");
	if (write(kmsg < 0 ? STDERR_FILENO : kmsg, line, strlen(line)) < 0)
		return; /* nobody is left to tell */
}

static void open_kmsg(void)
{
	if (mknod(KMSG, S_IFCHR | 0600, makedev(1, 11)))
		return;
	kmsg = open(KMSG, O_WRONLY | O_CLOEXEC);
	unlink(KMSG);
}

static bool read_cmdline(char *line, size_t size)
{
	ssize_t n = -1;
	int fd;

	if (mkdir(PROC, 0700) || mount("proc", PROC, "proc", 0, NULL))
		return false;
	fd = open(PROC "/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, line, size - 1);
		close(fd);
	}
	if (umount(PROC) || rmdir(PROC))
		tell("cannot remove " PROC ": %m");
	if (n < 0)
		return false;
	line[n] = '\0';
	return true;
}

/* Collects our words of the command line; false if one of them is "none". */
static bool parameters(char *cmdline, char *params, size_t size)
{
	size_t used = 0;
	char *word, *rest;

	params[0] = '\0';
	for (word = strtok_r(cmdline, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (strncmp(word, PREFIX, strlen(PREFIX)))
			continue;
		word += strlen(PREFIX);
		if (!strcmp(word, "none"))
			return false;
		used += snprintf(params + used, size - used, "%s ", word);
	}
	return true;
}

static void load_module(const char *params)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		tell("cannot open '" MODULE "': %m");
		return;
	}
	if (syscall(SYS_finit_module, fd, params, 0))
		tell("cannot load '" MODULE "' with '%s': %m", params);
	close(fd);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_listed(void)
{
	char path[4096];
	FILE *list = fopen(REMOVE_LIST, "re");

	if (!list) {
		if (errno != ENOENT)
			tell("cannot open '" REMOVE_LIST "': %m");
		return;
	}
	while (fgets(path, sizeof(path), list)) {
		path[strcspn(path, "\n")] = '\0';
		if (path[0] == '\0')
			continue;
		if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT))
			tell("cannot remove '%s': %m", path);
	}
	fclose(list);
}

int main(int argc, char **argv)
{
	char cmdline[CMDLINE_MAX], params[CMDLINE_MAX];

	(void)argc;
	open_kmsg();
	tell("the kernel is up"); /* the runner waits for this line */
	if (!read_cmdline(cmdline, sizeof(cmdline))) {
		tell("cannot read the kernel command line: %m");
		cmdline[0] = '\0';
	}
	if (parameters(cmdline, params, sizeof(params)))
		load_module(params);
	remove_listed();

	unlink(argv[0]);
	unlink(MODULE);
	unlink(REMOVE_LIST);

	argv[0] = "/init";
	execv(argv[0], argv);
	tell("cannot execute '/init': %m");
	return 1;
}
