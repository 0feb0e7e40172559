// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/mapping.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

struct parser {
	struct mapping_list *list;
	const char *node;
	struct mapping *mapping; // whose keys are read, NULL when there is no room for it
	bool seen_mdev;
	int error;
};

static struct mapping *find(struct mapping_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].id, id))
			return &list->items[i];
	return NULL;
}

// A bare name. Of two sections with the same name the last one counts.
static enum pve_header take_header(void *data, const char *line)
{
	struct parser *parser = data;
	size_t length = strcspn(line, " \t\r\f\v");
	if (length == 0 || line[length + strspn(line + length, " \t\r\f\v")])
		return PVE_NO_HEADER;
	char id[PVE_ID_SIZE] = "";
	if (length < sizeof(id))
		memcpy(id, line, length);
	if (!pve_is_id(id))
		return PVE_SKIPPED;

	parser->mapping = find(parser->list, id);
	if (!parser->mapping && parser->list->count < MAPPINGS_MAX)
		parser->mapping = &parser->list->items[parser->list->count++];
	if (!parser->mapping)
		return PVE_SKIPPED;
	*parser->mapping = (struct mapping){ .count = 0 };
	strcpy(parser->mapping->id, id);
	parser->seen_mdev = false;
	return PVE_SECTION;
}

// Two times four hexadecimal digits.
static bool is_device_id(const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	return strlen(text) == 9 && strspn(text, digits) == 4 && text[4] == ':' && strspn(text + 5, digits) == 4;
}

static bool is_known_key(const char *key)
{
	static const char *const known[] = { "node", "id", "path", "subsystem-id", "iommugroup", "description" };
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(key, known[i]))
			return true;
	return false;
}

static bool is_entry(const struct pve_properties *entry)
{
	const char *node = pve_property(entry, "node"), *id = pve_property(entry, "id"),
		   *path = pve_property(entry, "path"), *subsystem = pve_property(entry, "subsystem-id"),
		   *group = pve_property(entry, "iommugroup");
	for (size_t i = 0; i < entry->count; i++)
		if (!is_known_key(entry->items[i].key))
			return false;
	return node && pve_is_node(node) && id && is_device_id(id) && path && pve_is_address_list(path, true) &&
		(!subsystem || is_device_id(subsystem)) && (!group || pve_is_integer(group));
}

static void take_text(const struct pve_properties *entry, const char *key, char *ret, size_t size)
{
	const char *value = pve_property(entry, key);
	snprintf(ret, size, "%s", value ? value : "");
}

static void take_map(struct parser *parser, const char *value, unsigned line)
{
	CLEANUP_FREE char *text = strdup(value);
	struct pve_properties entry;
	if (!text) {
		parser->error = -ENOMEM;
		return;
	}
	struct mapping *mapping = parser->mapping;
	bool parsed = pve_parse_properties(&entry, text, NULL) == 0;
	const char *node = parsed ? pve_property(&entry, "node") : NULL;
	if (!parsed || !is_entry(&entry)) {
		if (!node || streq(node, parser->node))
			mapping->unread_line = line;
		return;
	}
	if (!streq(node, parser->node))
		return;
	const char *path = pve_property(&entry, "path");
	if (mapping->count >= MAPPING_ENTRIES_MAX || strlen(path) >= MAPPING_PATH_SIZE) {
		mapping->more = true;
		return;
	}
	struct mapping_device *device = &mapping->devices[mapping->count];
	device->line = line;
	take_text(&entry, "id", device->id, sizeof(device->id));
	take_text(&entry, "subsystem-id", device->subsystem, sizeof(device->subsystem));
	take_text(&entry, "iommugroup", device->group, sizeof(device->group));
	strcpy(mapping->paths[mapping->count++], path);
}

static void take_key(void *data, const char *key, const char *value, unsigned line)
{
	struct parser *parser = data;
	if (streq(key, "map")) {
		take_map(parser, value, line);
	} else if (streq(key, "mdev") && !parser->seen_mdev) {
		// Other than in a property string, no words are taken for booleans here.
		parser->seen_mdev = !*value || streq(value, "0") || streq(value, "1");
		parser->mapping->mdev = parser->seen_mdev && !streq(value, "0");
	}
}

int mapping_parse(struct mapping_list *list, const char *text, const char *node)
{
	static const struct pve_reader reader = { .header = take_header, .key = take_key };
	struct parser parser = { .list = list, .node = node };
	list->count = 0;
	list->state = MAPPINGS_READ;
	int r = pve_read_sections(text, &reader, &parser);
	return r < 0 ? r : parser.error;
}

enum mapping_lack mapping_lacks(const struct mapping_list *list, const char *id, unsigned *ret_line)
{
	const struct mapping *mapping = mapping_find(list, id);
	*ret_line = mapping ? mapping->unread_line : 0;
	if (list->state != MAPPINGS_READ)
		return list->state == MAPPINGS_ABSENT ? MAPPING_NO_FILE : MAPPING_UNUSED;
	if (!mapping)
		return MAPPING_UNKNOWN;
	if (mapping->count > 0)
		return MAPPING_IS_THERE;
	return *ret_line ? MAPPING_UNREAD : MAPPING_NO_ENTRY;
}

const struct mapping *mapping_find(const struct mapping_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].id, id))
			return &list->items[i];
	return NULL;
}
