// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/raw_words.h"

#include <errno.h>
#include <stdio.h>

// How many bytes at a place part two words: 0 for none.
static size_t gap_at(const char *text, struct raw_part part, size_t at)
{
	if (at >= part.end)
		return 0;
	if (strchr(" \t\r\n", text[at]))
		return 1;
	return part.shell && text[at] == '\\' && at + 1 < part.end && text[at + 1] == '\n' ? 2 : 0;
}

static size_t skip_gap(const char *text, struct raw_part part, size_t at)
{
	for (size_t n; (n = gap_at(text, part, at)) > 0;)
		at += n;
	return at;
}

static bool is_quote(struct raw_part part, char c)
{
	return part.shell && (c == '"' || c == '\'');
}

// Whether a word may begin, or end, at a place.
static bool is_border(const char *text, struct raw_part part, size_t at)
{
	return at == part.begin || at >= part.end || strchr(" \t\r\n", text[at - 1]) || is_quote(part, text[at - 1]);
}

static bool ends_at(const char *text, struct raw_part part, size_t at)
{
	return at >= part.end || gap_at(text, part, at) > 0 || is_quote(part, text[at]);
}

// Whether words stand at a place, and up to where.
static bool stand_at(const char *text, struct raw_part part, const char *words, size_t at, size_t *ret_end)
{
	while (*words) {
		size_t length = strcspn(words, " ");
		if (at + length > part.end || strncmp(text + at, words, length) != 0)
			return false;
		at += length;
		words += length;
		if (!*words)
			break;
		size_t next = skip_gap(text, part, at);
		if (next == at)
			return false;
		at = next;
		words++;
	}
	*ret_end = at;
	return ends_at(text, part, at);
}

size_t raw_find(const char *text, struct raw_part part, const char *words, size_t from, size_t *ret_at)
{
	size_t end = 0;
	for (size_t at = from > part.begin ? from : part.begin; at < part.end; at++)
		if (is_border(text, part, at) && stand_at(text, part, words, at, &end) && end > at) {
			*ret_at = at;
			return end - at;
		}
	return 0;
}

// The text with another one in place of length bytes.
static char *splice(const char *text, size_t at, size_t length, const char *other)
{
	char *more = NULL;
	size_t rest = strlen(text + at + length), inside = strlen(other);
	more = malloc(at + inside + rest + 1);
	if (!more)
		return NULL;
	memcpy(more, text, at);
	memcpy(more + at, other, inside);
	memcpy(more + at + inside, text + at + length, rest + 1);
	return more;
}

static size_t blanks_behind(const char *text, struct raw_part part, size_t at)
{
	size_t n = 0;
	while (at + n < part.end && (text[at + n] == ' ' || text[at + n] == '\t'))
		n++;
	return n;
}

static size_t blanks_before(const char *text, struct raw_part part, size_t at)
{
	size_t n = 0;
	while (at - n > part.begin && (text[at - n - 1] == ' ' || text[at - n - 1] == '\t'))
		n++;
	return n;
}

char *raw_replace(const char *text, struct raw_part part, size_t at, size_t length, const char *words)
{
	if (*words)
		return splice(text, at, length, words);
	size_t behind = blanks_behind(text, part, at + length), before = blanks_before(text, part, at);
	bool is_last = ends_at(text, part, at + length + behind);
	// Of the blanks around it those on one side go.
	if (is_last)
		return splice(text, at - before, before + length, "");
	return splice(text, at, length + behind, "");
}

// Inside of quotes, or of a line without: a blank only where a word stands before.
static int add_inside(const char *text, struct raw_part part, size_t at, const char *words, char **ret)
{
	bool alone = at == part.begin || strchr(" \t\n", text[at - 1]) || is_quote(part, text[at - 1]);
	CLEANUP_FREE char *more = NULL;
	if (asprintf(&more, "%s%s", alone ? "" : " ", words) < 0) {
		more = NULL;
		return -ENOMEM;
	}
	*ret = splice(text, at, 0, more);
	return *ret ? 0 : -ENOMEM;
}

static int add_before_dashes(const char *text, struct raw_part part, const char *words, char **ret)
{
	size_t at;
	CLEANUP_FREE char *more = NULL;
	if (raw_find(text, part, "--", 0, &at) == 0)
		return 0;
	if (asprintf(&more, "%s ", words) < 0) {
		more = NULL;
		return -ENOMEM;
	}
	*ret = splice(text, at, 0, more);
	return *ret ? 0 : -ENOMEM;
}

// Characters that mean the same in quotes and without.
static bool is_simple(const char *text, struct raw_part part)
{
	for (size_t i = part.begin; i < part.end; i++)
		if (strchr(" \t\r\n\"'\\$`*?[]{}~#", text[i]))
			return false;
	return true;
}

static int add_quoted(const char *text, struct raw_part part, const char *words, char **ret)
{
	CLEANUP_FREE char *more = NULL;
	size_t length = part.end - part.begin;
	if (asprintf(&more, "\"%.*s%s%s\"", (int)length, text + part.begin, length > 0 ? " " : "", words) < 0) {
		more = NULL;
		return -ENOMEM;
	}
	*ret = splice(text, part.begin, length, more);
	return *ret ? 0 : -ENOMEM;
}

int raw_add(const char *text, struct raw_part part, enum raw_way way, const char *words, char **ret)
{
	size_t at = part.end;
	char *more = NULL;
	*ret = NULL;
	switch (way) {
	case RAW_BEFORE_DASHES:
		return add_before_dashes(text, part, words, ret);
	case RAW_INSIDE:
		if (part.shell) {
			if (part.end - part.begin < 2 || !is_quote(part, text[part.end - 1]))
				return 0;
			at = part.end - 1;
		} else {
			// Blanks and a carriage return at the line's end stay there.
			while (at > part.begin && strchr(" \t\r", text[at - 1]))
				at--;
		}
		return add_inside(text, part, at, words, ret);
	case RAW_QUOTED:
		return part.shell && is_simple(text, part) ? add_quoted(text, part, words, ret) : 0;
	case RAW_BEHIND:
		if (!part.shell)
			return 0;
		if (asprintf(&more, "\" %s\"", words) < 0)
			return -ENOMEM;
		*ret = splice(text, at, 0, more);
		free(more);
		return *ret ? 0 : -ENOMEM;
	case RAW_WAYS:
		break;
	}
	return 0;
}
