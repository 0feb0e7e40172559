// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of a plan for a person: a head for each instance or virtual function, and what is told below it.
#pragma once

#include "base/terminal.h"
#include "tell/finding_text.h"

#define PLAN_HEAD (FINDING_WHAT + FINDING_TEXT) // columns of a finding's head

// The column of what stands below a head.
size_t plan_indent(const struct terminal *terminal);

// The number, 0 for none, what is done, and what it is done to.
void plan_print_head(const struct terminal *terminal, size_t number, enum colour colour, const char *step,
		     const char *name);

// A sentence, wrapped.
void plan_print_line(const struct terminal *terminal, size_t indent, const char *format, ...) PRINTF(3, 4);

// What is to be copied as it is: unbroken, as far to the left as that takes.
void plan_print_whole(const struct terminal *terminal, size_t indent, const char *line);
