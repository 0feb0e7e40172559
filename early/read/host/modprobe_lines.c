// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/modprobe_lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/backup_name.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/spelling.h"
#include "read/host/cmdline.h"
#include "read/host/modules.h"

#define FILE_MAX  (64 * 1024)
#define FILES_MAX 128
#define NAME_SIZE 128

#define CONF ".conf"

struct file {
	char name[NAME_SIZE];
	const char *dir;
	bool used; // by modprobe
};

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name);
	return length > strlen(end) && streq(name + length - strlen(end), end);
}

static bool is_of_interest(const char *name)
{
	return strlen(name) < NAME_SIZE && !is_guard_file(name) && !is_backup_name(name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

// What is not there says nothing; what cannot be read may say anything.
static void note_unread(struct modprobe_lines *lines, const char *path, int error)
{
	if (error == -ENOENT || lines->unread[0])
		return;
	snprintf(lines->unread, sizeof(lines->unread), "/%.100s: %.50s", path, strerror(-error));
	lines->unread_error = -error;
}

// Sorted by name over all directories; of equal names the earlier directory's counts.
static size_t list_files(struct modprobe_lines *lines, const struct root *root, struct file files[FILES_MAX])
{
	static const char *const dirs[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d",
					    "lib/modprobe.d" };
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		CLEANUP_FREE char **names = NULL;
		int n = dir_names(root->fs, dirs[i], &names);
		if (n < 0)
			note_unread(lines, dirs[i], n);
		for (int j = 0; j < n && count < FILES_MAX; j++) {
			bool masked = !is_of_interest(names[j]);
			for (size_t k = 0; k < count; k++)
				masked |= streq(files[k].name, names[j]);
			if (masked)
				continue;
			snprintf(files[count].name, NAME_SIZE, "%s", names[j]);
			files[count].used = ends_with(names[j], CONF);
			files[count++].dir = dirs[i];
		}
	}
	qsort(files, count, sizeof(files[0]), by_name);
	return count;
}

static bool is_ours(const char *command, const char *module)
{
	return (streq(command, "options") || streq(command, "blacklist") || streq(command, "install")) &&
		(names_equal(module, "i915") || names_equal(module, "kvmgt") || names_equal(module, "vfio_pci") ||
		 names_equal(module, "xe"));
}

static bool sets_gvt(const char *value)
{
	return kernel_bool(value) == 1;
}

// Whether a line was meant to be "options i915 enable_gvt=1", by one of its words.
static bool is_meant(const char *line)
{
	char words[512], *rest = words;
	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " \t\r\"", &rest); word; word = strtok_r(NULL, " \t\r\"", &rest)) {
		char *value = strchr(word, '='), *dot = strrchr(word, '.');
		if (value)
			*value++ = '\0';
		const char *name = dot && (!value || dot < value) ? dot + 1 : word;
		if ((spelling_is_same(name, "enable_gvt") || spelling_is_typo(name, "enable_gvt")) &&
		    (value ? sets_gvt(value) : sets_gvt(rest + strspn(rest, " \t="))))
			return true;
	}
	return false;
}

