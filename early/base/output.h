// SPDX-License-Identifier: GPL-2.0-or-later
// Standard output and standard error of the whole program: whoever prints, and whatever it has from outside, only plain
// text (plain.h) comes out. Libraries that print by themselves are included.
#pragma once

#include <stdbool.h>
#include <stdio.h>

// Puts the streams stdout and stderr before descriptors 1 and 2. To be called once, before anything is printed. When
// memory is out they stay as they are.
void output_open(void);

// From now on characters beyond ASCII go out on standard output whatever the locale is: for a format that is defined as
// UTF-8. Not on a terminal.
void output_is_data(void);

// Prints a sequence that is meant for the terminal, such as a colour, as it is.
void output_raw(FILE *stream, const char *text);
