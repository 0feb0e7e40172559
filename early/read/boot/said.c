// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/said.h"

struct said *said_add(struct said_list *list, enum said_how how, const char *text, size_t length)
{
	char *copy = list->count < SAID_MAX ? strndup(text, length) : NULL;
	if (!copy)
		return NULL;
	struct said *item = &list->items[list->count++];
	*item = (struct said){ .how = how, .text = copy };
	return item;
}

void said_free(struct said_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].text);
		free(list->items[i].meant);
	}
	list->count = 0;
}

bool is_backup_name(const char *name)
{
	static const char *const ends[] = { "~",     ".bak",  ".old",	".orig", ".save",	".disabled", ".off",
					    ".swp", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".ucf-old", ".ucf-dist", ".ucf-new" };
	size_t length = strlen(name);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t end = strlen(ends[i]);
		if (length > end && streq(name + length - end, ends[i]))
			return true;
	}
	return false;
}
