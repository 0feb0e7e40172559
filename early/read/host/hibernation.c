// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/hibernation.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"

#define DEVICE_POLL_MS 20

// Where udev puts the device: below /dev, without a slash in front.
static int device_path(const char *spec, char *ret, size_t size)
{
	static const struct {
		const char *tag, *dir;
	} tags[] = {
		{ "UUID=", "disk/by-uuid" },
		{ "LABEL=", "disk/by-label" },
		{ "PARTUUID=", "disk/by-partuuid" },
		{ "PARTLABEL=", "disk/by-partlabel" },
	};
	int n = -1;
	if (starts_with(spec, "/dev/"))
		n = snprintf(ret, size, "%s", spec + strlen("/dev/"));
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		char name[256];
		if (!starts_with(spec, tags[i].tag))
			continue;
		if (blkid_encode_string(spec + strlen(tags[i].tag), name, sizeof(name)) < 0)
			return -EINVAL;
		n = snprintf(ret, size, "%s/%s", tags[i].dir, name);
	}
	return n > 0 && (size_t)n < size ? 0 : -EINVAL;
}

// 1, 0 or a negative errno.
static int holds_image(int fd)
{
	blkid_probe probe = blkid_new_probe();
	if (!probe)
		return -ENOMEM;
	int r = -EIO;
	const char *type = NULL;
	if (blkid_probe_set_device(probe, fd, 0, 0) == 0) {
		blkid_probe_enable_superblocks(probe, 1);
		blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE);
		r = blkid_do_safeprobe(probe);
		if (r == 0 && blkid_probe_lookup_value(probe, "TYPE", &type, NULL) == 0)
			r = streq(type, "swsuspend");
		else if (r >= 0)
			r = 0; // nothing known on it
		else
			r = -EIO; // unreadable, or a swap area's signature beside the image's
	}
	blkid_free_probe(probe);
	return r;
}

int hibernation_image(const struct root *root, const char *spec, uint64_t until_us)
{
	char path[512];
	int r = device_path(spec, path, sizeof(path));
	if (r < 0)
		return r;
	for (;;) {
		CLEANUP_CLOSE int fd = root->dev < 0 ? -1 : openat(root->dev, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			return holds_image(fd);
		if (clock_left_ms(until_us) == 0)
			return -ENODEV;
		(void)poll(NULL, 0, DEVICE_POLL_MS);
	}
}
