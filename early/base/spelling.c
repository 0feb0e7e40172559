// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/spelling.h"

#include <ctype.h>

static char plain(char c)
{
	return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

bool spelling_is_same(const char *a, const char *b)
{
	while (*a && plain(*a) == plain(*b))
		a++, b++;
	return !*a && !*b;
}

bool spelling_is_typo(const char *name, const char *wanted)
{
	while (*name && plain(*name) == plain(*wanted))
		name++, wanted++;
	if (!*name && !*wanted)
		return false;
	// One too many, one lacks, one is another, two are exchanged.
	return (*name && spelling_is_same(name + 1, wanted)) || (*wanted && spelling_is_same(name, wanted + 1)) ||
		(*name && *wanted && spelling_is_same(name + 1, wanted + 1)) ||
		(*name && name[1] && *wanted && wanted[1] && plain(name[0]) == plain(wanted[1]) &&
		 plain(name[1]) == plain(wanted[0]) && spelling_is_same(name + 2, wanted + 2));
}
