// SPDX-License-Identifier: GPL-2.0-or-later
#include "private.h"

#include <ctype.h>
#include <fnmatch.h>

#include "guest.h"
#include "kernel_log.h"

#define ESP_FILES	  "var/tmp/espmounts/*" // entries of systemd-boot, GRUB's menu
#define CONFIG_SPACE_KEPT 0x52 // the header, up to and with GMCH_CTRL: what is behind may hold serial numbers

static void mask(char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (isalnum((unsigned char)data[i]) || (unsigned char)data[i] >= 0x80)
			data[i] = 'x';
}

// Whether a text begins with groups of hexadecimal digits of given lengths, separated; ret gets how long all of it is.
static bool is_groups(const char *data, size_t length, const unsigned char groups[], size_t count, char separator,
		      size_t *ret)
{
	size_t at = 0;
	for (size_t g = 0; g < count; g++) {
		if (g > 0 && (at >= length || data[at++] != separator))
			return false;
		for (unsigned n = 0; n < groups[g]; n++, at++)
			if (at >= length || !isxdigit((unsigned char)data[at]))
				return false;
	}
	*ret = at;
	return at >= length || !isxdigit((unsigned char)data[at]);
}

// Replaces what looks like it, digit by digit. Returns whether there was any.
static bool mask_groups(char *data, size_t length, const unsigned char groups[], size_t count, char separator)
{
	bool found = false;
	for (size_t i = 0; i < length; i++) {
		size_t size;
		if ((i > 0 && (isalnum((unsigned char)data[i - 1]) || data[i - 1] == separator)) ||
		    !is_groups(data + i, length - i, groups, count, separator, &size))
			continue;
		for (size_t n = 0; n < size; n++)
			data[i + n] = data[i + n] == separator ? separator : '0';
		found = true;
		i += size - 1;
	}
	return found;
}

static bool mask_hardware_addresses(char *data, size_t length)
{
	static const unsigned char groups[] = { 2, 2, 2, 2, 2, 2 };
	bool colons = mask_groups(data, length, groups, ARRAY_SIZE(groups), ':');
	return mask_groups(data, length, groups, ARRAY_SIZE(groups), '-') || colons;
}

static bool mask_uuids(char *data, size_t length)
{
	static const unsigned char groups[] = { 8, 4, 4, 4, 12 };
	return mask_groups(data, length, groups, ARRAY_SIZE(groups), '-');
}

// The values of words that name the host or its network.
static void mask_words(char *data, size_t length)
{
	static const char *const names[] = { "ip=",	  "nfsroot=",	       "netconsole=",	     "BOOTIF=",
					     "hostname=", "systemd.hostname=", "systemd.machine_id=" };
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && !isspace((unsigned char)data[i - 1]) && data[i - 1] != '"')
			continue;
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			size_t name = strlen(names[n]), end = i + name;
			if (name > length - i || strncmp(data + i, names[n], name) != 0)
				continue;
			while (end < length && !isspace((unsigned char)data[end]) && data[end] != '"')
				end++;
			mask(data + i + name, end - i - name);
		}
	}
}

// Does something with each line, without its newline. Lines get shorter only.
static size_t each_line(char *data, size_t length, size_t (*reduce)(char *line, size_t length))
{
	size_t from = 0, to = 0;
	while (from < length) {
		const char *newline = memchr(data + from, '\n', length - from);
		size_t size = newline ? (size_t)(newline - data) - from : length - from;
		memmove(data + to, data + from, size);
		to += reduce(data + to, size);
		from += size;
		if (newline) {
			data[to++] = '\n';
			from++;
		}
	}
	return to;
}

static size_t blanks(const char *line, size_t length)
{
	size_t n = 0;
	while (n < length && isspace((unsigned char)line[n]))
		n++;
	return n;
}

// Comments keep their length: a line may be told as too long.
static size_t mask_comment(char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((line[i] == '#' || line[i] == ';') && (i == 0 || isspace((unsigned char)line[i - 1]))) {
			mask(line + i + 1, length - i - 1);
			break;
		}
	return length;
}

// In our own files '#' begins a comment at a line's begin only.
static size_t mask_own_comment(char *line, size_t length)
{
	size_t at = blanks(line, length);
	if (at < length && line[at] == '#')
		return mask_comment(line, length);
	for (size_t i = at; i < length; i++)
		if (line[i] == ';' && (i == at || isspace((unsigned char)line[i - 1]))) {
			mask(line + i, length - i);
			break;
		}
	return length;
}

// Whatever its capitals.
static bool has_text(const char *line, size_t length, const char *text)
{
	size_t size = strlen(text);
	for (size_t i = 0; i + size <= length; i++)
		if (strncasecmp(line + i, text, size) == 0)
			return true;
	return false;
}

