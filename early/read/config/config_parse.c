// SPDX-License-Identifier: GPL-2.0-or-later
// One file of the configuration: its sections, keys and values. libinih reads the lines.
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>

#include "read/config/config.h"
#include "read/proxmox/pve.h"

enum section {
	SECTION_NONE,
	SECTION_IGNORED,
	SECTION_SETTINGS,
	SECTION_INSTANCE,
	SECTION_GUEST,
	SECTION_SRIOV,
	SECTION_SNAPSHOT,
	SECTION_CLAIM
};

// Where a type for one instance was given.
struct entry {
	bool given;
	unsigned line;
	char type[TYPE_NAME_SIZE];
};

struct parser {
	struct config *config;
	const char *file;
	bool snapshot;
	int error; // out of memory, noticed in a callback

	const char *text; // what is left to read
	size_t left;
	unsigned line;

	// The section being read; its entries are added when it ends.
	enum section section;
	unsigned section_line;
	bool broken; // a mistake in it was told: nothing is said of what is then missing
	char uuid[UUID_SIZE];
	unsigned vmid;
	struct entry entries[GUEST_SLOTS]; // an instance uses the first
	char parent[PCI_ADDRESS_SIZE];
	char others[PARENTS_MAX - 1][PCI_ADDRESS_SIZE];
	size_t other_count;
	char source[SOURCE_SIZE];
	struct sriov_wish wish;
	// Which keys this section has had.
	bool seen_type, seen_parent, seen_source, seen_deadline, seen_debug, seen_early, seen_modules, seen_guests,
		seen_version, seen_vfs, seen_host, seen_scheduling;
};

static PRINTF(3, 4) void problem(struct parser *parser, unsigned line, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (config_add_problem(parser->config, "", "/%s:%u: %s", parser->file, line, text) < 0)
		parser->error = -ENOMEM;
}

#define PROBLEM(parser, ...) problem((parser), (parser)->line, __VA_ARGS__)

// The program's user sees what was written, shortened.
#define SHOWN "%.60s"

static void add_wanted(struct parser *parser, const char *uuid, const struct entry *entry)
{
	struct wanted item = { 0 };
	const struct wanted *other = NULL;
	strcpy(item.uuid, uuid);
	strcpy(item.type, entry->type);
	strcpy(item.parent, parser->parent);
	memcpy(item.others, parser->others, sizeof(item.others));
	item.other_count = parser->other_count;
	if (parser->source[0])
		strcpy(item.source, parser->source);
	else
		snprintf(item.source, sizeof(item.source), "/%s:%u", parser->file, entry->line);

	switch (wanted_add(&parser->config->wanted, &item, &other)) {
	case -EEXIST:
		problem(parser, entry->line, "instance %s is wanted twice; using the one from %s", uuid, other->source);
		break;
	case -ENOSPC:
		problem(parser, entry->line, "more than %d wanted instances; instance ignored", WANTED_MAX);
		break;
	case -ENOMEM:
		parser->error = -ENOMEM;
		break;
	}
}

static void note_place(const struct parser *parser, unsigned line, char place[static SOURCE_SIZE])
{
	snprintf(place, SOURCE_SIZE, "/%.*s:%u", SOURCE_SIZE - 16, parser->file, line);
}

static void add_wish(struct parser *parser)
{
	struct sriov_wish *wish = &parser->wish;
	const struct sriov_wish *other = NULL;
	const char *device = wish->device[0] ? wish->device : "the GPU";
	if (parser->source[0])
		strcpy(wish->source, parser->source);
	else
		note_place(parser, parser->section_line, wish->source);
	switch (sriov_wish_add(&parser->config->sriov, wish, &other)) {
	case -EEXIST:
		problem(parser, parser->section_line, "%s has two sections [sriov]; using the one from %s", device,
			other->source);
		break;
	case -ENOSPC:
		problem(parser, parser->section_line, "more than %d sections [sriov]; section ignored",
			SRIOV_WISHES_MAX);
		break;
	}
}

