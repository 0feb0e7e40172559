// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/said.h"

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
