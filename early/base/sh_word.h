// SPDX-License-Identifier: GPL-2.0-or-later
// A path as a word of a shell command that a person pastes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Enough for a path of 160 bytes, most of which are no letters; a longer one is cut.
#define SH_WORD_SIZE 352

// Writes text so that sh reads it back as one word with this content: as it is where it can be, with a backslash before
// each blank, quote and the like, or in single quotes where it has a line break. Returns ret.
const char *sh_word(const char *text, char *ret, size_t size);

// Writes "run 'COMMAND'", in double quotes where the command has a single one. Returns ret.
const char *sh_run(const char *command, char *ret, size_t size);
