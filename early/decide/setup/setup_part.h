// SPDX-License-Identifier: GPL-2.0-or-later
// What "setup" does to the files of one kind: what it is to write, and what its record says it has written. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "decide/setup/words_edit.h"

#define CHANGES_MAX 16

enum setup_kind { SETUP_GRUB, SETUP_LINE, SETUP_MODULES, SETUP_KINDS };

#define SETUP_WORD_SIZE 200
#define SETUP_WORDS_MAX 8

// A program of this host and its arguments.
struct setup_command {
	char words[SETUP_WORDS_MAX][SETUP_WORD_SIZE];
	size_t count;
};

struct setup_part {
	enum setup_kind kind;
	struct word_change changes[CHANGES_MAX];
	size_t change_count;
	struct text_edit *edits;
	size_t edit_count;
};

void setup_part_free(struct setup_part *part);
// Adds an edit. Returns a negative errno only when out of memory.
MUST_CHECK int setup_part_add(struct setup_part *part, const char *path, const char *before, const char *after);

// What takes a part out again. task has the files as they are, and no changes; what is undone of them comes into
// ret_changes, of CHANGES_MAX. edit->count is 0 without a trouble where nothing of it is left. Returns a negative errno
// only when out of memory.
MUST_CHECK int setup_undo(struct words_edit *edit, struct word_change *ret_changes, size_t *ret_count,
			  const struct setup_part *part, const struct words_task *task);

// Adds what makes texts of others, of the same files in the same order. Returns a negative errno only when out of
// memory.
MUST_CHECK int settings_texts_compare(struct words_edit *edit, const struct settings_texts *before,
				      const struct settings_texts *after);