// A line of modprobe.d counts when it names a module that counts; one that is continued counts always.
static size_t reduce_modprobe(char *line, size_t length)
{
	static const char *const names[] = { "i915", "kvm", "vfio", "mdev", "xe", "enable_" }; // the last for an option that is misspelled
	size_t at = blanks(line, length);
	if (at < length && line[at] == '#')
		return 0;
	if (length > 0 && line[length - 1] == '\\')
		return mask_comment(line, length);
	for (size_t n = 0; n < ARRAY_SIZE(names); n++)
		if (has_text(line, length, names[n]))
			return mask_comment(line, length);
	return 0;
}

static size_t reduce_guest(char *line, size_t length)
{
	if (length > 0 && line[0] == '[') {
		if (!(length >= 9 && strncasecmp(line, "[PENDING]", 9) == 0))
			mask(line, length); // a snapshot's name
		return length;
	}
	const char *colon = memchr(line, ':', length);
	size_t name = colon ? (size_t)(colon - line) : 0;
	char key[32];
	if (!colon || name >= sizeof(key))
		return 0;
	memcpy(key, line, name);
	key[name] = '\0';
	switch (guest_key_counts(key)) {
	case GUEST_KEY_VALUE:
		return length;
	case GUEST_KEY_ALONE:
		mask(line + name, length - name);
		return length;
	case GUEST_KEY_NOT:
		break;
	}
	return 0;
}

// Files of sections (pve.h): an empty line would end a section, so a key stays, and its value goes.
static size_t reduce_section(char *line, size_t length)
{
	static const char *const keys[] = { "state", "mdev", "map" };
	size_t key = blanks(line, length), end = key;
	if (key < length && line[key] == '#') {
		mask(line + key, length - key);
		return length;
	}
	while (end < length && !isspace((unsigned char)line[end]))
		end++;
	if (key == 0)
		return length;
	for (size_t n = 0; n < ARRAY_SIZE(keys); n++) {
		if (strlen(keys[n]) != end - key || strncmp(line + key, keys[n], end - key) != 0)
			continue;
		char *description = memmem(line, length, "description=", strlen("description="));
		if (description) {
			description += strlen("description=");
			const char *comma = memchr(description, ',', length - (size_t)(description - line));
			mask(description, (size_t)((comma ? comma : line + length) - description));
		}
		return length;
	}
	mask(line + end, length - end);
	return length;
}

// A record of the kernel log, "PRIORITY,NUMBER,TIME,FLAGS;MESSAGE".
static size_t reduce_record(char *line, size_t length)
{
	CLEANUP_FREE char *message = strndup(line, length);
	const char *text = message ? strchr(message, ';') : NULL;
	return text && line[0] != ' ' && kernel_log_matters(text + 1) ? length : 0;
}

static bool matches(const char *path, const char *pattern)
{
	return fnmatch(pattern, path, 0) == 0;
}

size_t private_reduce(const char *path, char *data, size_t length, const char **ret_what)
{
	static const struct {
		const char *pattern;
		size_t (*reduce)(char *line, size_t length);
		const char *what;
	} rules[] = {
		{ "etc/pve/*qemu-server/*.conf", reduce_guest, "all but its vGPUs and its start left out" },
		{ "etc/pve/*.cfg", reduce_section, "comments left out" },
		{ "etc/gvt-early/*", mask_own_comment, "comments left out" },
		{ "*modprobe.d/*", reduce_modprobe, "other modules left out" },
		{ "dev/kmsg", reduce_record, "other messages left out" },
		{ "etc/*", mask_comment, "comments left out" },
	};
	*ret_what = "";
	if (matches(path, "sys/*/config")) {
		*ret_what = length > CONFIG_SPACE_KEPT ? "its begin only" : "";
		return length > CONFIG_SPACE_KEPT ? CONFIG_SPACE_KEPT : length;
	}
	if (memchr(data, '\0', length) && matches(path, "etc/pve/*")) {
		*ret_what = "all but a NUL byte left out"; // for which the file is not used
		data[0] = '\0';
		return 1;
	}
	if (memchr(data, '\0', length) && !matches(path, "etc/*"))
		return length; // no text: an index of modules, say
	if (mask_hardware_addresses(data, length))
		*ret_what = "addresses left out";
	if (matches(path, "proc/cmdline") || matches(path, "etc/default/*") || matches(path, "etc/kernel/cmdline") ||
	    matches(path, "boot/grub/*") || matches(path, ESP_FILES) || matches(path, "*/loader/entries/*")) {
		mask_words(data, length);
		*ret_what = mask_uuids(data, length) ? "UUIDs and addresses left out" : *ret_what;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (matches(path, rules[i].pattern)) {
			*ret_what = rules[i].what;
			return each_line(data, length, rules[i].reduce);
		}
	return length;
}
