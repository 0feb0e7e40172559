// SPDX-License-Identifier: GPL-2.0-or-later
// Words where they stand in a file: found, replaced and added, with every other byte left as it is. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

// A part of a text in which words stand, from begin up to end.
struct raw_part {
	size_t begin, end;
	bool shell; // quotes, and a backslash at a line's end, part words as well
};

// Finds words (word_change.h), with any blanks between them, from a place in the part on. Returns how many bytes they
// have there, 0 when they do not stand there.
size_t raw_find(const char *text, struct raw_part part, const char *words, size_t from, size_t *ret_at);

// The text with other words in place of those, or without them and the blanks before or behind. NULL when out of
// memory.
char *raw_replace(const char *text, struct raw_part part, size_t at, size_t length, const char *words);

// The ways in which words can be added to a part; not each of them is right for each: the result has to be looked at.
enum raw_way {
	RAW_BEFORE_DASHES, // before a word "--"
	RAW_INSIDE,        // behind the last word, before a quote that ends the part
	RAW_QUOTED,        // all of the part in quotes
	RAW_BEHIND,        // behind the part, in quotes of their own
	RAW_WAYS,
};

// The text with words added; *ret is NULL where that way does not fit. Returns a negative errno only when out of
// memory.
MUST_CHECK int raw_add(const char *text, struct raw_part part, enum raw_way way, const char *words, char **ret);
