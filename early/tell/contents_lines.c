// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/contents_lines.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"

static bool is_new(struct contents_lines *lines, const char *name)
{
	for (size_t i = 0; i < lines->count; i++)
		if (streq(lines->printed[i], name))
			return false;
	if (lines->count < LINES_MAX)
		snprintf(lines->printed[lines->count++], MODULE_NAME_SIZE, "%s", name);
	return true;
}

// As it is: i915 and xe ask for the firmware of all GPUs there are.
static bool is_copied(const char *name)
{
	return streq(name, "i915") || streq(name, "kvmgt") || streq(name, "xe");
}

static void print_line(void *data, const char *name, const char *path)
{
	if (!is_new(data, name))
		return;
	if (is_copied(name))
		printf("file %s\n", path);
	else
		printf("module %s\n", name);
}

int contents_print_module(struct contents_lines *lines, const char *name)
{
	return module_closure(lines->modules, name, print_line, lines);
}

bool contents_print_settings(struct contents_lines *lines, const struct settings *settings)
{
	bool good = true;
	for (size_t i = 0; i < settings->module_count; i++) {
		const char *name = settings->modules[i];
		int r = contents_print_module(lines, name);
		if (r == -ENOENT)
			log_line(LOG_WARNING, "kernel %s has no module %s; skipped", lines->release, name);
		else if (r < 0)
			log_line(LOG_WARNING, "kernel %s: the modules that %s needs cannot be read: %s", lines->release,
				 name, strerror(-r));
		good = good && (r >= 0 || r == -ENOENT);
	}
	return good;
}
