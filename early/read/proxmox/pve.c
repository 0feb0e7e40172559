// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/pve.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "base/file.h"

int pve_parse_boolean(const char *text)
{
	static const char *const words[][2] = { { "0", "1" }, { "off", "on" }, { "no", "yes" }, { "false", "true" } };
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (int value = 0; value <= 1; value++)
			if (strcasecmp(text, words[i][value]) == 0)
				return value;
	return -EINVAL;
}

int pve_parse_number(const char *text, unsigned min, unsigned max, unsigned *ret)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || text[digits])
		return -EINVAL;
	if (digits > 9)
		return -ERANGE;
	unsigned long value = strtoul(text, NULL, 10);
	if (value < min || value > max)
		return -ERANGE;
	*ret = (unsigned)value;
	return 0;
}

bool pve_is_integer(const char *text)
{
	text += *text == '+' || *text == '-';
	return *text && !text[strspn(text, "0123456789")];
}

bool pve_is_id(const char *text)
{
	size_t length = strlen(text);
	if (length < 2 || length >= PVE_ID_SIZE || !isalpha((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	return true;
}

bool pve_is_node(const char *text)
{
	size_t length = strlen(text);
	if (length == 0 || length >= PVE_NODE_SIZE || text[0] == '-' || text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	return true;
}

static size_t hex_digits(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

// Returns the length of the address that text begins with, 0 when there is none.
static size_t address_length(const char *text, bool with_domain)
{
	const char *at = text;
	size_t digits = hex_digits(at);
	if (digits >= 4 && at[digits] == ':') {
		at += digits + 1;
		digits = hex_digits(at);
	} else if (with_domain) {
		return 0;
	}
	if (digits != 2 || at[2] != ':' || hex_digits(at + 3) != 2)
		return 0;
	at += 5;
	if (at[0] == '.' && hex_digits(at + 1) == 1)
		at += 2;
	return (size_t)(at - text);
}

bool pve_is_address_list(const char *text, bool with_domain)
{
	for (;;) {
		size_t length = address_length(text, with_domain);
		if (length == 0)
			return false;
		if (!text[length])
			return true;
		if (text[length] != ';')
			return false;
		text += length + 1;
	}
}

static int add_property(struct pve_properties *list, const char *key, const char *value)
{
	if (pve_property(list, key) || list->count >= PVE_PROPERTIES_MAX)
		return -EINVAL;
	list->items[list->count++] = (struct pve_property){ .key = key, .value = value };
	return 0;
}

int pve_parse_properties(struct pve_properties *list, char *text, const char *default_key)
{
	*list = (struct pve_properties){ .count = 0 };
	char *rest = NULL;
	for (char *part = strtok_r(text, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
		if (!part[strspn(part, " \t\r\f\v")])
			continue;
		char *equals = strchr(part, '=');
		int r = -EINVAL;
		if (equals && equals != part && equals[1]) {
			*equals = '\0';
			r = add_property(list, part, equals + 1);
		} else if (!equals && default_key) {
			r = add_property(list, default_key, part);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

const char *pve_property(const struct pve_properties *list, const char *key)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].key, key))
			return list->items[i].value;
	return NULL;
}

char *pve_next_line(const char **text, int *ret_error)
{
	if (!**text)
		return NULL;
	size_t length = strcspn(*text, "\n");
	char *line = strndup(*text, length);
	*text += length + ((*text)[length] == '\n');
	if (!line)
		*ret_error = -ENOMEM;
	return line;
}

static size_t blanks(const char *text)
{
	return strspn(text, " \t\r\f\v");
}

static void take_key(char *line, unsigned number, const struct pve_reader *reader, void *data)
{
	char *key = line + blanks(line);
	if (key == line || !*key)
		return; // not indented, or nothing in it
	size_t length = strcspn(key, " \t\r\f\v");
	char *value = key + length + blanks(key + length);
	key[length] = '\0';
	for (size_t end = strlen(value); end > 0 && isspace((unsigned char)value[end - 1]); end--)
		value[end - 1] = '\0';
	reader->key(data, key, value, number);
}

int pve_read_sections(const char *text, const struct pve_reader *reader, void *data)
{
	enum pve_header section = PVE_NO_HEADER;
	unsigned number = 0;
	int error = 0;
	for (;;) {
		CLEANUP_FREE char *line = pve_next_line(&text, &error);
		if (!line)
			return error;
		number++;
		if (line[blanks(line)] == '#')
			continue;
		if (!*line || streq(line, "0")) // what Perl takes for false
			section = PVE_NO_HEADER;
		else if (section == PVE_NO_HEADER)
			section = reader->header(data, line);
		else if (section == PVE_SECTION)
			take_key(line, number, reader, data);
	}
}

bool pve_guest_runs(const struct root *root, unsigned vmid)
{
	char text[32], name[32];
	if (file_read_linef(root->run, text, sizeof(text), "qemu-server/%u.pid", vmid) <= 0 ||
	    text[strspn(text, "0123456789")])
		return false;
	// After a crash the number may belong to another process.
	return file_read_linef(root->proc, name, sizeof(name), "%s/comm", text) > 0 &&
		(starts_with(name, "kvm") || starts_with(name, "qemu"));
}
