// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/guest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define BLANKS " \t\r\f\v"

// The main section, or the pending changes.
struct side {
	bool onboot, template, vmstate, q35;
	bool given_template, given_machine;
	char lock[GUEST_LOCK_SIZE];
	uint64_t order;
	enum hookscript hookscript;
	struct hostpci hostpci[GUEST_SLOTS];
	struct guest_fault faults[GUEST_SLOTS];
	char *deleted; // the value of "delete", or NULL
};

struct parser {
	struct side main, pending;
	struct side *side; // where the lines go, NULL while they are of no interest
	unsigned line;
	const struct pve_versions *versions;
	struct guest_stray strays[GUEST_STRAYS_MAX];
	size_t stray_count;
};

static void begin_side(struct side *side)
{
	free(side->deleted);
	*side = (struct side){ .order = GUEST_ORDER_MAX };
}

// PVE::JSONSchema, pve_parse_startup_order: [order=]N, up=N and down=N.
static void take_startup(struct side *side, char *value)
{
	uint64_t order = GUEST_ORDER_MAX;
	char *rest = NULL;
	if (streq(value, "0"))
		return; // what Perl takes for false is no order at all; "order=0" is one
	for (char *part = strtok_r(value, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
		if (!part[strspn(part, BLANKS)])
			continue;
		const char *equals = strchr(part, '=');
		const char *digits = equals ? equals + 1 : part;
		if (!*digits || digits[strspn(digits, "0123456789")])
			return; // Proxmox VE does not read the line then
		if (!equals || starts_with(part, "order="))
			order = strtoull(digits, NULL, 10);
		else if (!starts_with(part, "up=") && !starts_with(part, "down="))
			return;
	}
	side->order = order;
}

static int take_hostpci(const struct parser *parser, unsigned index, const char *value)
{
	struct side *side = parser->side;
	struct hostpci hostpci;
	struct guest_fault fault = { .line = parser->line, .mdev = strcasestr(value, "mdev") };
	int r = hostpci_parse(&hostpci, value, parser->line, parser->versions, fault.why);
	if (r == 0)
		side->hostpci[index] = hostpci;
	else if (r == -EINVAL)
		side->faults[index] = fault;
	return r == -EINVAL ? 0 : r;
}

// PVE::QemuServer::Machine, machine_type_is_q35. A value that Proxmox VE cannot read changes nothing.
static int take_machine(struct side *side, const char *value)
{
	CLEANUP_FREE char *text = strdup(value);
	struct pve_properties list;
	if (!text)
		return -ENOMEM;
	if (pve_parse_properties(&list, text, "type") < 0)
		return 0;
	const char *type = pve_property(&list, "type");
	side->q35 = type && (streq(type, "q35") || (starts_with(type, "pc-q35-") && isdigit((unsigned char)type[7])));
	side->given_machine = true;
	return 0;
}

// Quotes around it do not count (check_type).
static void take_lock(struct side *side, const char *value)
{
	size_t length = strlen(value);
	bool quoted = length >= 2 && value[0] == '"' && value[length - 1] == '"';
	snprintf(side->lock, sizeof(side->lock), "%.*s", (int)(length - 2 * (size_t)quoted), value + quoted);
}

// A key as Proxmox VE writes it: no zero before another digit. (It would take hostpci00 for unknown.)
static bool is_hostpci(const char *key, unsigned *ret_index)
{
	if (!starts_with(key, "hostpci"))
		return false;
	key += strlen("hostpci");
	return !(key[0] == '0' && key[1]) && pve_parse_number(key, 0, GUEST_SLOTS - 1, ret_index) == 0;
}

enum guest_key guest_key_counts(const char *key)
{
	static const char *const with_value[] = { "onboot", "template",   "startup", "lock",
						  "delete", "hookscript", "machine" };
	unsigned index;
	for (size_t i = 0; i < ARRAY_SIZE(with_value); i++)
		if (streq(key, with_value[i]))
			return GUEST_KEY_VALUE;
	return is_hostpci(key, &index) ? GUEST_KEY_VALUE : streq(key, "vmstate") ? GUEST_KEY_ALONE : GUEST_KEY_NOT;
}

static int take_key(struct parser *parser, const char *key, char *value)
{
	struct side *side = parser->side;
	unsigned index;
	int flag = pve_parse_boolean(value);
	if (guest_key_counts(key) == GUEST_KEY_NOT)
		return 0;
	if (streq(key, "onboot") && flag >= 0) {
		side->onboot = flag;
	} else if (streq(key, "template") && flag >= 0) {
		side->template = flag;
		side->given_template = true;
	} else if (streq(key, "startup")) {
		take_startup(side, value);
	} else if (streq(key, "hookscript")) {
		const char *slash = strrchr(value, '/'); // STORAGE:snippets/FILE
		side->hookscript = slash && streq(slash + 1, GUEST_HOOKSCRIPT) ? HOOKSCRIPT_OURS : HOOKSCRIPT_OTHER;
	} else if (streq(key, "vmstate")) {
		side->vmstate = true;
	} else if (streq(key, "lock")) {
		take_lock(side, value);
	} else if (streq(key, "machine")) {
		return take_machine(side, value);
	} else if (is_hostpci(key, &index)) {
		return take_hostpci(parser, index, value);
	} else if (streq(key, "delete") && side == &parser->pending) {
		free(side->deleted);
		side->deleted = strdup(value);
		if (!side->deleted)
			return -ENOMEM;
	}
	return 0;
}

// snapstate:\s*(prepare|delete)\s*$, which Proxmox VE looks for first, anywhere in a line.
static bool is_snapstate(const char *line)
{
	static const char *const states[] = { "prepare", "delete" };
	for (const char *at = line; (at = strstr(at, "snapstate:"));) {
		at += strlen("snapstate:");
		const char *value = at + strspn(at, BLANKS);
		for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
			const char *end = value + strlen(states[i]);
			if (starts_with(value, states[i]) && !end[strspn(end, BLANKS)])
				return true;
		}
	}
	return false;
}

