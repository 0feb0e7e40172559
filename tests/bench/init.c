// SPDX-License-Identifier: GPL-2.0-or-later
// The first process of a measured boot: mounts what an initrd mounts, waits until the kernel has nothing left to do,
// runs one contestant and prints what each of its steps took, a line each:
//
//   bench: STEP wall=US user=US system=US peak=KB
//   bench: instances=N
//   bench: report TEXT     the lines of gvt-early's report
//   bench: load US PATH    what floor.c wrote of a module
//   bench: end
//
// The contestant's name comes in the environment: a word "bench=NAME" of the kernel command line. User and system time
// are those of all processes of a step that have ended with it; the kernel knows their sum, and takes their shares from
// its ticks.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REST_S 3 // until nothing of the boot is left over, or the early worker has done what it can

struct step {
	const char *name;
	const char *const *argv; // NULL: only a rest, or what udev says
	bool whole;              // also waits for what outlives its own process
};

struct contestant {
	const char *name;
	const struct step *steps; // ended by one without a name
};

#define ARGUMENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define STEPS(...)     ((const struct step[]){ __VA_ARGS__, { 0 } })
#define BOOT           ARGUMENTS("/usr/sbin/gvt-early", "boot")
#define WAIT           ARGUMENTS("/usr/sbin/gvt-early", "wait")

static const struct contestant contestants[] = {
	{ "nothing", STEPS({ "all", ARGUMENTS("/bench/floor", "nothing"), true }) },
	{ "floor", STEPS({ "all", ARGUMENTS("/bench/floor"), true }) },
	{ "each", STEPS({ "all", ARGUMENTS("/bench/floor", "each"), true }) },
	{ "beside", STEPS({ "all", ARGUMENTS("/bench/floor", "beside"), true }) },
	{ "apply", STEPS({ "all", ARGUMENTS("/usr/sbin/gvt-early", "apply"), true }) },
	{ "boot", STEPS({ "boot", BOOT, false }, { "udev", NULL, false }, { "wait", WAIT, true }) },
	{ "path",
	  STEPS({ "boot", BOOT, false }, { "udev", NULL, false }, { "rest", NULL, false }, { "wait", WAIT, true }) },
	{ "shell", STEPS({ "all", ARGUMENTS("/bin/sh", "/bench/shell"), true }) },
	{ "mdevctl", STEPS({ "all", ARGUMENTS("/bin/sh", "/bench/shell", "mdevctl"), true }) },
};

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t us(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

// What is printed here is printed once the measuring is over: a serial line is slow.
static char text[256 * 1024];
static size_t length;

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text + length, sizeof(text) - length, format, args);
	va_end(args);
	if (n > 0 && length + (size_t)n < sizeof(text))
		length += (size_t)n;
}

static void run(const struct step *step)
{
	struct rusage before, after;
	getrusage(RUSAGE_CHILDREN, &before);
	uint64_t begun = now_us();
	pid_t pid = fork();
	if (pid == 0) {
		execv(step->argv[0], (char **)step->argv);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	while (step->whole && wait(NULL) > 0) {
	}
	uint64_t wall = now_us() - begun;
	getrusage(RUSAGE_CHILDREN, &after);
	note("bench: %s wall=%llu user=%llu system=%llu peak=%ld\n", step->name, (unsigned long long)wall,
	     (unsigned long long)(us(&after.ru_utime) - us(&before.ru_utime)),
	     (unsigned long long)(us(&after.ru_stime) - us(&before.ru_stime)), after.ru_maxrss);
	if (status != 0)
		note("bench: %s failed: %#x\n", step->name, (unsigned)status);
}

static void rest(void)
{
	const struct timespec time = { .tv_sec = REST_S };
	nanosleep(&time, NULL);
}

// What udev says when it has processed the GPU (systemd, sd-device/device-monitor.c): there is none here.
static void speak_as_udev(void)
{
	static const char properties[] = "ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:02.0\0SUBSYSTEM=pci";
	struct {
		char prefix[8];
		uint32_t magic, header_size, properties_offset, properties_length, unused[4];
		char properties[sizeof(properties)];
	} message = { "libudev", htonl(0xfeedcafe), 40, 40, sizeof(properties), { 0 }, { 0 } };
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 2 };
	memcpy(message.properties, properties, sizeof(properties));
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (sendto(fd, &message, 40 + sizeof(properties), 0, (const struct sockaddr *)&address, sizeof(address)) < 0)
		note("bench: udev failed: nobody listens\n");
	close(fd);
}

static void note_instances(void)
{
	unsigned count = 0;
	DIR *dir = opendir("/sys/bus/mdev/devices");
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	note("bench: instances=%u\n", count);
}

static void note_file(const char *what, const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		note("bench: %s %s", what, line);
	if (file)
		note("\n");
}

static void set_up(void)
{
	static const char *const dirs[] = { "/proc", "/sys", "/dev", "/run" };
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		mkdir(dirs[i], 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("tmpfs", "/run", "tmpfs", 0, "mode=0755");
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

int main(void)
{
	const char *name = getenv("bench");
	set_up();
	rest();
	for (size_t i = 0; name && i < sizeof(contestants) / sizeof(contestants[0]); i++)
		for (const struct step *step = contestants[i].steps; !strcmp(contestants[i].name, name) && step->name;
		     step++)
			if (step->argv)
				run(step);
			else if (!strcmp(step->name, "udev"))
				speak_as_udev();
			else
				rest();
	note_instances();
	note_file("report", "/run/gvt-early/report.json");
	note_file("report", "/run/gvt-early/apply.json");
	note_file("load", "/run/bench.loads");
	note("bench: end\n");
	int console = open("/dev/console", O_WRONLY | O_NOCTTY);
	for (size_t at = 0; at < length;) {
		ssize_t n = write(console, text + at, length - at);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
