// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/word_change.h"

#include <stdio.h>

#include "read/host/cmdline.h"

#define FOR_INIT "--\n" // the line before the words for init

char *words_of_line(const char *line)
{
	struct cmdline words;
	if (cmdline_parse(&words, line) < 0)
		return NULL;
	// Quotes go, the blank or the end behind each word becomes its newline.
	size_t used = 0, size = strlen(line) + sizeof(FOR_INIT) + 2;
	char *text = malloc(size);
	if (text)
		text[0] = '\0';
	for (size_t i = 0; text && i < words.count; i++) {
		const struct cmdline_word *word = &words.words[i];
		bool first = word->for_init && (i == 0 || !words.words[i - 1].for_init);
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s\n", first ? FOR_INIT : "", word->name,
					 word->value ? "=" : "", word->value ? word->value : "");
	}
	cmdline_free(&words);
	return text;
}

size_t words_kernel_part(const char *words)
{
	if (starts_with(words, FOR_INIT))
		return 0;
	const char *init = strstr(words, "\n" FOR_INIT);
	return init ? (size_t)(init - words) + 1 : strlen(words);
}

// Where whole lines stand in a text, from a line's begin on; NULL when nowhere.
static const char *find_lines(const char *text, const char *lines)
{
	for (const char *at = text; (at = strstr(at, lines)); at++)
		if (at == text || at[-1] == '\n')
			return at;
	return NULL;
}

// Words with a blank between them, as lines.
static void to_lines(const char *words, char ret[static WORD_CHANGE_SIZE + 1])
{
	size_t length = strlen(words);
	for (size_t i = 0; i < length; i++)
		ret[i] = words[i];
	for (size_t i = 0; i < length; i++)
		if (ret[i] == ' ')
			ret[i] = '\n';
	ret[length] = length > 0 ? '\n' : '\0';
	ret[length + (length > 0)] = '\0';
}

size_t words_count(const char *words, const char *word)
{
	char lines[WORD_CHANGE_SIZE + 1];
	size_t count = 0, kernel = words_kernel_part(words);
	if (!*word || strlen(word) >= WORD_CHANGE_SIZE)
		return 0;
	to_lines(word, lines);
	for (const char *at = find_lines(words, lines); at && (size_t)(at - words) < kernel;
	     at = find_lines(at + strlen(lines), lines))
		count++;
	return count;
}

bool words_have(const char *words, const char *word)
{
	return words_count(words, word) > 0;
}

// Puts lines in place of others wherever these stand. Takes words, and returns NULL when out of memory.
static char *replace_lines(char *words, const char *old, const char *new, size_t *ret_count)
{
	size_t begin = 0;
	*ret_count = 0;
	for (const char *at; words && (at = find_lines(words + begin, old)); (*ret_count)++) {
		size_t before = (size_t)(at - words);
		char *more = NULL;
		if (asprintf(&more, "%.*s%s%s", (int)before, words, new, at + strlen(old)) < 0)
			more = NULL;
		free(words);
		words = more;
		begin = before + strlen(new);
	}
	return words;
}

char *words_change(const char *words, const struct word_change *changes, size_t count,
		   const struct word_change **ret_missing)
{
	char *text = strdup(words), old[WORD_CHANGE_SIZE + 1], new[WORD_CHANGE_SIZE + 1];
	*ret_missing = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t replaced;
		if (!changes[i].old[0])
			continue;
		to_lines(changes[i].old, old);
		to_lines(changes[i].new, new);
		text = replace_lines(text, old, new, &replaced);
		if (replaced == 0 && !*ret_missing)
			*ret_missing = &changes[i];
	}
	return text;
}

bool words_are(const char *words, const char *expected, const struct word_change *changes, size_t count)
{
	CLEANUP_FREE char *left = strdup(words);
	char new[WORD_CHANGE_SIZE + 1];
	for (size_t i = 0; left && i < count; i++) {
		if (changes[i].old[0])
			continue;
		to_lines(changes[i].new, new);
		// The last one is the new one, as the same words may have stood there before.
		size_t kernel = words_kernel_part(left);
		char *last = NULL;
		for (char *at = left; (at = strstr(at, new)) && at + strlen(new) <= left + kernel; at++)
			if (at == left || at[-1] == '\n')
				last = at;
		if (!last)
			return false;
		memmove(last, last + strlen(new), strlen(last + strlen(new)) + 1);
	}
	return left && streq(left, expected);
}
