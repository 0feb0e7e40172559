// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/made_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "read/proxmox/pve.h"

#define FIRST_LINE "# gvt-early made 1, written by the program, in boot " // then the boot ID

static const struct made *find(const struct made_list *list, const char *uuid, uint64_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].id == id && streq(list->items[i].uuid, uuid))
			return &list->items[i];
	return NULL;
}

// UUID, a blank, a number.
static bool take_line(struct made_list *list, char *line)
{
	char *blank = strchr(line, ' ');
	if (!blank || list->count >= INSTANCES_MAX)
		return false;
	*blank = '\0';
	const char *digits = blank + 1;
	struct made *item = &list->items[list->count];
	if (wanted_parse_uuid(line, item->uuid) < 0 || !*digits || digits[strspn(digits, "0123456789")])
		return false;
	errno = 0;
	item->id = strtoull(digits, NULL, 10);
	if (errno != 0)
		return false;
	list->count++;
	return true;
}

static bool parse(struct made_list *list, const char *text, const char *boot_id)
{
	char first[sizeof(FIRST_LINE) + 64];
	int n = snprintf(first, sizeof(first), FIRST_LINE "%s\n", boot_id);
	if (n >= (int)sizeof(first) || !starts_with(text, first))
		return false;
	text += n;
	for (;;) {
		int r = 0;
		CLEANUP_FREE char *line = pve_next_line(&text, &r);
		if (!line)
			return r == 0;
		if (!take_line(list, line))
			return false;
	}
}

void made_read(struct made_list *list, const struct root *root, const char *boot_id)
{
	list->count = 0;
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (!boot_id[0] || file_read_trusted(root->run, MADE_FILE, MADE_MAX, root->owner, &text, &length) < 0)
		return;
	if (memchr(text, '\0', length) || !parse(list, text, boot_id))
		list->count = 0;
}

void made_mark(const struct made_list *list, struct instance_list *instances)
{
	for (size_t i = 0; i < instances->count; i++)
		instances->items[i].ours = find(list, instances->items[i].uuid, instances->items[i].id) != NULL;
}

int made_add(struct made_list *list, const struct root *root, const char *boot_id,
	     const struct instance_list *instances, const struct instance *item)
{
	if (!boot_id[0])
		return -ENODATA;
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct instance *there = instance_list_find(instances, list->items[i].uuid);
		if (there && there->id == list->items[i].id)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
	if (!find(list, item->uuid, item->id)) {
		if (list->count >= INSTANCES_MAX)
			return -ENOSPC;
		struct made *made = &list->items[list->count++];
		strcpy(made->uuid, item->uuid);
		made->id = item->id;
	}

	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	if (!stream)
		return -ENOMEM;
	fprintf(stream, FIRST_LINE "%s\n", boot_id);
	for (size_t i = 0; i < list->count; i++)
		fprintf(stream, "%s %" PRIu64 "\n", list->items[i].uuid, list->items[i].id);
	int r = fclose(stream) != 0 ? -ENOMEM : file_replace(root->run, MADE_FILE, text, length, 0644);
	free(text);
	return r;
}
