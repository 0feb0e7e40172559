// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot_entry.h"

#include <ctype.h>
#include <stdio.h>

#define KERNEL_NAME "vmlinuz-"

void boot_entry_set_kernel(struct boot_entry *entry, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	snprintf(entry->kernel, sizeof(entry->kernel), "%s", path);
	entry->release[0] = '\0';
	if (!starts_with(name, KERNEL_NAME))
		return;
	name += strlen(KERNEL_NAME);
	if (isdigit((unsigned char)name[0]) && strlen(name) < sizeof(entry->release))
		strcpy(entry->release, name);
}

void boot_entry_add_words(struct boot_entry *entry, const char *words)
{
	size_t used = strlen(entry->words);
	snprintf(entry->words + used, sizeof(entry->words) - used, "%s%s", used ? " " : "", words);
}
