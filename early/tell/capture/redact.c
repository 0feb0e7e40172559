// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/capture/redact.h"

#include <ctype.h>
#include <fnmatch.h>

#include "base/printed_quote.h"
#include "read/host/kernel_log.h"
#include "read/proxmox/guest.h"

#define ESP_FILES         "var/tmp/espmounts/*" // entries of systemd-boot, GRUB's menu
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

//
// Words of kernel command lines, and files that hold them: what an answer may depend on stays, everything else is
// masked.
//

// Parts of names of words that stay whole, whatever their case: near misses of what is looked for are told.
static const char *const telling[] = { "gvt", "iommu", "i915", "vfio", "kvm", "mdev", "blacklist", "enable_" };

// Names of words that stay with their values.
static const char *const known_words[] = {
	"BOOT_IMAGE",
	"initrd",
	"root",
	"rootflags",
	"rootfstype",
	"boot",
	"resume",
	"elfcorehdr",
	"lockdown",
	"module.sig_enforce",
	"systemd.unit",
	"rd.systemd.unit",
	"modules_load",
	"modules-load",
	"rd.driver.pre",
	"rd.driver.post",
	"pci",
	"video",
	"console",
	"mitigations",
	"acpi",
	"xe.force_probe",
	"drm.debug",
	"xe.max_vfs",
	"firmware_class.path",
};

// Words without a value that stay.
static const char *const known_flags[] = {
	"quiet",
	"splash",
	"ro",
	"rw",
	"single",
	"rescue",
	"emergency",
	"S",
	"s",
	"1",
	"2",
	"3",
	"4",
	"5",
	"-b",
	"--",
	"nomodeset",
	"noresume",
	"debug",
	"nosplash",
	// of a word that blanks take apart: "intel_iommu = on"
	"=",
	"on",
	"=on",
	"=1",
	// of the shell, in files of assignments
	"export",
	"unset",
	"if",
	"then",
	"elif",
	"else",
	"fi",
	"test",
	"[",
	"]",
	"case",
	"esac",
	"for",
	"in",
	"do",
	"done",
	"while",
	"true",
	"false",
	"saved",
};

static bool is_one_of(const char *word, size_t length, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && memcmp(word, list[i], length) == 0)
			return true;
	return false;
}

static bool has_telling(const char *word, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(telling); i++) {
		size_t size = strlen(telling[i]);
		for (size_t at = 0; at + size <= length; at++)
			if (strncasecmp(word + at, telling[i], size) == 0)
				return true;
	}
	return false;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

// Masks all but references to variables: what they stand for has been masked where they are set.
static void mask_value(char *word, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t from = i;
		if (word[i] == '$') {
			i += 1 + (i + 1 < length && word[i + 1] == '{');
			while (i < length && is_name_char(word[i]))
				i++;
			continue;
		}
		while (i < length && word[i] != '$')
			i++;
		mask(word + from, i - from);
	}
}

// "NAME=" or "NAME+=" of a shell's assignment, as such files have it: in capitals. Returns its length, 0 for anything
// else.
static size_t assignment(const char *word, size_t length)
{
	size_t n = 0;
	while (n < length &&
	       (isupper((unsigned char)word[n]) || word[n] == '_' || (n > 0 && isdigit((unsigned char)word[n]))))
		n++;
	size_t end = n + (n > 0 && n < length && word[n] == '+');
	return n > 0 && end < length && word[end] == '=' ? end + 1 : 0;
}

static void mask_word(char *word, size_t length, bool shell)
{
	size_t skip = shell ? assignment(word, length) : 0;
	bool is_variable = shell && length > 5 && memcmp(word, "GRUB_", 5) == 0;
	word += skip;
	length -= skip;
	const char *equal = memchr(word, '=', length);
	size_t name = equal ? (size_t)(equal - word) : length;
	bool login = memchr(word, '@', length) != NULL;
	if (has_telling(word, name) || (!equal && !skip && is_variable) ||
	    (!login &&
	     (equal && name > 0 ? is_one_of(word, name, known_words, ARRAY_SIZE(known_words))
				: is_one_of(word, length, known_flags, ARRAY_SIZE(known_flags)))))
		return;
	bool plain = equal && name > 0;
	for (size_t i = 0; plain && i < name; i++)
		plain = is_name_char(word[i]) || word[i] == '.' || word[i] == '-';
	size_t kept = plain ? name + 1 : 0;
	mask_value(word + kept, length - kept);
}

// A quote of a printed text, about which is told: how long it is, 0 for none.
static size_t quote_at(const char *data, size_t length, size_t at)
{
	char text[4] = "";
	memcpy(text, data + at, length - at < 3 ? length - at : 3);
	return printed_quote(text);
}

