// SPDX-License-Identifier: GPL-2.0-or-later
// The least that any way to load these modules and to create these instances takes: everything that others look up is
// built in. With an argument:
//   nothing   ends at once: what a process costs
//   each      writes to /run/bench.loads how many microseconds each module took, and its path
//   beside    loads what i915 needs, and i915, in one process, and the others in another one, beside each other; kvmgt
//             needs both
#include <fcntl.h>
#include <linux/module.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TYPES "/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/"

static const char *const modules[] = {
#include "modules.inc" // the paths in the order in which they are loaded
};

// As tests/vm/gvt-early.conf.
static const char *const instances[][2] = {
	{ TYPES "i915-GVTg_V5_4/create", "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01" },
	{ TYPES "i915-GVTg_V5_8/create", "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02" },
	{ TYPES "i915-GVTg_V5_4/create", "00000000-0000-0000-0000-000000000100" },
};

enum part { ALL, GRAPHICS, OTHERS, LAST };

static enum part part_of(const char *path)
{
	if (strstr(path, "/kvmgt.ko"))
		return LAST;
	return strstr(path, "/vfio/") || strstr(path, "/virt/") || strstr(path, "/kvm/") ? OTHERS : GRAPHICS;
}

static long long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// loads may be NULL.
static bool load(enum part part, FILE *loads)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (part != ALL && part_of(modules[i]) != part)
			continue;
		long long begun = loads ? now_us() : 0;
		int fd = open(modules[i], O_RDONLY | O_CLOEXEC);
		const char *options = strstr(modules[i], "/i915.ko") ? "enable_gvt=1" : "";
		if (syscall(SYS_finit_module, fd, options, FLAGS) < 0)
			return false;
		close(fd);
		if (loads)
			fprintf(loads, "%lld %s\n", now_us() - begun, modules[i]);
	}
	return true;
}

static bool load_beside(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(load(OTHERS, NULL) ? 0 : 1);
	return load(GRAPHICS, NULL) && waitpid(pid, &status, 0) == pid && status == 0 && load(LAST, NULL);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	if (!strcmp(how, "nothing"))
		return 0;
	FILE *loads = !strcmp(how, "each") ? fopen("/run/bench.loads", "we") : NULL;
	if (!strcmp(how, "beside") ? !load_beside() : !load(ALL, loads))
		return 1;
	if (loads)
		fclose(loads);
	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		int fd = open(instances[i][0], O_WRONLY | O_CLOEXEC);
		if (write(fd, instances[i][1], strlen(instances[i][1])) < 0)
			return 1;
		close(fd);
	}
	return 0;
}
