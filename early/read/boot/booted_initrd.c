// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/booted_initrd.h"

#include "base/content_id.h"
#include "base/file.h"
#include "read/boot/past_run.h"

int initrd_read(struct initrd *initrd, const struct root *root, const char *boot_id)
{
	char id[64], kept[CONTENT_ID_SIZE], reported[CONTENT_ID_SIZE];
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*initrd = (struct initrd){ .ran = false };
	config_init(&initrd->snapshot);
	if (past_run_read_text(root, COMMAND_BOOT, "boot_id", id, sizeof(id)) < 0 || !streq(id, boot_id))
		return 0;
	initrd->ran = true;
	if (past_run_read_text(root, COMMAND_BOOT, "build_id", initrd->build_id, sizeof(initrd->build_id)) < 0 ||
	    past_run_read_text(root, COMMAND_BOOT, "snapshot", reported, sizeof(reported)) < 0 ||
	    file_read_trusted(root->run, BOOTED_SNAPSHOT, CONFIG_SNAPSHOT_MAX, root->owner, &text, &length) < 0)
		return 0;
	content_id(text, length, kept);
	if (!streq(kept, reported))
		return 0;
	initrd->snapshot_found = true;
	return config_parse(&initrd->snapshot, CONFIG_SNAPSHOT, text, length, true);
}

void initrd_free(struct initrd *initrd)
{
	config_free(&initrd->snapshot);
}