static void note_odd(struct modprobe_lines *lines, const char *line, const char *place, const char *renamed)
{
	struct modprobe_odd *odd = &lines->odd;
	size_t length = strlen(line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	snprintf(odd->place, sizeof(odd->place), "%s", place);
	snprintf(odd->renamed, sizeof(odd->renamed), "%s", renamed);
	snprintf(odd->line, sizeof(odd->line), "%.*s", (int)length, line);
}

struct reading {
	struct modprobe_lines *lines;
	bool used;         // the file, by modprobe
	char renamed[160]; // as of struct modprobe_odd
	int64_t changed;
};

static void take_line(struct reading *reading, const char *line, const char *place)
{
	struct modprobe_lines *lines = reading->lines;
	char command[16] = "", module[32] = "";
	size_t length;
	int n = 0;
	line += strspn(line, " \t");
	if (*line == '#')
		return;
	bool ours = sscanf(line, "%15s %31s %n", command, module, &n) >= 2 && is_ours(command, module);
	const char *value = ours && streq(command, "options") && names_equal(module, "i915")
		? module_option_value(line + n, "enable_gvt", &length)
		: NULL;
	if (is_meant(line) && (!reading->used || !value || kernel_bool(value) < 0))
		note_odd(lines, line, place, reading->used || !value ? "" : reading->renamed);
	if (!ours || !reading->used || lines->count >= MODPROBE_LINES_MAX)
		return;
	struct modprobe_line *item = &lines->items[lines->count++];
	*item = (struct modprobe_line){ .changed = reading->changed };
	snprintf(item->place, sizeof(item->place), "%s", place);
	strcpy(item->command, command);
	strcpy(item->module, module);
	snprintf(item->rest, sizeof(item->rest), "%.255s", line + n);
}

void modprobe_lines_add(struct modprobe_lines *lines, const char *line, const char *place)
{
	struct reading reading = { .lines = lines, .used = true };
	take_line(&reading, line, place);
}

// A backslash at its end joins a line with the next (libkmod: freadline_wrapped).
static const char *join_line(const char *text, char *ret, size_t size, unsigned *number)
{
	size_t used = 0;
	while (*text && *text != '\n') {
		if (text[0] == '\\' && text[1] == '\n') {
			text += 2;
			(*number)++;
			continue;
		}
		if (used + 1 < size)
			ret[used++] = *text;
		text++;
	}
	ret[used] = '\0';
	return text;
}

// How the file would have to be called: "intel.cfg" -> "intel.conf", or if that is taken "intel.cfg.conf".
static void find_name(char *ret, size_t size, const struct root *root, const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	int length = (int)strlen(path);
	snprintf(ret, size, "/%.*s" CONF, dot && dot > slash + 1 ? (int)(dot - path) : length, path);
	if (file_exists(root->fs, ret))
		snprintf(ret, size, "/%.*s" CONF, length, path);
}

static void take_text(struct reading *reading, const char *path, const char *text)
{
	unsigned number = 1;
	for (const char *at = text; *at; number++) {
		char place[160], line[512];
		snprintf(place, sizeof(place), "/%.140s:%u", path, number);
		at = join_line(at, line, sizeof(line), &number);
		at += *at == '\n';
		take_line(reading, line, place);
	}
}

static void read_one(struct modprobe_lines *lines, const struct root *root, const char *path, bool used)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	struct reading reading = { .lines = lines, .used = used };
	int r = file_read(root->fs, path, FILE_MAX, &text, &length);
	if (r < 0 && used)
		note_unread(lines, path, r);
	if (r < 0)
		return;
	if (file_changed(root->fs, path, &reading.changed) < 0)
		reading.changed = 0;
	if (!used)
		find_name(reading.renamed, sizeof(reading.renamed), root, path);
	take_text(&reading, path, text);
}

void modprobe_lines_read(struct modprobe_lines *lines, const struct root *root)
{
	CLEANUP_FREE struct file *files = calloc(FILES_MAX, sizeof(*files));
	*lines = (struct modprobe_lines){ .count = 0 };
	size_t count = files ? list_files(lines, root, files) : 0;
	for (size_t i = 0; i < count; i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", files[i].dir, files[i].name);
		read_one(lines, root, path, files[i].used);
	}
}

static const char *file_name(const struct modprobe_text *text)
{
	const char *slash = strrchr(text->path, '/');
	return slash ? slash + 1 : text->path;
}

// By name; of equal names the admin's first.
static int by_file_name(const void *a, const void *b)
{
	const struct modprobe_text *one = a, *other = b;
	int r = strcmp(file_name(one), file_name(other));
	return r ? r : strcmp(one->path, other->path);
}

void modprobe_lines_take(struct modprobe_lines *lines, struct modprobe_text *texts, size_t count)
{
	struct reading reading = { .lines = lines, .used = true };
	*lines = (struct modprobe_lines){ .count = 0 };
	qsort(texts, count, sizeof(*texts), by_file_name);
	for (size_t i = 0; i < count; i++)
		if (is_of_interest(file_name(&texts[i])) && ends_with(file_name(&texts[i]), CONF) &&
		    (i == 0 || !streq(file_name(&texts[i]), file_name(&texts[i - 1]))))
			take_text(&reading, texts[i].path, texts[i].text);
}

const struct modprobe_line *modprobe_lines_last(const struct modprobe_lines *lines, const char *command,
						const char *module, const char *option)
{
	for (size_t i = lines->count; i-- > 0;) {
		const struct modprobe_line *item = &lines->items[i];
		size_t length;
		if (streq(item->command, command) && names_equal(item->module, module) &&
		    (!option || module_option_value(item->rest, option, &length)))
			return item;
	}
	return NULL;
}

void modprobe_lines_policy(const struct modprobe_lines *lines, const char *module, struct module_policy *policy)
{
	size_t used = 0;
	policy->blacklisted = modprobe_lines_last(lines, "blacklist", module, NULL);
	policy->install_command = modprobe_lines_last(lines, "install", module, NULL);
	policy->options[0] = '\0';
	for (size_t i = 0; i < lines->count && used < sizeof(policy->options); i++)
		if (streq(lines->items[i].command, "options") && names_equal(lines->items[i].module, module))
			used += (size_t)snprintf(policy->options + used, sizeof(policy->options) - used, "%s%s",
						 used ? " " : "", lines->items[i].rest);
}
