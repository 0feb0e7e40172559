// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/first_line.h"

#include <ctype.h>
#include <stdio.h>

#define BOM "\xEF\xBB\xBF"

bool first_line_gives_root(const struct cmdline *words)
{
	const struct cmdline_word *root = cmdline_last(words, "root");
	return root && root->value && *root->value && !root->value[strcspn(root->value, " \t")];
}

enum first_line_state first_line_judge(const struct facts *facts)
{
	const struct bootloader *bootloader = &facts->bootloader;
	const struct said_list *said = &bootloader->systemd_boot_said;
	bool systemd_boot = bootloader->kind == BOOTLOADER_SYSTEMD_BOOT;
	if (!bootloader->systemd_boot_found || !(bootloader->proxmox_boot_tool || systemd_boot) ||
	    !cmdline_last(&facts->host.cmdline, "root") || first_line_gives_root(&bootloader->systemd_boot))
		return FIRST_LINE_FINE;
	// It looks whether the line has the text anywhere.
	if (bootloader->proxmox_boot_tool && (said->count == 0 || !strstr(said->items[0].text, "root=")))
		return FIRST_LINE_REFUSED;
	return systemd_boot ? FIRST_LINE_NO_ROOT : FIRST_LINE_FINE;
}

void first_line_root(const struct facts *facts, char *ret, size_t size)
{
	static const char *const names[] = { "root", "rootflags", "rootfstype", "boot" };
	size_t used = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct cmdline_word *word = cmdline_last(&facts->host.cmdline, names[i]);
		if (word && word->value && used < size)
			used += (size_t)snprintf(ret + used, size - used, "%s%s=%s", used ? " " : "", word->name,
						 word->value);
	}
}

// What a line was meant to be: without a byte order mark, without quotes around all of it, and without the variable of
// GRUB's file that is set to it. A comment is nothing. Returns its length.
static size_t meant(const char *line, const char **ret)
{
	line += starts_with(line, BOM) ? strlen(BOM) : 0;
	line += strspn(line, " \t");
	size_t name = 0;
	while (isupper((unsigned char)line[name]) || line[name] == '_')
		name++;
	if (name > 0 && line[name] == '=' && (line[name + 1] == '"' || line[name + 1] == '\''))
		line += name + 1;
	size_t length = strlen(line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	if (length > 1 && (line[0] == '"' || line[0] == '\'') && line[length - 1] == line[0]) {
		line++;
		length -= 2;
	}
	*ret = line;
	return *line == '#' ? 0 : length;
}

// Adds the words of a text that are not there yet. False when it is full.
static bool add_words(char *line, size_t size, const char *text, size_t length)
{
	for (const char *c = text, *end = text + length; c < end;) {
		size_t blank = strspn(c, " \t\r"), used = strlen(line);
		c += blank;
		size_t n = c < end ? strcspn(c, " \t\r") : 0;
		n = n < (size_t)(end - c) ? n : (size_t)(end - c);
		bool there = n == 0;
		for (const char *at = line; *at && !there; at += strspn(at, " ")) {
			size_t word = strcspn(at, " ");
			there = word == n && strncmp(at, c, n) == 0;
			at += word;
		}
		if (!there && used + n + 2 > size)
			return false;
		if (!there)
			snprintf(line + used, size - used, "%s%.*s", used ? " " : "", (int)n, c);
		c += n;
	}
	return true;
}

static bool line_gives_root(const char *text, size_t length)
{
	CLEANUP_FREE char *line = strndup(text, length);
	struct cmdline words;
	if (!line || cmdline_parse(&words, line) < 0)
		return false;
	bool gives = first_line_gives_root(&words);
	cmdline_free(&words);
	return gives;
}

// The whole line. False where it would not fit, or where quotes make it more than a list of words.
static bool make_line(const struct facts *facts, const char *word, char *ret, size_t size)
{
	const struct said_list *said = &facts->bootloader.systemd_boot_said;
	const char *text = "";
	size_t length = 0;
	char root[FIRST_LINE_SIZE];
	bool found = false, fits = true;
	ret[0] = '\0';
	for (size_t i = 0; i < said->count && !found; i++) {
		length = meant(said->items[i].text, &text);
		found = line_gives_root(text, length);
	}
	first_line_root(facts, root, sizeof(root));
	fits = found ? add_words(ret, size, text, length) : add_words(ret, size, root, strlen(root));
	if (said->count > 0) {
		length = meant(said->items[0].text, &text);
		fits = fits && add_words(ret, size, text, length);
	}
	return fits && add_words(ret, size, word, strlen(word)) && !strpbrk(ret, "'\"");
}

bool first_line_fits(const struct facts *facts, const char *word)
{
	char line[FIRST_LINE_SIZE];
	return make_line(facts, word, line, sizeof(line));
}

void first_line_fix(const struct facts *facts, const char *word, struct finding *finding, enum joint joint)
{
	char line[FIRST_LINE_SIZE];
	bool made = make_line(facts, word, line, sizeof(line));
	finding_open_step(finding, joint, made ? FIX_FIRST_LINE : FIX_BEGIN_LINE);
	if (!made)
		first_line_root(facts, line, sizeof(line));
	finding_value(finding, made ? VALUE_LINE : VALUE_ROOT, made ? "%s" : "%.120s", line);
	finding_close(finding);
}
