// SPDX-License-Identifier: GPL-2.0-or-later
#include "modprobe_lines.h"

#include <stdio.h>

#include "cmdline.h"
#include "file.h"
#include "guard.h"
#include "modules.h"

#define FILE_MAX  (64 * 1024)
#define FILES_MAX 128
#define NAME_SIZE 128

struct file {
	char name[NAME_SIZE];
	const char *dir;
};

static bool is_config(const char *name)
{
	size_t length = strlen(name);
	return length > 5 && length < NAME_SIZE && streq(name + length - 5, ".conf") && !streq(name, GUARD_DENY_NAME) &&
	       !streq(name, GUARD_INITRD_NAME);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

// Sorted by name over all directories; of equal names the earlier directory's counts.
static size_t list_files(const struct root *root, struct file files[FILES_MAX])
{
	static const char *const dirs[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "lib/modprobe.d" };
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		CLEANUP_FREE char **names = NULL;
		int n = dir_names(root->fs, dirs[i], &names);
		for (int j = 0; j < n && count < FILES_MAX; j++) {
			bool masked = !is_config(names[j]);
			for (size_t k = 0; k < count; k++)
				masked |= streq(files[k].name, names[j]);
			if (masked)
				continue;
			snprintf(files[count].name, NAME_SIZE, "%s", names[j]);
			files[count++].dir = dirs[i];
		}
	}
	qsort(files, count, sizeof(files[0]), by_name);
	return count;
}

static bool is_ours(const char *command, const char *module)
{
	return (streq(command, "options") || streq(command, "blacklist") || streq(command, "install")) &&
	       (names_equal(module, "i915") || names_equal(module, "kvmgt") || names_equal(module, "vfio_pci"));
}

static void take_line(struct modprobe_lines *lines, const char *text, size_t length, const char *place, int64_t changed)
{
	char line[512], command[16], module[32];
	int n = 0;
	if (length >= sizeof(line) || lines->count >= MODPROBE_LINES_MAX)
		return;
	snprintf(line, sizeof(line), "%.*s", (int)length, text);
	if (sscanf(line, " %15s %31s %n", command, module, &n) < 2 || !is_ours(command, module))
		return;
	struct modprobe_line *item = &lines->items[lines->count++];
	*item = (struct modprobe_line){ .changed = changed };
	snprintf(item->place, sizeof(item->place), "%s", place);
	strcpy(item->command, command);
	strcpy(item->module, module);
	snprintf(item->rest, sizeof(item->rest), "%.255s", line + n);
}

void modprobe_lines_add(struct modprobe_lines *lines, const char *line, const char *place)
{
	take_line(lines, line, strlen(line), place, 0);
}

static void take_text(struct modprobe_lines *lines, const char *path, const char *text, int64_t changed)
{
	unsigned number = 1;
	for (const char *line = text; *line; number++) {
		size_t n = strcspn(line, "\n");
		char place[160];
		snprintf(place, sizeof(place), "/%.140s:%u", path, number);
		take_line(lines, line, n, place, changed);
		line += n;
		line += *line == '\n';
	}
}

static void read_one(struct modprobe_lines *lines, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int64_t changed = 0;
	if (file_read(root->fs, path, FILE_MAX, &text, &length) < 0)
		return;
	if (file_changed(root->fs, path, &changed) < 0)
		changed = 0;
	take_text(lines, path, text, changed);
}

void modprobe_lines_read(struct modprobe_lines *lines, const struct root *root)
{
	CLEANUP_FREE struct file *files = calloc(FILES_MAX, sizeof(*files));
	lines->count = 0;
	size_t count = files ? list_files(root, files) : 0;
	for (size_t i = 0; i < count; i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s", files[i].dir, files[i].name);
		read_one(lines, root, path);
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
	lines->count = 0;
	qsort(texts, count, sizeof(*texts), by_file_name);
	for (size_t i = 0; i < count; i++)
		if (is_config(file_name(&texts[i])) && (i == 0 || !streq(file_name(&texts[i]), file_name(&texts[i - 1]))))
			take_text(lines, texts[i].path, texts[i].text, 0);
}

const struct modprobe_line *modprobe_lines_last(const struct modprobe_lines *lines, const char *command, const char *module,
						const char *option)
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
			used += (size_t)snprintf(policy->options + used, sizeof(policy->options) - used, "%s%s", used ? " " : "",
						 lines->items[i].rest);
}
