// SPDX-License-Identifier: GPL-2.0-or-later
// Quotes as word processors and web pages write them, which neither sh nor the kernel takes for quotes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// How many bytes the quote is with which a text begins (UTF-8: U+2018 to U+201F, U+00AB, U+00BB), 0 when there is none.
size_t printed_quote(const char *text);
// Whether one stands in the first length bytes.
bool printed_quote_in(const char *text, size_t length);
// Writes the text with by in place of each of them, or '\0' to leave them out.
void printed_quote_replace(const char *text, size_t length, char by, char *ret, size_t size);
