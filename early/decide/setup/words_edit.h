// SPDX-License-Identifier: GPL-2.0-or-later
// From the texts of a bootloader's files and the words that the kernel command line is to have, what has to be written:
// with every byte kept that has nothing to do with it, and only if what comes out gives exactly these words. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "decide/setup/word_change.h"
#include "read/boot/settings_text.h"
#include "read/boot/shell.h"

#define WORDS_FILES_MAX 65
#define LINE_MAX_LENGTH 2047 // of a kernel command line on x86 (COMMAND_LINE_SIZE)
#define DROPIN_NAME     "zz-gvt-early.cfg"

struct text_edit {
	char *path;   // below the root, without a leading '/'
	char *before; // NULL: the file is made
	char *after;  // NULL: it is removed
};

enum words_trouble {
	WORDS_FINE,
	WORDS_FAIL,       // the shell, or GRUB, does not take what the files say already: shell
	WORDS_LINES,      // the value, or the file, has more than one line where one counts: shell.place
	WORDS_NO_ROOT,    // the line has no root=
	WORDS_NOT_THERE,  // change->old is nowhere in the files so that it can be changed there
	WORDS_NO_WAY,     // nowhere can words be added so that they count
	WORDS_TOO_LONG,   // for the kernel
	WORDS_UNREADABLE, // a file: text
	WORDS_SHELL,      // sh reads other words: what it does read is in text
	WORDS_DOUBT,      // what the shell makes of the files is not known here: doubt
	WORDS_CHANGED,    // the file in text was changed by somebody else since
};

struct words_edit {
	struct text_edit *items;
	size_t count;
	char *words; // what the kernel command line is then (word_change.h), but for what GRUB's scripts add
	enum words_trouble trouble; // why nothing can be written; count is 0 then
	struct shell_trouble shell;
	const struct word_change *change;
	char text[192];
	struct shell_trouble doubt; // what the shell may make of the files that is not known here, or SHELL_FINE
};

struct words_task {
	const struct settings_texts *texts;
	const struct word_change *changes;
	size_t count;
	const char *running; // for a file that is not there: the words that are taken without it
	bool dropins;        // of GRUB: files in /etc/default/grub.d are read
	shell_has_command has_command;
	void *data;
};

// Both return a negative errno only when out of memory; words_edit_free() then too.
MUST_CHECK int words_edit_grub(struct words_edit *edit, const struct words_task *task);
// /etc/kernel/cmdline, of which the first line counts.
MUST_CHECK int words_edit_line(struct words_edit *edit, const struct words_task *task);
void words_edit_free(struct words_edit *edit);

// The words of GRUB's everyday entry, of the values of its two variables; NULL when out of memory, or when GRUB would
// not take all of it for one line.
char *words_of_grub(const char *always, const char *everyday);
