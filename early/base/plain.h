// SPDX-License-Identifier: GPL-2.0-or-later
// Text from anywhere made harmless for a terminal, the kernel log and JSON: names of files and drivers, lines of a
// configuration, words of the kernel. Pure.
//
// Control characters become blanks (C0 and DEL) or '?' (C1, and those of Unicode that turn the direction of a text or
// break a line), so does every byte that is no UTF-8, and every character beyond ASCII where a terminal does not show
// UTF-8: in other character sets its bytes may be control characters.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define PLAIN_CHARACTER_MAX 4 // bytes

// Text that comes in pieces, which may cut a character.
struct plain {
	bool utf8; // characters beyond ASCII stay
	char kept[PLAIN_CHARACTER_MAX];
	size_t kept_count;
};

// Takes a piece; ret has room for length + PLAIN_CHARACTER_MAX bytes. Newlines stay. Returns how many bytes come out.
size_t plain_take(struct plain *plain, const char *data, size_t length, char *ret);

// A whole text, newlines included, as one line of at most size - 1 bytes.
void plain_line(const char *text, bool utf8, char *ret, size_t size);

// The bytes of the valid UTF-8 character at the begin of data, controls included; 0 when there is none, -1 when length
// bytes are too few to know.
int plain_character(const char *data, size_t length);

// Whether the locale's character set is UTF-8, as setlocale() finds it; a static binary has no locales of its own to
// load.
bool plain_locale_is_utf8(void);
