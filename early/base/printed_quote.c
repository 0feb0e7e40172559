// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/printed_quote.h"

size_t printed_quote(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	if (c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0x98 && c[2] <= 0x9f)
		return 3;
	return c[0] == 0xc2 && (c[1] == 0xab || c[1] == 0xbb) ? 2 : 0;
}

bool printed_quote_in(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (printed_quote(text + i))
			return true;
	return false;
}

void printed_quote_replace(const char *text, size_t length, char by, char *ret, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < length && used + 1 < size;) {
		size_t quote = printed_quote(text + i);
		if (!quote)
			ret[used++] = text[i];
		else if (by)
			ret[used++] = by;
		i += quote ? quote : 1;
	}
	ret[used] = '\0';
}