static void end_section(struct parser *parser)
{
	bool added = false;
	switch (parser->section) {
	case SECTION_INSTANCE:
		if (parser->entries[0].given) {
			add_wanted(parser, parser->uuid, &parser->entries[0]);
			added = true;
		}
		if (!added && !parser->broken)
			problem(parser, parser->section_line, "instance %s has no type", parser->uuid);
		break;
	case SECTION_GUEST:
		for (unsigned i = 0; i < GUEST_SLOTS; i++)
			if (parser->entries[i].given) {
				char uuid[UUID_SIZE];
				wanted_guest_uuid(parser->vmid, i, uuid);
				add_wanted(parser, uuid, &parser->entries[i]);
				added = true;
			}
		if (!added && !parser->broken)
			problem(parser, parser->section_line, "guest %u has no hostpci line", parser->vmid);
		break;
	case SECTION_SRIOV:
		add_wish(parser);
		break;
	case SECTION_CLAIM:
		whole_gpu_add(&parser->config->claims, parser->parent, parser->source);
		break;
	case SECTION_NONE:
	case SECTION_IGNORED:
	case SECTION_SETTINGS:
	case SECTION_SNAPSHOT:
		break;
	}
	parser->section = SECTION_NONE;
}

int config_parse_deadline(const char *text, unsigned *ret_seconds)
{
	return pve_parse_number(text, DEADLINE_MIN_S, DEADLINE_MAX_S, ret_seconds);
}

// "instance UUID" gives UUID when word is "instance".
static const char *section_argument(const char *name, const char *word)
{
	size_t length = strlen(word);
	if (!starts_with(name, word) || !isblank((unsigned char)name[length]))
		return NULL;
	name += length;
	while (isblank((unsigned char)*name))
		name++;
	return name;
}

// Ends the section before, and ignores what follows up to the next one unless begin_section() knows better.
static void leave_out_section(struct parser *parser)
{
	end_section(parser);
	parser->section = SECTION_IGNORED;
	parser->section_line = parser->line;
	parser->broken = false;
	parser->parent[0] = '\0';
	parser->source[0] = '\0';
	memset(parser->entries, 0, sizeof(parser->entries));
	parser->seen_type = parser->seen_parent = parser->seen_source = parser->seen_deadline = false;
	parser->seen_debug = parser->seen_early = parser->seen_modules = parser->seen_guests = parser->seen_version =
		parser->seen_vfs = parser->seen_host = parser->seen_scheduling = false;
	parser->other_count = 0;
}

static void begin_sriov(struct parser *parser, const char *device)
{
	parser->wish = sriov_wish_default;
	if (*device && wanted_parse_parent(device, parser->wish.device) < 0)
		PROBLEM(parser, "'" SHOWN "' is not a PCI address such as 0000:00:02.0; section ignored", device);
	else
		parser->section = SECTION_SRIOV;
}

static void begin_section(struct parser *parser, const char *name)
{
	leave_out_section(parser);
	const char *argument;
	if (streq(name, "settings")) {
		parser->section = SECTION_SETTINGS;
	} else if (streq(name, "snapshot") && parser->snapshot) {
		parser->section = SECTION_SNAPSHOT;
	} else if (parser->snapshot && (argument = section_argument(name, "claim"))) {
		if (wanted_parse_device(argument, parser->parent) == 0)
			parser->section = SECTION_CLAIM;
		else
			PROBLEM(parser, "'" SHOWN "' is not a PCI address; section ignored", argument);
	} else if ((argument = section_argument(name, "instance"))) {
		if (wanted_parse_uuid(argument, parser->uuid) < 0)
			PROBLEM(parser, "'" SHOWN "' is not a UUID; section ignored", argument);
		else
			parser->section = SECTION_INSTANCE;
	} else if ((argument = section_argument(name, "guest"))) {
		if (pve_parse_number(argument, VMID_MIN, VMID_MAX, &parser->vmid) < 0)
			PROBLEM(parser, "'" SHOWN "' is not a VM ID (%d to %d); section ignored", argument, VMID_MIN,
				VMID_MAX);
		else
			parser->section = SECTION_GUEST;
	} else if (streq(name, "sriov")) {
		begin_sriov(parser, "");
	} else if ((argument = section_argument(name, "sriov"))) {
		begin_sriov(parser, argument);
	} else {
		PROBLEM(parser,
			"unknown section [" SHOWN
			"]; section ignored; known sections: [settings], [instance UUID], [guest VMID], [sriov]",
			name);
	}
}

// A line that cannot be read: if it begins a section, its keys must not fall into the one before.
static void leave_out_line(struct parser *parser, char first)
{
	if (first == '[')
		leave_out_section(parser);
	else
		parser->broken = true;
}

