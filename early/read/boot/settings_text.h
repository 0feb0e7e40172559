// SPDX-License-Identifier: GPL-2.0-or-later
// The files that tell a bootloader its kernel command line, as they are: for who changes them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"

struct settings_text {
	char *path; // below the root, without a leading '/'
	char *text; // NULL where there is no such file
};

struct settings_texts {
	struct settings_text *items;
	size_t count;
	char trouble[192]; // why one of them cannot be used: "/etc/default/grub: Permission denied", or ""
};

// GRUB's, in the order in which grub-mkconfig reads them; /etc/default/grub comes first, there or not.
// Returns a negative errno only when out of memory; settings_texts_free() then too.
MUST_CHECK int settings_texts_read_grub(struct settings_texts *texts, const struct root *root);
// One file, likewise.
MUST_CHECK int settings_texts_read_file(struct settings_texts *texts, const struct root *root, const char *path);
// One more file, unless it is there.
MUST_CHECK int settings_texts_add_file(struct settings_texts *texts, const struct root *root, const char *path);
void settings_texts_free(struct settings_texts *texts);
