// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/ha.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "read/proxmox/pve.h"

#define BLANKS " \t\r\f\v"

struct parser {
	struct ha_list *list;
	size_t index; // of the section that is read
	bool seen_state;
};

// "vm: VMID"; a section without a state is of a guest to be started. Of two for the same guest the last one counts.
static enum pve_header take_header(void *data, const char *line)
{
	struct parser *parser = data;
	struct ha_list *list = parser->list;
	size_t word = strcspn(line, BLANKS);
	const char *colon = memchr(line, ':', word);
	if (!colon || colon == line)
		return PVE_NO_HEADER;
	for (const char *next; (next = memchr(colon + 1, ':', word - (size_t)(colon + 1 - line)));)
		colon = next;
	const char *name = colon + 1 + strspn(colon + 1, BLANKS);
	size_t length = strcspn(name, BLANKS);
	if (length == 0 || name[length + strspn(name + length, BLANKS)])
		return PVE_NO_HEADER;

	char digits[16] = "";
	unsigned vmid;
	if (length < sizeof(digits))
		memcpy(digits, name, length);
	if (colon - line != 2 || strncasecmp(line, "vm", 2) != 0 || digits[0] == '0' ||
	    pve_parse_number(digits, VMID_MIN, VMID_MAX, &vmid) < 0)
		return PVE_SKIPPED;
	for (parser->index = 0; parser->index < list->count; parser->index++)
		if (list->items[parser->index].vmid == vmid)
			break;
	if (parser->index >= HA_MAX)
		return PVE_SKIPPED;
	if (parser->index == list->count)
		list->count++;
	list->items[parser->index].vmid = vmid;
	list->items[parser->index].state = HA_STARTED;
	parser->seen_state = false;
	return PVE_SECTION;
}

static void take_key(void *data, const char *key, const char *value, unsigned line)
{
	static const struct {
		const char *word;
		enum ha_state state;
	} states[] = {
		{ "started", HA_STARTED },  { "enabled", HA_STARTED },     { "stopped", HA_STOPPED },
		{ "disabled", HA_STOPPED }, { "ignored", HA_NOT_MANAGED },
	};
	struct parser *parser = data;
	(void)line;
	if (!streq(key, "state") || parser->seen_state)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (streq(value, states[i].word)) {
			parser->list->items[parser->index].state = states[i].state;
			parser->seen_state = true;
		}
}

int ha_parse(struct ha_list *list, const char *text)
{
	static const struct pve_reader reader = { .header = take_header, .key = take_key };
	struct parser parser = { .list = list };
	list->count = 0;
	return pve_read_sections(text, &reader, &parser);
}

enum ha_state ha_state_of(const struct ha_list *list, unsigned vmid)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].vmid == vmid)
			return list->items[i].state;
	return HA_NOT_MANAGED;
}