// Gives libinih the next line. Lines that it would cut, join with the one before, or stop at are told here and handed
// on empty; sections are noted here because it does not announce them.
static char *next_line(char *buffer, int size, void *stream)
{
	struct parser *parser = stream;
	if (parser->left == 0 || parser->error < 0)
		return NULL;

	const char *line = parser->text;
	const char *newline = memchr(line, '\n', parser->left);
	size_t length = newline ? (size_t)(newline - line) : parser->left;
	size_t taken = length + (newline ? 1 : 0);
	parser->text += taken;
	parser->left -= taken;
	parser->line++;

	// Also in the middle, where files were joined: a comment behind it is one (redact.c).
	if (length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
		line += 3;
		length -= 3;
	}
	while (length > 0 && isspace((unsigned char)line[0])) {
		line++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;

	buffer[0] = '\0';
	if (length == 0 || line[0] == '#' || line[0] == ';')
		return buffer;
	if (length > CONFIG_LINE_MAX || length + 2 > (size_t)size) {
		leave_out_line(parser, line[0]);
		PROBLEM(parser, "longer than %d characters; line ignored", CONFIG_LINE_MAX);
		return buffer;
	}
	if (memchr(line, '\0', length)) {
		leave_out_line(parser, line[0]);
		PROBLEM(parser, "contains a NUL byte; line ignored");
		return buffer;
	}
	memcpy(buffer, line, length);
	buffer[length] = '\0';
	// libinih's rule: a ';' behind white space begins a comment. What separates key and value stands before it.
	for (char *c = buffer + 1; *c; c++)
		if (*c == ';' && isspace((unsigned char)c[-1])) {
			*c = '\0';
			break;
		}

	if (line[0] == '[') {
		char *end = strchr(buffer, ']');
		const char *rest = end ? end + 1 + strspn(end + 1, " \t") : "";
		if (!end || (*rest && *rest != ';' && *rest != '#') || end - buffer - 1 > CONFIG_SECTION_MAX) {
			leave_out_section(parser);
			PROBLEM(parser, "'" SHOWN "' is not a section name in brackets; section ignored", buffer);
		} else {
			*end = '\0';
			begin_section(parser, buffer + 1);
		}
		buffer[0] = '\0';
	} else if (!strpbrk(buffer, "=:")) {
		PROBLEM(parser, "'" SHOWN "' is neither a section nor KEY = VALUE; line ignored", buffer);
		parser->broken = true;
		buffer[0] = '\0';
	}
	return buffer;
}

// Whether a key comes the first time in its section; says so if not.
static bool first_time(struct parser *parser, bool *seen, const char *key)
{
	if (*seen)
		PROBLEM(parser, "'%s' is given twice in this section; using the first", key);
	bool first = !*seen;
	*seen = true;
	return first;
}

static void take_type(struct parser *parser, struct entry *entry, const char *value)
{
	if (wanted_parse_type(value, entry->type) < 0) {
		PROBLEM(parser, "'" SHOWN "' is not a type such as i915-GVTg_V5_4; instance ignored", value);
		parser->broken = true;
		return;
	}
	entry->given = true;
	entry->line = parser->line;
}

// What a snapshot may have: several devices, a blank between them.
static bool take_parents(struct parser *parser, const char *value)
{
	char text[CONFIG_LINE_MAX + 1], *rest = NULL;
	size_t count = 0;
	snprintf(text, sizeof(text), "%s", value);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest), count++)
		if (count >= PARENTS_MAX ||
		    wanted_parse_device(word, count ? parser->others[count - 1] : parser->parent) < 0)
			return false;
	parser->other_count = count ? count - 1 : 0;
	return count > 0;
}

static void take_parent(struct parser *parser, const char *value)
{
	if (!first_time(parser, &parser->seen_parent, "parent"))
		return;
	if (parser->snapshot ? take_parents(parser, value) : wanted_parse_parent(value, parser->parent) == 0)
		return;
	PROBLEM(parser, "'" SHOWN "' is not a PCI address such as 0000:00:02.0; section ignored", value);
	// An instance on another parent than the one that was meant would be worse than none.
	parser->section = SECTION_IGNORED;
}

