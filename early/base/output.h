// SPDX-License-Identifier: GPL-2.0-or-later
// Standard output and standard error of the whole program: whoever prints, and whatever it has from outside, only plain
// text (plain.h) comes out. No library prints by itself.
#pragma once

#include <stdbool.h>
#include <stdio.h>

// Puts the two streams below before descriptors 1 and 2. To be called once, before anything is printed.
void output_open(void);

// Where standard output and standard error go. Before output_open(), and when memory was out, stdout and stderr, as
// which they cannot be installed: these are constant in musl.
FILE *output_stream(void);
FILE *error_stream(void);

// From now on characters beyond ASCII go out on standard output whatever the locale is: for a format that is defined as
// UTF-8. Not on a terminal.
void output_is_data(void);

// Prints a sequence that is meant for the terminal, such as a colour, as it is.
void output_raw(FILE *stream, const char *text);
