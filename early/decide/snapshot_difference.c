// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/snapshot_difference.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/util.h"

#define SHOWN_MAX 4

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

unsigned snapshot_difference(const struct config *had, const struct config *today, char *ret_text, size_t size)
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
