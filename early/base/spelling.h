// SPDX-License-Identifier: GPL-2.0-or-later
// Names as people write them: capitals do not count, and '-' is '_'.
#pragma once

#include <stdbool.h>

bool spelling_is_same(const char *a, const char *b);

// Whether two names differ by one letter, or by two neighbors that changed places.
bool spelling_is_typo(const char *name, const char *wanted);
