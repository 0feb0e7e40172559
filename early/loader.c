// SPDX-License-Identifier: GPL-2.0-or-later
#include "loader.h"

#include <stdio.h>

#include "file.h"

#define LIST_MAX (64 * 1024)

// Whether a line of a list names i915; '#' and ';' begin a comment (modules-load.d(5)).
static bool names_i915(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\n");
		size_t length = strcspn(text, "\n");
		size_t word = strcspn(text, " \t\n");
		if (word == strlen("i915") && strncmp(text, "i915", word) == 0)
			return true;
		text += length;
	}
	return false;
}

static bool listed_in(const struct root *root, const char *dir)
{
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->fs, dir, &names);
	for (int i = 0; i < count; i++) {
		char path[512];
		CLEANUP_FREE char *text = NULL;
		size_t length = strlen(names[i]);
		if (length <= 5 || !streq(names[i] + length - 5, ".conf"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (file_read(root->fs, path, LIST_MAX, &text, &length) == 0 && names_i915(text))
			return true;
	}
	return false;
}

static bool is_listed(const struct root *root, const struct cmdline *cmdline)
{
	static const char *const dirs[] = { "etc/modules-load.d", "run/modules-load.d", "usr/local/lib/modules-load.d",
					    "usr/lib/modules-load.d", "lib/modules-load.d" };
	static const char *const words[] = { "modules_load", "rd.modules_load" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (listed_in(root, dirs[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (cmdline_lists(cmdline, words[i], "i915", true))
			return true;
	return false;
}

const char *loader_of_i915(const struct root *root, const struct cmdline *cmdline, bool udev_runs)
{
	if (file_exists(root->sys, "module/i915") && !file_exists(root->sys, "module/i915/initstate"))
		return LOADER_KERNEL;
	if (is_listed(root, cmdline))
		return LOADER_MODULES_LOAD;
	return udev_runs ? LOADER_UDEV : LOADER_UNKNOWN;
}
