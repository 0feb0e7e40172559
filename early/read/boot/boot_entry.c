// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/boot_entry.h"

#include <ctype.h>
#include <stdio.h>

#define KERNEL_NAME "vmlinuz-"

bool boot_entry_set_release(struct boot_entry *entry, const char *release)
{
	size_t length = strlen(release), good = 0;
	while (isalnum((unsigned char)release[good]) || (release[good] && strchr("._+~-", release[good])))
		good++;
	if (!isdigit((unsigned char)release[0]) || good != length || length >= sizeof(entry->release))
		return false;
	strcpy(entry->release, release);
	return true;
}

void boot_entry_set_kernel(struct boot_entry *entry, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	snprintf(entry->kernel, sizeof(entry->kernel), "%s", path);
	entry->release[0] = '\0';
	if (!starts_with(name, KERNEL_NAME))
		return;
	(void)boot_entry_set_release(entry, name + strlen(KERNEL_NAME));
}

void boot_entry_add_words(struct boot_entry *entry, const char *words)
{
	size_t used = strlen(entry->words);
	snprintf(entry->words + used, sizeof(entry->words) - used, "%s%s", used ? " " : "", words);
}
