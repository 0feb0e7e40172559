// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/left_out.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "read/config/remembered_guests.h"

#define RECORD     REMEMBERED_DIR "/left-out."
#define RECORD_MAX (64 * 1024)

static void name_of(char ret[static sizeof(RECORD) + RELEASE_SIZE], const char *release)
{
	snprintf(ret, sizeof(RECORD) + RELEASE_SIZE, RECORD "%s", release);
}

bool left_out_read(struct initrd_room *room, const struct root *root, const char *release)
{
	char path[sizeof(RECORD) + RELEASE_SIZE];
	CLEANUP_FREE char *text = NULL;
	size_t length;
	name_of(path, release);
	return file_read_trusted(root->fs, path, RECORD_MAX, root->owner, &text, &length) == 0 &&
		initrd_room_parse(room, text) && streq(room->release, release);
}

int left_out_write(const struct root *root, const struct initrd_room *room)
{
	char path[sizeof(RECORD) + RELEASE_SIZE];
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = initrd_room_print(room, &text, &length);
	if (r < 0)
		return r;
	if (mkdirat(root->fs, REMEMBERED_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	name_of(path, room->release);
	return file_replace(root->fs, path, text, length, 0644);
}

void left_out_forget(const struct root *root, const char *release)
{
	char path[sizeof(RECORD) + RELEASE_SIZE];
	name_of(path, release);
	(void)unlinkat(root->fs, path, 0);
}
