// SPDX-License-Identifier: GPL-2.0-or-later
// What GRUB's files say: /etc/default/grub and its drop-ins, read as grub-mkconfig reads them (Debian's: sh -e, then
// /etc/default/grub.d/*.cfg by their names' bytes), and what GRUB itself makes of the words in its menu.
#pragma once

#include "base/root.h"
#include "read/boot/said.h"
#include "read/boot/shell.h"
#include "read/host/cmdline.h"

#define GRUB_FILE    "etc/default/grub"
#define GRUB_DROPINS GRUB_FILE ".d"

#define GRUB_ALWAYS   "GRUB_CMDLINE_LINUX"         // in all entries
#define GRUB_EVERYDAY "GRUB_CMDLINE_LINUX_DEFAULT" // in everyday ones, behind those

struct grub_settings {
	struct shell shell;
	char **files; // what the places in shell point to, with their '/'
	size_t file_count;
	struct said_list said;
	struct cmdline words; // of the everyday entry; of files that fail, what they would be once they are mended
	// Why update-grub refuses the menu that comes of it, and where: "&" in a value. kind is SHELL_FINE when it does
	// not.
	struct shell_trouble menu;
};

// Reads it. Returns a negative errno only when out of memory; grub_settings_free() then too.
MUST_CHECK int grub_settings_read(struct grub_settings *settings, const struct root *root);
void grub_settings_free(struct grub_settings *settings);

// Whether this host has a command that such a file runs, for shell_init(); data is the root.
int grub_has_command(void *data, const char *name);

enum grub_line_end { GRUB_LINE_WHOLE, GRUB_LINE_BREAK, GRUB_LINE_COMMAND, GRUB_LINE_COMMENT, GRUB_LINE_REFUSED };

// What GRUB makes of the arguments of "linux" in a menu, quotes removed; ret has to have room for twice as much as
// text. *ret_used is how much of text that is where it ends early, or where grub-script-check refuses the first
// character. Pure.
enum grub_line_end grub_line(const char *text, char *ret, size_t *ret_used);
