// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/disk.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/file.h"

int disk_size(int dir, const char *path, uint64_t *ret_bytes)
{
	struct stat st;
	CLEANUP_CLOSE int fd = file_find(dir, path, true);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENODEV;
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}

int disk_free(int dir, const char *path, uint64_t *ret_bytes, bool *ret_vfat)
{
	struct statfs st;
	CLEANUP_CLOSE int fd = file_find(dir, path, true);
	if (fd < 0)
		return fd;
	if (fstatfs(fd, &st) < 0)
		return -errno;
	if (st.f_blocks == 0)
		return -ENODATA;
	// statvfs(3): blocks are counted in this unit.
	*ret_bytes = (uint64_t)st.f_bfree * (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
	*ret_vfat = st.f_type == MSDOS_SUPER_MAGIC;
	return 0;
}
