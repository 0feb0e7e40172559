// SPDX-License-Identifier: GPL-2.0-or-later
// The least that any way to load these modules and to create these instances takes: everything that others look up is
// built in. The first argument "nothing" makes it end at once: what a process costs.
#include <fcntl.h>
#include <linux/module.h>
#include <string.h>
#include <sys/syscall.h>
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

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return 0;
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		int fd = open(modules[i], O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd, strstr(modules[i], "/i915.ko") ? "enable_gvt=1" : "", FLAGS) < 0)
			return 1;
		close(fd);
	}
	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		int fd = open(instances[i][0], O_WRONLY | O_CLOEXEC);
		if (write(fd, instances[i][1], strlen(instances[i][1])) < 0)
			return 1;
		close(fd);
	}
	return 0;
}