static size_t mask_all_words(char *data, size_t length, bool shell)
{
	for (size_t i = 0; i < length;) {
		size_t from = i;
		while (i < length && !isspace((unsigned char)data[i]) && !strchr("\"';|&", data[i]) &&
		       !quote_at(data, length, i))
			i++;
		mask_word(data + from, i - from, shell);
		i += quote_at(data, length, i) ? quote_at(data, length, i) : i < length;
	}
	return length;
}

static size_t mask_words(char *line, size_t length)
{
	static const char mark[] = "\xEF\xBB\xBF"; // a byte order mark: what stands behind it is the first word
	size_t marked = length >= strlen(mark) && memcmp(line, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
	return marked + mask_all_words(line + marked, length - marked, false);
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
	size_t at = length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	at += blanks(line + at, length - at);
	if (at < length && line[at] == '#') {
		mask(line + at, length - at);
		return length;
	}
	for (size_t i = at; i < length; i++)
		if (line[i] == ';' && (i == at || isspace((unsigned char)line[i - 1]))) {
			mask(line + i, length - i);
			break;
		}
	return length;
}

// A file of shell assignments.
static size_t reduce_settings(char *line, size_t length)
{
	return mask_all_words(line, mask_comment(line, length), true);
}

// Whether a command follows on the same line; the word that ends a condition is none.
static bool has_more_commands(const char *line, size_t length)
{
	const char *semicolon = memchr(line, ';', length);
	if (!semicolon)
		return false;
	size_t left = length - (size_t)(semicolon + 1 - line), at = blanks(semicolon + 1, left);
	if (left - at >= 4 && memcmp(semicolon + 1 + at, "then", 4) == 0)
		at += 4;
	return at + blanks(semicolon + 1 + at, left - at) < left;
}

// GRUB's menu: the lines that a choice of an entry depends on, and of them no more than that.
static size_t reduce_menu(char *line, size_t length)
{
	static const char *const whole[] = { "menuentry", "submenu",     "if",       "elif",   "else",
					     "fi",        "then",        "while",    "until",  "for",
					     "do",        "done",        "function", "{",      "}",
					     "blscfg",    "load_env",    "save_env", "initrd", "initrd16",
					     "initrdefi", "savedefault", "true" };
	static const char *const set[] = { "default", "next_entry", "saved_entry", "prev_saved_entry" };
	size_t at = blanks(line, length), end = at;
	while (end < length && !isspace((unsigned char)line[end]) && line[end] != ';')
		end++;
	bool more = has_more_commands(line, length);
	if (!more && is_one_of(line + at, end - at, whole, ARRAY_SIZE(whole)))
		return length;
	if (!more && end - at == 3 && memcmp(line + at, "set", 3) == 0) {
		size_t name = end + blanks(line + end, length - end), equal = name;
		while (equal < length && line[equal] != '=')
			equal++;
		if (!is_one_of(line + name, equal - name, set, ARRAY_SIZE(set)))
			mask(line + equal, length - equal);
		return length;
	}
	if (!more && end - at >= 5 && memcmp(line + at, "linux", 5) == 0) {
		size_t path = end + blanks(line + end, length - end);
		while (path < length && !isspace((unsigned char)line[path]))
			path++;
		return mask_words(line + path, length - path), length;
	}
	mask_value(line, length);
	return length;
}

// An entry of the Boot Loader Specification, and systemd-boot's own settings.
static size_t reduce_entry(char *line, size_t length)
{
	static const char *const whole[] = { "title",   "version", "linux",    "initrd",      "efi",
					     "default", "timeout", "sort-key", "architecture" };
	size_t at = blanks(line, length), end = at;
	while (end < length && !isspace((unsigned char)line[end]))
		end++;
	if (is_one_of(line + at, end - at, whole, ARRAY_SIZE(whole)))
		return length;
	if (end - at == 7 && memcmp(line + at, "options", 7) == 0)
		return mask_words(line + end, length - end), length;
	mask(line + end, length - end);
	return length;
}

static bool continued; // the line before this one ends with a backslash

// A line of modprobe.d counts when it names a module that counts. One that is continued, or continues another, keeps
// its place.
static size_t reduce_modprobe(char *line, size_t length)
{
	static const char *const commands[] = { "install", "remove" };
	size_t at = blanks(line, length), end = at, module;
	bool goes_on = length > 0 && line[length - 1] == '\\', was = continued;
	continued = goes_on;
	if (!was && at < length && line[at] == '#') {
		if (goes_on)
			mask(line, length);
		return goes_on ? length : 0;
	}
	if (was)
		return mask_words(line, length);
	while (end < length && !isspace((unsigned char)line[end]))
		end++;
	if (goes_on)
		return mask_words(line + end, length - end), length;
	module = end + blanks(line + end, length - end);
	size_t behind = module;
	while (behind < length && !isspace((unsigned char)line[behind]))
		behind++;
	bool command = is_one_of(line + at, end - at, commands, ARRAY_SIZE(commands));
	bool softdep = end - at == 7 && memcmp(line + at, "softdep", 7) == 0;
	bool counts = has_telling(line + module, (softdep ? length : behind) - module) ||
		(behind - module == 2 && memcmp(line + module, "xe", 2) == 0);
	// Another module's, or one that is misspelled.
	if (!counts)
		return has_telling(line, length) ? (mask_words(line + behind, length - behind), length) : 0;
	if (command)
		mask(line + behind, length - behind);
	return mask_comment(line, length);
}

// mdevctl's file of an instance: the attributes are another's to know.
static void mask_attributes(char *data, size_t length)
{
	char *at = memmem(data, length, "\"attrs\"", 7);
	if (!at)
		return;
	at += 7;
	for (bool quoted = false; at < data + length; at++) {
		if (quoted && *at == '\\') {
			at += at + 1 < data + length && at[1] == 'u' ? 5 : 1;
			continue;
		}
		quoted ^= *at == '"';
		if (!quoted && *at == ']')
			return;
		if (quoted)
			mask(at, 1);
	}
}

static size_t reduce_guest(char *line, size_t length)
{
	if (length > 0 && line[0] == '[') {
		if (!(length >= 9 && strncasecmp(line, "[PENDING]", 9) == 0))
			mask(line, length); // a snapshot's name
		return length;
	}
	struct guest_stray stray;
	if (guest_is_stray(line, length, &stray))
		return length;
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

size_t redact_reduce(const char *path, char *data, size_t length, const char **ret_what)
{
	static const struct {
		const char *pattern;
		size_t (*reduce)(char *line, size_t length);
		const char *what;
	} rules[] = {
		{ "etc/pve/*qemu-server/*.conf", reduce_guest, "all but its vGPUs and its start removed" },
		{ "etc/pve/*.cfg", reduce_section, "comments removed" },
		{ "etc/gvt-early/*", mask_own_comment, "comments removed" },
		{ "*modprobe.d/*", reduce_modprobe, "other modules removed" },
		{ "dev/kmsg", reduce_record, "other messages removed" },
		{ "proc/cmdline", mask_words, "other words' values removed" },
		{ "etc/kernel/cmdline", mask_words, "other words' values removed" },
		{ "etc/default/grub*", reduce_settings, "other words and comments removed" },
		{ "boot/grub*/grub.cfg", reduce_menu, "other commands and words' values removed" },
		{ "var/tmp/espmounts/*/grub.cfg", reduce_menu, "other commands and words' values removed" },
		{ "*/loader/entries/*", reduce_entry, "other words' values removed" },
		{ ESP_FILES "/loader/*", reduce_entry, "other words' values removed" },
		{ "boot/loader/*", reduce_entry, "other words' values removed" },
		{ "etc/*", mask_comment, "comments removed" },
	};
	continued = false;
	*ret_what = "";
	if (matches(path, "sys/*/config")) {
		*ret_what = length > CONFIG_SPACE_KEPT ? "its beginning only" : "";
		return length > CONFIG_SPACE_KEPT ? CONFIG_SPACE_KEPT : length;
	}
	if (memchr(data, '\0', length) && matches(path, "etc/pve/*")) {
		*ret_what = "all but a NUL byte removed"; // for which the file is not used
		data[0] = '\0';
		return 1;
	}
	if (memchr(data, '\0', length) && !matches(path, "etc/*"))
		return length; // no text: an index of modules, say
	if (mask_hardware_addresses(data, length))
		*ret_what = "addresses removed";
	if (matches(path, "proc/cmdline") || matches(path, "etc/default/*") || matches(path, "etc/kernel/cmdline") ||
	    matches(path, "boot/grub*/*") || matches(path, "boot/loader/*") || matches(path, ESP_FILES) ||
	    matches(path, "*/loader/entries/*")) {
		*ret_what = mask_uuids(data, length) ? "UUIDs and addresses removed" : *ret_what;
	}
	if (matches(path, "etc/mdevctl.d/*")) {
		mask_attributes(data, length);
		*ret_what = "attributes removed";
		return length;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (matches(path, rules[i].pattern)) {
			*ret_what = rules[i].what;
			return each_line(data, length, rules[i].reduce);
		}
	return length;
}
