// SPDX-License-Identifier: GPL-2.0-or-later
// An initrd's file, as generators write it, and as a full disk leaves it.
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "initrd_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[16];
	struct initrd_file file;
	int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = memfd_create("initrd", MFD_CLOEXEC);
	CHECK(dir >= 0 && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "%d", fd);
	CHECK(initrd_file_read(&file, dir, name) == 0);
	// Of a text that is told to be there all can be read, and it ends.
	CHECK(!file.snapshot || file.snapshot[file.snapshot_length] == '\0');
	CHECK(strlen(file.build_id) < sizeof(file.build_id));
	initrd_file_free(&file);
	close(fd);
	close(dir);
	return 0;
}
