// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/booted_initrd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <uuid/uuid.h>

#include "base/file.h"
#include "read/boot/past_run.h"

#define KEPT_SNAPSHOT STATE_DIR "/snapshot.conf" // below /run
#define SHOWN_MAX     4

void content_id(const char *data, size_t length, char ret[static CONTENT_ID_SIZE])
{
	// Of no namespace that others use; it never changes.
	static const uuid_t names = { 0x2f, 0x0c, 0x5a, 0x1e, 0x8b, 0x0d, 0x4e, 0x5d, 0x9a, 0x51, 0x77, 0x16, 0x2e, 0x4b, 0x90, 0x3c };
	uuid_t id;
	uuid_generate_sha1(id, names, data, length);
	uuid_unparse_lower(id, ret);
}

int initrd_keep_snapshot(const struct root *root, char ret_id[static CONTENT_ID_SIZE])
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	ret_id[0] = '\0';
	int r = file_read(root->fs, CONFIG_SNAPSHOT, CONFIG_SNAPSHOT_MAX, &text, &length);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	content_id(text, length, ret_id);
	return file_replace(root->run, KEPT_SNAPSHOT, text, length, 0644);
}

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
	    file_read_trusted(root->run, KEPT_SNAPSHOT, CONFIG_SNAPSHOT_MAX, root->owner, &text, &length) < 0)
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

struct differences {
	char *text;
	size_t size;
	unsigned count;
};

static PRINTF(2, 3) void differ(struct differences *differences, const char *format, ...)
{
	size_t used = strlen(differences->text);
	if (differences->count++ >= SHOWN_MAX || used + 1 >= differences->size)
		return;
	used += (size_t)snprintf(differences->text + used, differences->size - used, "%s", used ? ", " : "");
	if (used >= differences->size)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(differences->text + used, differences->size - used, format, args);
	va_end(args);
}

static const struct wanted *find(const struct wanted_list *list, const char *uuid)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].uuid, uuid))
			return &list->items[i];
	return NULL;
}

static bool same_parents(const struct wanted *one, const struct wanted *other)
{
	if (!streq(one->parent, other->parent) || one->other_count != other->other_count)
		return false;
	for (size_t i = 0; i < one->other_count; i++)
		if (!streq(one->others[i], other->others[i]))
			return false;
	return true;
}

static bool same_modules(const struct settings *one, const struct settings *other)
{
	if (one->module_count != other->module_count)
		return false;
	for (size_t i = 0; i < one->module_count; i++)
		if (!streq(one->modules[i], other->modules[i]))
			return false;
	return true;
}

unsigned initrd_compare(const struct config *had, const struct config *today, char *ret_text, size_t size)
{
	struct differences differences = { .text = ret_text, .size = size };
	ret_text[0] = '\0';
	for (size_t i = 0; i < today->wanted.count; i++) {
		const struct wanted *item = &today->wanted.items[i], *old = find(&had->wanted, item->uuid);
		if (!old)
			differ(&differences, "%s (%s) is not in it", item->uuid, item->source);
		else if (!streq(old->type, item->type))
			differ(&differences, "%s (%s) is %s in it, now %s", item->uuid, item->source, old->type, item->type);
		else if (!same_parents(old, item))
			differ(&differences, "%s (%s) has another parent in it", item->uuid, item->source);
	}
	for (size_t i = 0; i < had->wanted.count; i++)
		if (!find(&today->wanted, had->wanted.items[i].uuid))
			differ(&differences, "%s (%s) is wanted no more", had->wanted.items[i].uuid, had->wanted.items[i].source);
	if (had->settings.deadline_s != today->settings.deadline_s)
		differ(&differences, "its deadline is %u s, now %u s", had->settings.deadline_s, today->settings.deadline_s);
	if (!same_modules(&had->settings, &today->settings))
		differ(&differences, "it has another list of modules");
	if (differences.count > SHOWN_MAX) {
		size_t used = strlen(ret_text);
		snprintf(ret_text + used, size - used, " and %u more", differences.count - SHOWN_MAX);
	}
	return differences.count;
}