static void take_modules(struct parser *parser, const char *value)
{
	struct settings *settings = &parser->config->settings;
	settings->module_count = 0;
	while (*value) {
		value += strspn(value, " \t,");
		size_t length = strcspn(value, " \t,");
		if (length == 0)
			break;
		bool valid = length < MODULE_NAME_SIZE;
		for (size_t i = 0; valid && i < length; i++)
			valid = isalnum((unsigned char)value[i]) || value[i] == '_' || (value[i] == '-' && i > 0);
		if (!valid)
			PROBLEM(parser, "'%.*s' is not a module name; name ignored", (int)(length > 60 ? 60 : length),
				value);
		else if (settings->module_count >= MODULES_MAX)
			PROBLEM(parser, "more than %d modules; '%.*s' ignored", MODULES_MAX, (int)length, value);
		else
			snprintf(settings->modules[settings->module_count++], MODULE_NAME_SIZE, "%.*s", (int)length,
				 value);
		value += length;
	}
}

static void take_guests(struct parser *parser, const char *value)
{
	struct settings *settings = &parser->config->settings;
	static const char *const words[] = { [GUESTS_BOOT] = "boot", [GUESTS_ALL] = "all", [GUESTS_NONE] = "none" };
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(value, words[i])) {
			settings->guests = (enum guests_wanted)i;
			return;
		}

	char text[CONFIG_LINE_MAX + 1], *rest = NULL;
	size_t count = 0;
	unsigned ids[GUEST_IDS_MAX];
	snprintf(text, sizeof(text), "%s", value);
	for (char *word = strtok_r(text, " \t,", &rest); word; word = strtok_r(NULL, " \t,", &rest))
		if (count >= GUEST_IDS_MAX || pve_parse_number(word, VMID_MIN, VMID_MAX, &ids[count++]) < 0) {
			count = 0;
			break;
		}
	if (count == 0) {
		PROBLEM(parser, "'guests' must be 'boot', 'all', 'none' or a list of VM IDs, not '" SHOWN "'", value);
		return;
	}
	settings->guests = GUESTS_LISTED;
	settings->guest_id_count = count;
	memcpy(settings->guest_ids, ids, count * sizeof(ids[0]));
}

static void take_yes_or_no(struct parser *parser, bool *setting, const char *key, const char *value)
{
	if (streq(value, "yes") || streq(value, "no"))
		*setting = streq(value, "yes");
	else
		PROBLEM(parser, "'%s' must be 'yes' or 'no', not '" SHOWN "'", key, value);
}

static void take_setting(struct parser *parser, const char *key, const char *value)
{
	struct settings *settings = &parser->config->settings;
	if (streq(key, "deadline")) {
		if (first_time(parser, &parser->seen_deadline, key) &&
		    config_parse_deadline(value, &settings->deadline_s) < 0)
			PROBLEM(parser, "deadline '" SHOWN "' is not a number from %d to %d; using %u", value,
				DEADLINE_MIN_S, DEADLINE_MAX_S, settings->deadline_s);
	} else if (streq(key, "debug")) {
		if (first_time(parser, &parser->seen_debug, key))
			take_yes_or_no(parser, &settings->debug, key, value);
	} else if (streq(key, "early")) {
		if (first_time(parser, &parser->seen_early, key))
			take_yes_or_no(parser, &settings->early, key, value);
	} else if (streq(key, "modules")) {
		if (first_time(parser, &parser->seen_modules, key)) {
			note_place(parser, parser->line, settings->modules_place);
			take_modules(parser, value);
		}
	} else if (streq(key, "guests")) {
		if (first_time(parser, &parser->seen_guests, key)) {
			note_place(parser, parser->line, settings->guests_place);
			take_guests(parser, value);
		}
	} else if (streq(key, "proxmox") && parser->snapshot) {
		take_yes_or_no(parser, &settings->proxmox, key, value);
	} else if (streq(key, "late") && parser->snapshot) {
		take_yes_or_no(parser, &settings->late, key, value);
	} else {
		PROBLEM(parser,
			"unknown key '" SHOWN "' in [settings]; known keys: deadline, debug, early, guests, modules",
			key);
	}
}

static void take_instance(struct parser *parser, const char *key, const char *value)
{
	if (streq(key, "type")) {
		if (first_time(parser, &parser->seen_type, key))
			take_type(parser, &parser->entries[0], value);
	} else if (streq(key, "parent")) {
		take_parent(parser, value);
	} else if (streq(key, "source") && parser->snapshot) {
		if (first_time(parser, &parser->seen_source, key))
			source_shown(value, parser->source, sizeof(parser->source));
	} else {
		PROBLEM(parser, "unknown key '" SHOWN "' in [instance]; known keys: type, parent", key);
	}
}

