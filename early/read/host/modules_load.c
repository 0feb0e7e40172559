// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/modules_load.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/file.h"

#define LIST_MAX (64 * 1024)

// '#' and ';' begin a comment, as the first character alone.
static void take_names(const char *text, const char *file, modules_load_taker take, void *data)
{
	for (unsigned number = 1; *text; number++) {
		struct modules_load_line line = { .file = file, .number = number };
		size_t length = strcspn(text, "\n"), begin = strspn(text, " \t\r"), end = length;
		while (end > begin && strchr(" \t\r", text[end - 1]))
			end--;
		size_t word = strcspn(text + begin, " \t\r\n");
		if (begin < end && word < sizeof(line.name) && text[begin] != '#' && text[begin] != ';') {
			const char *more = text + begin + word;
			more += strspn(more, " \t\r");
			snprintf(line.name, sizeof(line.name), "%.*s", (int)word, text + begin);
			if (more < text + end)
				snprintf(line.more, sizeof(line.more), "%.*s", (int)(text + end - more), more);
			take(data, &line);
		}
		text += length;
		text += *text == '\n';
	}
}

static void read_list(const struct root *root, const char *file, modules_load_taker take, void *data)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(root->fs, file, LIST_MAX, &text, &length) == 0)
		take_names(text, file, take, data);
}

void module_lists_read(const struct root *root, modules_load_taker take, void *data)
{
	static const char *const dirs[] = { "etc/modules-load.d", "run/modules-load.d", "usr/local/lib/modules-load.d",
					    "usr/lib/modules-load.d", "lib/modules-load.d" };
	read_list(root, MODULE_LISTS_FILE, take, data);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		CLEANUP_FREE char **names = NULL;
		char lib[16];
		if (starts_with(dirs[i], "lib/") && file_link_name(root->fs, "lib", lib, sizeof(lib)) == 0)
			continue; // the same as /usr/lib
		int count = dir_names(root->fs, dirs[i], &names);
		for (int j = 0; j < count; j++) {
			char path[512], target[64];
			size_t length = strlen(names[j]);
			snprintf(path, sizeof(path), "%s/%s", dirs[i], names[j]);
			if (length <= 5 || !streq(names[j] + length - 5, ".conf"))
				continue;
			if (file_link_name(root->fs, path, target, sizeof(target)) == 0 && streq(target, "modules"))
				continue; // read already
			read_list(root, path, take, data);
		}
	}
}
