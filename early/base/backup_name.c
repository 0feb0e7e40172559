// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/backup_name.h"

#include "base/util.h"

bool is_backup_name(const char *name)
{
	static const char *const ends[] = { "~",         ".bak",     ".old",      ".orig",     ".save",
					    ".disabled", ".off",     ".swp",      ".dpkg-old", ".dpkg-dist",
					    ".dpkg-new", ".ucf-old", ".ucf-dist", ".ucf-new" };
	size_t length = strlen(name);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t end = strlen(ends[i]);
		if (length > end && streq(name + length - end, ends[i]))
			return true;
	}
	return false;
}