// Whether a value has a mediated device, or a virtual function of the integrated GPU (which is always 00:02).
static bool has_vgpu(const char *value)
{
	const char *device = strstr(value, "00:02.");
	return strcasestr(value, "mdev") || (device && device[6] >= '1' && device[6] <= '7');
}

bool guest_is_stray(const char *text, size_t length, struct guest_stray *ret)
{
	static const char name[] = "hostpci";
	char line[HOSTPCI_SHOWN + 32], meant[16] = "hostpci0", key[24];
	unsigned index = 0;
	snprintf(line, sizeof(line), "%.*s", (int)length, text);
	const char *begin = line + strspn(line, BLANKS), *after = begin + strlen(name);
	if (strncasecmp(begin, name, strlen(name)) != 0)
		return false;
	const char *digits = after + strspn(after, BLANKS), *end = digits + strspn(digits, "0123456789");
	if (end == digits)
		digits = end = after;
	const char *colon = end + strspn(end, BLANKS);
	if (!*colon || !strchr(":=", *colon) || !has_vgpu(colon))
		return false;
	snprintf(key, sizeof(key), "%.*s", (int)(end - begin), begin);
	bool has_slot = end > digits &&
		pve_parse_number(digits[0] == '0' && end > digits + 1 ? "x" : key + (digits - begin), 0,
				 GUEST_SLOTS - 1, &index) == 0;
	if (has_slot)
		snprintf(meant, sizeof(meant), "hostpci%u", index);
	if (has_slot && begin == line && digits == after && colon == end && *colon == ':' &&
	    strncmp(begin, name, strlen(name)) == 0)
		return false;
	*ret = (struct guest_stray){ .index = index };
	if (begin > line)
		snprintf(ret->why, sizeof(ret->why), "there is a blank before its key");
	else if (digits > after)
		snprintf(ret->why, sizeof(ret->why), "there is a blank in its key");
	else if (colon > end)
		snprintf(ret->why, sizeof(ret->why), "there is a blank before its colon");
	else if (*colon == '=')
		snprintf(ret->why, sizeof(ret->why), "there is '=' in place of its colon");
	else if (end == digits)
		snprintf(ret->why, sizeof(ret->why), "its key has no number");
	else if (has_slot)
		snprintf(ret->why, sizeof(ret->why), "its key has capital letters");
	else
		snprintf(ret->why, sizeof(ret->why), "there is no key '%s', only hostpci0 to hostpci15", key);
	size_t used = strlen(ret->why);
	colon++;
	snprintf(ret->why + used, sizeof(ret->why) - used, "; it should be '%s: %.60s'", meant,
		 colon + strspn(colon, BLANKS));
	return true;
}

static void take_stray(struct parser *parser, const char *line)
{
	struct guest_stray *stray = &parser->strays[parser->stray_count];
	if (parser->stray_count >= GUEST_STRAYS_MAX || !guest_is_stray(line, strlen(line), stray))
		return;
	stray->line = parser->line;
	parser->stray_count++;
}

// ^([a-z][a-z_\-]*\d*):\s*(.+?)\s*$
static int take_line(struct parser *parser, char *line)
{
	size_t name = 0, length;
	while (islower((unsigned char)line[name]) || (name > 0 && (line[name] == '_' || line[name] == '-')))
		name++;
	length = name + strspn(line + name, "0123456789");
	if (name == 0 || line[length] != ':' || is_snapstate(line))
		return 0;
	line[length] = '\0';
	char *value = line + length + 1;
	value += strspn(value, BLANKS);
	for (size_t end = strlen(value); end > 0 && isspace((unsigned char)value[end - 1]); end--)
		value[end - 1] = '\0';
	return *value ? take_key(parser, line, value) : 0;
}

