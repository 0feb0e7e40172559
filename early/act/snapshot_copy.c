// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/snapshot_copy.h"

#include <errno.h>

#include "base/file.h"
#include "read/boot/booted_initrd.h"

int snapshot_copy(const struct root *root, char ret_id[static CONTENT_ID_SIZE])
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	ret_id[0] = '\0';
	int r = file_read(root->fs, CONFIG_SNAPSHOT, CONFIG_SNAPSHOT_MAX, &text, &length);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	content_id(text, length, ret_id);
	return file_replace(root->run, BOOTED_SNAPSHOT, text, length, 0644);
}
