// SPDX-License-Identifier: GPL-2.0-or-later
// What a person's terminal can show: colours, letters beyond ASCII, and lines of at most 80 columns.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "util.h"

#define TERMINAL_COLUMNS 80 // a serial console's; a wider terminal gains nothing for text

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_WARNING, COLOUR_BAD, COLOUR_FAINT, COLOUR_STRONG };

struct terminal {
	FILE *stream;
	bool colour; // only on a terminal, and not with NO_COLOR set to something (no-color.org) or TERM=dumb
	bool utf8;   // the locale's character set; else plain ASCII
};

// Asks whether standard output and standard error are terminals: a child that prints into a pipe goes by it. Its standard
// output is written line by line then, as a terminal's.
void terminal_remember(void);

// Whether a stream is a terminal, or the one that was remembered.
bool terminal_is(FILE *stream);

// What the environment says of a stream.
void terminal_open(struct terminal *terminal, FILE *stream);

// One of two spellings of the same, by what the terminal shows.
const char *terminal_pick(const struct terminal *terminal, const char *utf8, const char *ascii);

// How many columns a text takes: its characters, since all that is printed are of one column.
size_t terminal_width(const char *text);

// Prints a text in a colour, filled with blanks up to width columns (0: not filled).
void terminal_print(const struct terminal *terminal, enum colour colour, size_t width, const char *text);

// Prints a text that may be longer than a line and ends the line. The cursor stands at column "at"; further lines begin at
// column "indent". Broken at blanks; a word longer than a line is cut where the line ends.
void terminal_wrap(const struct terminal *terminal, size_t at, size_t indent, const char *text);
