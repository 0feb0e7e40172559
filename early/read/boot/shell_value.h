// SPDX-License-Identifier: GPL-2.0-or-later
// The value of a word of a shell's file, and what is known of its variables: for those who read such files (shell.c).
#pragma once

#include "read/boot/shell.h"

struct shell_word {
	const char *text; // as it stands in the file
	size_t length;
	struct shell_place place;
	const char *variable; // that it is assigned to, and how long its name is; 0 for none
	size_t variable_length;
	bool maybe; // whether it comes to this is not known
};

struct shell_meaning {
	char *text; // the caller's to free; NULL when out of memory
	bool keeps; // the variable's former value is in it
};

// What a word comes to. ${NAME=WORD} in it assigns.
struct shell_meaning shell_meaning(struct shell *shell, const struct shell_word *word);

// Takes value, which is freed with the shell; NULL says that there was no memory for it.
void shell_assign(struct shell *shell, const char *name, size_t length, char *value, struct shell_place place,
		  bool keeps, bool maybe);

// The first one counts.
void shell_set_trouble(struct shell_trouble *trouble, enum shell_trouble_kind kind, struct shell_place place,
		       const char *what, size_t length);
