// SPDX-License-Identifier: GPL-2.0-or-later
// What a bootloader's files say, text by text: which of it becomes the kernel command line, and why the rest does not.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define PLACE_SIZE 160
#define SAID_MAX   128

enum said_how {
	SAID_USED,        // it becomes the kernel command line
	SAID_BEHIND_END,  // the bootloader's line ends before it: a line break, ";" or " #"
	SAID_OVERRIDDEN,  // by sets the variable again, without it
	SAID_BLANKS,      // blanks beside '=' make a command of its variable
	SAID_QUOTES,      // its quotes are those of a printed text
	SAID_OUTSIDE,     // it stands in no variable's quotes
	SAID_UNUSED,      // in a variable that is not used for the everyday entry
	SAID_MAYBE,       // in a part of the file that is not followed, such as "if"
	SAID_FILE_UNUSED, // the file is not read: its name does not end in .cfg
};

struct said {
	enum said_how how;
	char *text;
	char place[PLACE_SIZE]; // "/etc/default/grub:6"
	char by[PLACE_SIZE];    // SAID_OVERRIDDEN only
	char variable[64];      // "" for none
	char *meant;            // SAID_BLANKS and SAID_QUOTES: the line as it was meant; else NULL
};

struct said_list {
	struct said items[SAID_MAX];
	size_t count;
};

// Adds a copy of the text; more than SAID_MAX are left out. Returns the new item to be completed, or NULL when out of
// memory or of room.
struct said *said_add(struct said_list *list, enum said_how how, const char *text, size_t length);
void said_free(struct said_list *list);
