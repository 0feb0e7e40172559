// SPDX-License-Identifier: GPL-2.0-or-later
// A bar for a terminal: a whole that is divided into parts, or a span of time. Readable without colors: each part
// begins with its label, and a used part is filled with its owner's letter.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/terminal.h"

enum bar_fill { BAR_HOST, BAR_TAKEN, BAR_FREE };

struct bar_part {
	uint64_t amount;
	char label;
	enum bar_fill fill;
	enum colour colour; // of BAR_TAKEN: who has it
};

// Prints the parts beside each other, in width columns for the sum of them. A part that is not 0 gets a column at
// least. Ends no line.
void bar_print(const struct terminal *terminal, const struct bar_part parts[], size_t count, size_t width);

// Prints a span within a longer one, in width columns; a column at least. Blanks behind it are left out.
void bar_print_span(const struct terminal *terminal, enum colour colour, uint64_t begin, uint64_t end, uint64_t whole,
		    size_t width);
