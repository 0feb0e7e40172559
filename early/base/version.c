// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/version.h"

#include <ctype.h>
#include <stdbool.h>

#include "base/util.h"

static int compare(long a, long b)
{
	return (a > b) - (a < b);
}

static const char *skip_invalid(const char *text)
{
	while (*text && !isalnum((unsigned char)*text) && !strchr("~-^.", *text))
		text++;
	return text;
}

static size_t run_length(const char *text, int (*belongs)(int c))
{
	size_t n = 0;
	while (belongs((unsigned char)text[n]))
		n++;
	return n;
}

static int compare_numbers(const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (a_length == 0 || b_length == 0)
		return compare(a_length != 0, b_length != 0); // a number is newer than letters
	for (; a_length > 0 && *a == '0'; a_length--)
		a++;
	for (; b_length > 0 && *b == '0'; b_length--)
		b++;
	return a_length != b_length ? compare((long)a_length, (long)b_length) : strncmp(a, b, a_length);
}

static int compare_letters(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int r = strncmp(a, b, a_length < b_length ? a_length : b_length);
	return r ? r : compare((long)a_length, (long)b_length);
}

// The version with that separator is the older one; both without it, or both with it: then it is passed.
static int take_separator(char separator, const char **a, const char **b)
{
	int r = compare(**a != separator, **b != separator);
	if (r == 0 && **a == separator) {
		++*a;
		++*b;
	}
	return r;
}

int version_compare(const char *a, const char *b)
{
	for (;;) {
		a = skip_invalid(a);
		b = skip_invalid(b);
		int r = take_separator('~', &a, &b);
		if (r)
			return r;
		if (!*a || !*b) // but for '~' more is newer
			return compare(*a != '\0', *b != '\0');
		for (const char *separator = "-^."; *separator; separator++) {
			r = take_separator(*separator, &a, &b);
			if (r)
				return r;
		}
		bool numbers = isdigit((unsigned char)*a) || isdigit((unsigned char)*b);
		size_t a_length = run_length(a, numbers ? isdigit : isalpha),
		       b_length = run_length(b, numbers ? isdigit : isalpha);
		r = numbers ? compare_numbers(a, a_length, b, b_length) : compare_letters(a, a_length, b, b_length);
		if (r)
			return r;
		a += a_length;
		b += b_length;
	}
}
