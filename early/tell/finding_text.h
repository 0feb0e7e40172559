// SPDX-License-Identifier: GPL-2.0-or-later
// Findings for a terminal.
#pragma once

#include "base/terminal.h"
#include "decide/plan.h"

enum colour severity_colour(enum severity severity);

// Prints one finding, wrapped; what, if it is not "", is printed before it in a column of its own.
void finding_print(const struct terminal *terminal, const char *what, const struct finding *finding);

#define FINDING_WHAT 10 // columns of "what", when there is one
#define FINDING_TEXT 9  // columns of the severity

// The one thing to do next, as the last line of an output; "" prints nothing.
void finding_print_next(const struct terminal *terminal, const char *text);

// How many bytes of a text are new beside one that was told before: none when it is the same, and not what follows the
// first
// "; " when both end alike: one cause is told once.
size_t finding_new_part(const char *text, const char *before);

// Always printed if a driver does not answer.
#define HUNG_TEXT "The GPU's driver does not answer: it hangs until the next boot."
