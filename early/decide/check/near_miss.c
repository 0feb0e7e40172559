// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/near_miss.h"

#include <ctype.h>
#include <stdio.h>

#include "base/printed_quote.h"
#include "base/spelling.h"

// Whether a value was meant to be the wanted one.
static bool is_meant(const char *value, const char *wanted)
{
	if (streq(wanted, "1"))
		return kernel_bool(value) == 1;
	return value && strncasecmp(value, wanted, strlen(wanted)) == 0;
}

static void put_word(char *ret, size_t size, const struct cmdline_word *word)
{
	snprintf(ret, size, "%s%s%s", word->name, word->value ? "=" : "", word->value ? word->value : "");
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static bool is_inside(const struct cmdline_word *word, const char *name, const char *value)
{
	char text[2048], wanted[96];
	put_word(text, sizeof(text), word);
	snprintf(wanted, sizeof(wanted), "%s=%s", name, value);
	for (const char *at = strstr(text, wanted); at; at = strstr(at + 1, wanted))
		if ((at == text || !is_name_char(at[-1])) && !is_name_char(at[strlen(wanted)]))
			return true;
	return false;
}

// Of a word with the right name.
static enum near_miss_kind judge_value(const struct cmdline_word *word, const char *value)
{
	if (word->for_init)
		return is_meant(word->value, value) ? MISS_FOR_INIT : MISS_NONE;
	if (streq(value, "1"))
		return kernel_bool(word->value) == -1 ? MISS_VALUE : MISS_NONE;
	if (!word->value || !*word->value)
		return MISS_NO_VALUE;
	bool right = strncmp(word->value, value, strlen(value)) == 0;
	return !right && is_meant(word->value, value) ? MISS_CAPITALS : MISS_NONE;
}

static enum near_miss_kind judge_word(const struct cmdline_word *word, const char *name, const char *value)
{
	const char *parameter = strchr(name, '.'), *given = strrchr(word->name, '.');
	if (names_equal(word->name, name))
		return judge_value(word, value);
	if (is_meant(word->value, value) && !word->for_init) {
		if (spelling_is_same(word->name, name))
			return MISS_CAPITALS;
		if (spelling_is_typo(word->name, name))
			return MISS_TYPO;
		if (parameter && !given &&
		    (spelling_is_same(word->name, parameter + 1) || spelling_is_typo(word->name, parameter + 1)))
			return MISS_PREFIX;
	}
	if (is_inside(word, name, value))
		return printed_quote_in(word->name, strlen(word->name)) ||
				(word->value && printed_quote_in(word->value, strlen(word->value)))
			? MISS_QUOTES
			: MISS_INSIDE;
	bool other = parameter && given && spelling_is_same(given, parameter) && is_meant(word->value, value);
	return other && !word->for_init ? MISS_OTHER : MISS_NONE;
}

static bool is_word(const struct cmdline *words, size_t at, const char *text)
{
	char word[NEAR_MISS_RIGHT_SIZE];
	if (at >= words->count)
		return false;
	put_word(word, sizeof(word), &words->words[at]);
	return streq(word, text);
}

// "NAME = VALUE", "NAME VALUE", "NAME= VALUE" and "NAME =VALUE": one word was meant.
static bool find_blanks(struct near_miss *ret, const struct cmdline *words, size_t at, const char *value)
{
	char second[96];
	bool sign = words->words[at].value != NULL;
	snprintf(second, sizeof(second), "=%s", value);
	if (is_word(words, at + 1, value))
		snprintf(ret->word, sizeof(ret->word), "%s%s %s", words->words[at].name, sign ? "=" : "", value);
	else if (!sign && is_word(words, at + 1, second))
		snprintf(ret->word, sizeof(ret->word), "%s %s", words->words[at].name, second);
	else if (!sign && is_word(words, at + 1, "=") && is_word(words, at + 2, value))
		snprintf(ret->word, sizeof(ret->word), "%s = %s", words->words[at].name, value);
	else
		return false;
	ret->kind = MISS_BLANKS;
	return true;
}

bool near_miss_find(struct near_miss *ret, const struct cmdline *words, const char *name, const char *value)
{
	for (size_t i = 0; i < words->count; i++) {
		ret->kind = judge_word(&words->words[i], name, value);
		if (ret->kind == MISS_NONE)
			continue;
		if (ret->kind != MISS_NO_VALUE || !find_blanks(ret, words, i, value))
			put_word(ret->word, sizeof(ret->word), &words->words[i]);
		return true;
	}
	return false;
}

bool near_miss_find_value(struct near_miss *ret, const struct cmdline *words, const char *value, char *ret_right,
			  size_t size)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *name = words->words[i].name, *given = words->words[i].value;
		if ((given && *given) || (!strchr(name, '.') && !given && !is_word(words, i + 1, "=")) ||
		    !find_blanks(ret, words, i, value))
			continue;
		snprintf(ret_right, size, "%.100s=%s", name, value);
		return true;
	}
	return false;
}

static const char separators[] = ",;|&+";

// Whether a new word is meant to begin behind a separator: the piece before it was none with a value, or this is
// NAME=VALUE itself.
static bool begins_word(const char *before, size_t length, const char *piece)
{
	size_t name = 0;
	while (is_name_char(piece[name]))
		name++;
	return !memchr(before, '=', length) || (name > 0 && piece[name] == '=');
}

static bool split(const char *word, const char *wanted, char *ret, size_t size)
{
	size_t used = 0, begin = 0;
	for (const char *c = word; *c && used + 1 < size; c++) {
		bool gap = strchr(separators, *c) && begins_word(ret + begin, used - begin, c + 1);
		if (gap)
			begin = used + 1;
		ret[used++] = gap ? ' ' : *c;
	}
	ret[used] = '\0';
	struct cmdline words;
	if (cmdline_parse(&words, ret) < 0)
		return false;
	bool found = false;
	for (size_t i = 0; i < words.count; i++)
		found |= is_word(&words, i, wanted);
	cmdline_free(&words);
	return found;
}

// The kernel drops the quotes, and only they keep a blank within a word.
bool near_miss_is_quoted(const struct near_miss *miss)
{
	return miss->kind == MISS_INSIDE && strchr(miss->word, ' ');
}

bool near_miss_right(const struct near_miss *miss, const char *wanted, char *ret, size_t size)
{
	if (strlen(miss->word) + 1 >= sizeof(miss->word))
		return false; // cut
	if (miss->kind == MISS_QUOTES) {
		char word[NEAR_MISS_RIGHT_SIZE];
		printed_quote_replace(miss->word, strlen(miss->word), '\0', word, sizeof(word));
		return split(word, wanted, ret, size);
	}
	if (miss->kind == MISS_INSIDE)
		return split(miss->word, wanted, ret, size);
	snprintf(ret, size, "%s", wanted);
	return true;
}
