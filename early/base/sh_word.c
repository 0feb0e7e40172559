// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/sh_word.h"

#include <ctype.h>
#include <stdio.h>

#include "base/util.h"

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || strchr("/._-+:,@%=", c);
}

// A backslash before a line break would take it away.
static const char *in_quotes(const char *text, char *ret, size_t size)
{
	size_t used = 0;
	ret[used++] = '\'';
	for (; *text && used + 6 < size; text++) {
		if (*text == '\'') {
			memcpy(ret + used, "'\\'", 3);
			used += 3;
		}
		ret[used++] = *text;
	}
	ret[used++] = '\'';
	ret[used] = '\0';
	return ret;
}

const char *sh_word(const char *text, char *ret, size_t size)
{
	size_t used = 0;
	if (!*text || strpbrk(text, "\n\r"))
		return in_quotes(text, ret, size);
	for (; *text && used + 3 < size; text++) {
		if (!is_plain(*text))
			ret[used++] = '\\';
		ret[used++] = *text;
	}
	ret[used] = '\0';
	return ret;
}

const char *sh_run(const char *command, char *ret, size_t size)
{
	char quote = strchr(command, '\'') ? '"' : '\'';
	snprintf(ret, size, "run %c%s%c", quote, command, quote);
	return ret;
}