static void take_guest(struct parser *parser, const char *key, const char *value)
{
	unsigned index;
	if (streq(key, "parent")) {
		take_parent(parser, value);
	} else if (starts_with(key, "hostpci") &&
		   pve_parse_number(key + strlen("hostpci"), 0, GUEST_SLOTS - 1, &index) == 0) {
		if (parser->entries[index].given)
			PROBLEM(parser, "'hostpci%u' is given twice in this section; using the first", index);
		else
			take_type(parser, &parser->entries[index], value);
	} else {
		PROBLEM(parser, "unknown key '" SHOWN "' in [guest]; known keys: hostpci0 to hostpci%d, parent", key,
			GUEST_SLOTS - 1);
	}
}

static void take_scheduling(struct parser *parser, const char *value)
{
	if (streq(value, "fair") || streq(value, "driver"))
		parser->wish.fair = streq(value, "fair");
	else
		PROBLEM(parser, "'scheduling' must be 'fair' or 'driver', not '" SHOWN "'", value);
}

static void take_sriov(struct parser *parser, const char *key, const char *value)
{
	if (streq(key, "vfs")) {
		if (first_time(parser, &parser->seen_vfs, key) &&
		    pve_parse_number(value, 0, SRIOV_VFS_MAX, &parser->wish.vfs) < 0)
			PROBLEM(parser, "'vfs' must be a number from 0 to %d, not '" SHOWN "'; line ignored",
				SRIOV_VFS_MAX, value);
	} else if (streq(key, "host")) {
		if (first_time(parser, &parser->seen_host, key) &&
		    sriov_wish_parse_numbers(value, &parser->wish.host) < 0)
			PROBLEM(parser,
				"'host' must be a list of VF numbers from 1 to %d, not '" SHOWN "'; line ignored",
				SRIOV_VFS_MAX, value);
	} else if (streq(key, "scheduling")) {
		if (first_time(parser, &parser->seen_scheduling, key))
			take_scheduling(parser, value);
	} else if (streq(key, "source") && parser->snapshot) {
		if (first_time(parser, &parser->seen_source, key))
			source_shown(value, parser->source, sizeof(parser->source));
	} else {
		PROBLEM(parser, "unknown key '" SHOWN "' in [sriov]; known keys: host, scheduling, vfs", key);
	}
}

static int take_key(void *user, const char *section, const char *key, const char *value)
{
	struct parser *parser = user;
	(void)section; // next_line() has noted it
	switch (parser->section) {
	case SECTION_NONE:
		PROBLEM(parser, "'" SHOWN "' appears before any section; line ignored", key);
		break;
	case SECTION_IGNORED:
		break;
	case SECTION_SETTINGS:
		take_setting(parser, key, value);
		break;
	case SECTION_INSTANCE:
		take_instance(parser, key, value);
		break;
	case SECTION_GUEST:
		take_guest(parser, key, value);
		break;
	case SECTION_SRIOV:
		take_sriov(parser, key, value);
		break;
	case SECTION_CLAIM:
		if (streq(key, "source"))
			source_shown(value, parser->source, sizeof(parser->source));
		else
			PROBLEM(parser, "unknown key '" SHOWN "' in [claim]", key);
		break;
	case SECTION_SNAPSHOT:
		if (!streq(key, "version"))
			PROBLEM(parser, "unknown key '" SHOWN "' in [snapshot]", key);
		else if (first_time(parser, &parser->seen_version, key) && !streq(value, "1"))
			PROBLEM(parser, "a snapshot of version " SHOWN ", written by another gvt-early", value);
		break;
	}
	return 1;
}

int config_parse(struct config *config, const char *file, const char *text, size_t length, bool snapshot)
{
	struct parser parser = {
		.config = config,
		.file = file,
		.snapshot = snapshot,
		.text = text,
		.left = length,
	};
	int line = ini_parse_stream(next_line, &parser, take_key, &parser);
	end_section(&parser);
	if (parser.error < 0)
		return parser.error;
	// next_line() hands on nothing that libinih stops at; should it find something all the same, say where.
	if (line > 0)
		problem(&parser, (unsigned)line, "the line cannot be read");
	return line == -2 ? -ENOMEM : parser.error;
}