// A line "[NAME]", blanks behind it allowed; what has another form begins no section.
static bool take_section(struct parser *parser, const char *line)
{
	const char *end = line[0] == '[' ? strchr(line, ']') : NULL;
	if (!end || end[1 + strspn(end + 1, BLANKS)])
		return false;
	if (end - line == 8 && strncasecmp(line, "[PENDING]", 9) == 0) {
		parser->side = &parser->pending;
		begin_side(parser->side); // the last one counts
	} else {
		parser->side = NULL; // a snapshot, or something special
	}
	return true;
}

// AbstractConfig.pm, parse_pending_delete: a list by ',', ';' or blanks; '!' before a name forces.
static bool is_deleted(const char *list, const char *key)
{
	size_t length = strlen(key);
	for (; list && *list; list += strcspn(list, ",;" BLANKS)) {
		list += strspn(list, ",;" BLANKS);
		const char *name = list + (*list == '!');
		if (strcspn(name, ",;" BLANKS) == length && strncmp(name, key, length) == 0)
			return true;
	}
	return false;
}

// What is to be deleted goes first, then comes what is to be set.
static void apply_pending(struct side *side, const struct side *pending)
{
	static const char *const names[GUEST_SLOTS] = { "hostpci0",  "hostpci1",  "hostpci2",  "hostpci3",
							"hostpci4",  "hostpci5",  "hostpci6",  "hostpci7",
							"hostpci8",  "hostpci9",  "hostpci10", "hostpci11",
							"hostpci12", "hostpci13", "hostpci14", "hostpci15" };
	for (size_t i = 0; i < GUEST_SLOTS; i++) {
		if (is_deleted(pending->deleted, names[i])) {
			side->hostpci[i] = (struct hostpci){ .line = 0 };
			side->faults[i] = (struct guest_fault){ .line = 0 };
		}
		if (pending->hostpci[i].line) {
			side->hostpci[i] = pending->hostpci[i];
			side->faults[i] = (struct guest_fault){ .line = 0 };
		}
		if (pending->faults[i].line)
			side->faults[i] = pending->faults[i];
	}
	if (is_deleted(pending->deleted, "machine"))
		side->q35 = false;
	if (pending->given_machine)
		side->q35 = pending->q35;
	if (is_deleted(pending->deleted, "hookscript"))
		side->hookscript = HOOKSCRIPT_NONE;
	if (pending->hookscript != HOOKSCRIPT_NONE)
		side->hookscript = pending->hookscript;
	if (pending->given_template)
		side->template |= pending->template; // what is a template now is not started at boot
}

// What stands in a start's way. A suspended guest resumes, and startall removes the locks of backups that were cut off.
static bool is_in_the_way(const char *lock)
{
	return lock[0] && !streq(lock, "0") && !streq(lock, "suspended") && !streq(lock, "backup");
}

int guest_parse(struct guest *guest, const char *text, const struct pve_versions *versions)
{
	CLEANUP_FREE struct parser *parser = calloc(1, sizeof(*parser));
	if (!parser)
		return -ENOMEM;
	begin_side(&parser->main);
	begin_side(&parser->pending);
	parser->side = &parser->main;
	parser->versions = versions;
	int r = 0;
	for (;;) {
		CLEANUP_FREE char *line = pve_next_line(&text, &r);
		if (!line)
			break;
		parser->line++;
		if (take_section(parser, line) || !parser->side)
			continue;
		take_stray(parser, line);
		r = take_line(parser, line);
		if (r < 0)
			break;
	}
	// A guest that was suspended to disk goes on as it was.
	if (!parser->main.vmstate && !streq(parser->main.lock, "suspended"))
		apply_pending(&parser->main, &parser->pending);
	// Field by field: it is large, and there may be many guests.
	guest->onboot = parser->main.onboot; // looked at before the pending changes are applied, as is the order
	guest->template = parser->main.template;
	guest->order = parser->main.order;
	guest->hookscript = parser->main.hookscript;
	guest->q35 = parser->main.q35;
	guest->lock[0] = '\0';
	if (is_in_the_way(parser->main.lock))
		strcpy(guest->lock, parser->main.lock);
	memcpy(guest->hostpci, parser->main.hostpci, sizeof(guest->hostpci));
	memcpy(guest->faults, parser->main.faults, sizeof(guest->faults));
	memcpy(guest->strays, parser->strays, sizeof(guest->strays));
	guest->stray_count = parser->stray_count;
	free(parser->pending.deleted);
	return r;
}
