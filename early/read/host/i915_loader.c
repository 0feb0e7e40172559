// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/i915_loader.h"

#include <stdbool.h>

#include "base/file.h"
#include "read/host/modules_load.h"

static void look_for_i915(void *data, const struct modules_load_line *line)
{
	if (streq(line->name, "i915") && !line->more[0])
		*(bool *)data = true;
}

static bool is_listed(const struct root *root, const struct cmdline *cmdline)
{
	static const char *const words[] = { "modules_load", "rd.modules_load" };
	bool listed = false;
	module_lists_read(root, look_for_i915, &listed);
	if (listed)
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
