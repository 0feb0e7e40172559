// SPDX-License-Identifier: GPL-2.0-or-later
// What a person's terminal can show: colours, letters beyond ASCII, and how many columns a line has.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/util.h"

#define TERMINAL_COLUMNS 80  // of what is no terminal, and of one that does not say
#define TERMINAL_LEAST   40  // a narrower one breaks the lines by itself
#define TERMINAL_MOST    160 // longer lines are hard to read
#define TERMINAL_NARROW  60  // below it tables leave columns out, and texts stand below their heads
#define NARROW_INDENT    4   // where they stand then

// COLOUR_OWNER and the six after it tell owners apart.
enum colour {
	COLOUR_NONE,
	COLOUR_GOOD,
	COLOUR_WARNING,
	COLOUR_BAD,
	COLOUR_FAINT,
	COLOUR_STRONG,
	COLOUR_OWNER,
	COLOUR_OWNER_LAST = COLOUR_OWNER + 6,
};

struct terminal {
	FILE *stream;
	bool colour;    // only on a terminal, and not with NO_COLOR set to something (no-color.org) or TERM=dumb
	bool utf8;      // the locale's character set; else plain ASCII
	size_t columns; // of a line: $COLUMNS, or what the terminal says
};

// Looks at standard output and standard error while they are the caller's own: a child that may hang prints into a
// pipe, and goes by what was seen then. On a terminal its standard output is written line by line, as a terminal's.
void terminal_remember(void);

// Whether a stream is a terminal, or the one that was remembered.
bool terminal_is(FILE *stream);

// What the environment says of a stream.
void terminal_open(struct terminal *terminal, FILE *stream);

// Whether lines have fewer columns than TERMINAL_NARROW.
bool terminal_is_narrow(const struct terminal *terminal);

// One of two spellings of the same, by what the terminal shows.
const char *terminal_pick(const struct terminal *terminal, const char *utf8, const char *ascii);

// How many columns a text takes: its characters, since all that is printed are of one column.
size_t terminal_width(const char *text);

// Prints a text in a colour, filled with blanks up to width columns (0: not filled).
void terminal_print(const struct terminal *terminal, enum colour colour, size_t width, const char *text);

// Prints a text that may be longer than a line and ends the line. The cursor stands at column "at"; further lines begin
// at column "indent". Broken at blanks; a word longer than a line is cut where the line ends, if it does not fit on a
// line of its own. A command (pasted.h) is never broken: one that is longer than a line stands on a line of its own,
// and the terminal breaks it without adding anything.
void terminal_wrap(const struct terminal *terminal, size_t at, size_t indent, const char *text);

// The same for a text behind a head that has width columns: on a narrow terminal it begins on the next line, unless all
// of it fits behind the head.
void terminal_wrap_below(const struct terminal *terminal, size_t width, const char *text);
