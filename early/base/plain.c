// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/plain.h"

#include <stdint.h>
#include <strings.h>

bool plain_locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);
		if (!value || !*value)
			continue;
		const char *charset = strchr(value, '.');
		return charset && (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
	}
	return false;
}

// Unicode, table 3-7 (well-formed UTF-8): what the first byte allows for the second.
static const struct {
	unsigned char first, last; // of the first byte
	unsigned char least, most; // of the second
	unsigned char length;
} forms[] = {
	{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

int plain_character(const char *data, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)data;
	for (size_t i = 0; length > 0 && i < ARRAY_SIZE(forms); i++) {
		if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
			continue;
		for (size_t n = 1; n < forms[i].length; n++) {
			if (n >= length)
				return -1;
			if (bytes[n] < (n == 1 ? forms[i].least : 0x80) || bytes[n] > (n == 1 ? forms[i].most : 0xbf))
				return 0;
		}
		return forms[i].length;
	}
	return length > 0 ? 0 : -1;
}

static uint32_t code_point(const char *data, int length)
{
	uint32_t code = (unsigned char)data[0] & (0x7f >> length);
	for (int i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)data[i] & 0x3f);
	return code;
}

// Beyond ASCII: C1, the marks and overrides of direction (UAX 9), separators of lines, and the byte order mark.
static bool is_control(uint32_t code)
{
	return code < 0xa0 || code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
		(code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

// Appends what a character, or a byte that is none (length 0), comes out as.
static size_t put(bool utf8, const char *data, int length, char *ret)
{
	unsigned char byte = (unsigned char)*data;
	if (length == 1)
		*ret = (byte < ' ' && byte != '\n') || byte == 0x7f ? ' ' : *data;
	else if (length == 0 || !utf8 || is_control(code_point(data, length)))
		*ret = '?';
	else
		memcpy(ret, data, (size_t)length);
	return length > 1 && *ret != '?' ? (size_t)length : 1;
}

size_t plain_take(struct plain *plain, const char *data, size_t length, char *ret)
{
	size_t used = 0;
	while (length > 0 || plain->kept_count > 0) {
		// A character that was cut goes on.
		while (plain->kept_count < PLAIN_CHARACTER_MAX && length > 0) {
			plain->kept[plain->kept_count++] = *data++;
			length--;
		}
		int n = plain_character(plain->kept, plain->kept_count);
		if (n < 0)
			break;
		used += put(plain->utf8, plain->kept, n, ret + used);
		size_t taken = n > 0 ? (size_t)n : 1;
		plain->kept_count -= taken;
		memmove(plain->kept, plain->kept + taken, plain->kept_count);
	}
	return used;
}

void plain_line(const char *text, bool utf8, char *ret, size_t size)
{
	size_t used = 0, length = strlen(text);
	char one[PLAIN_CHARACTER_MAX];
	while (length > 0) {
		int n = plain_character(text, length);
		size_t put_length = put(utf8, text, n > 0 ? n : 0, one);
		if (used + put_length >= size)
			break;
		memcpy(ret + used, one, put_length);
		if (ret[used] == '\n')
			ret[used] = ' ';
		used += put_length;
		text += n > 0 ? n : 1;
		length -= n > 0 ? (size_t)n : 1;
	}
	ret[used] = '\0';
}
