// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/contents_lines.h"

#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/log.h"

bool contents_take_settings(struct contents_lines *lines, const struct settings *settings)
{
	bool good = true;
	for (size_t i = 0; i < settings->module_count; i++) {
		const char *name = settings->modules[i];
		int r = initrd_contents_add_module(&lines->list, lines->modules, name);
		if (r == -ENOENT)
			log_line(LOG_WARNING, "kernel %s has no module %s; skipped", lines->release, name);
		else if (r < 0)
			log_line(LOG_WARNING, "kernel %s: the modules that %s needs cannot be read: %s", lines->release,
				 name, strerror(-r));
		good = good && (r >= 0 || r == -ENOENT);
	}
	return good;
}

void contents_print(const struct contents_lines *lines)
{
	static const char *const words[] = { [CONTENT_FILE] = "file",
					     [CONTENT_MODULE] = "module",
					     [CONTENT_FIRMWARE] = "firmware",
					     [CONTENT_MODPROBE] = "modprobe" };
	for (size_t i = 0; i < lines->list.count; i++) {
		const struct initrd_content *item = &lines->list.items[i];
		fprintf(output_stream(), "%s %s\n", words[item->kind],
			item->kind == CONTENT_FILE ? item->path : item->name);
	}
}
