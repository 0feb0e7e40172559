// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/cmdline.h"

#include <errno.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0; // lib/ctype.c
}

static char dashless(char c)
{
	return c == '-' ? '_' : c;
}

static bool names_equal_n(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (a[i] == '\0' || dashless(a[i]) != dashless(b[i]))
			return false;
	return true;
}

bool names_equal(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && names_equal_n(a, b, strlen(a));
}

// Cuts one word off the text and returns where the next one may begin.
static char *next_word(char *text, struct cmdline_word *word)
{
	bool whole_quoted = *text == '"';
	bool in_quotes = whole_quoted;
	if (whole_quoted)
		text++;

	size_t equals = 0, end = 0;
	for (; text[end]; end++) {
		if (is_blank(text[end]) && !in_quotes)
			break;
		if (text[end] == '=' && equals == 0)
			equals = end;
		if (text[end] == '"')
			in_quotes = !in_quotes;
	}
	char *next = text[end] ? text + end + 1 : text + end;
	text[end] = '\0';

	word->name = text;
	word->value = NULL;
	if (equals > 0) {
		text[equals] = '\0';
		char *value = text + equals + 1;
		if (*value == '"') {
			value++;
			if (end > 0 && text[end - 1] == '"' && text + end - 1 >= value)
				text[end - 1] = '\0';
		}
		word->value = value;
	}
	if (whole_quoted && end > 0 && text[end - 1] == '"')
		text[end - 1] = '\0';
	return next;
}

int cmdline_parse(struct cmdline *cmdline, const char *text)
{
	*cmdline = (struct cmdline){ 0 };
	if (strlen(text) > CMDLINE_MAX)
		return -E2BIG;
	cmdline->text = strdup(text);
	// A word takes at least one character and one blank.
	cmdline->words = calloc(strlen(text) / 2 + 1, sizeof(*cmdline->words));
	if (!cmdline->text || !cmdline->words) {
		cmdline_free(cmdline);
		return -ENOMEM;
	}

	bool for_init = false;
	char *rest = cmdline->text;
	for (;;) {
		while (is_blank(*rest))
			rest++;
		if (!*rest)
			break;
		struct cmdline_word word = { .for_init = for_init };
		rest = next_word(rest, &word);
		if (!for_init && !word.value && streq(word.name, "--"))
			for_init = true;
		else
			cmdline->words[cmdline->count++] = word;
	}
	return 0;
}

void cmdline_free(struct cmdline *cmdline)
{
	free(cmdline->text);
	free(cmdline->words);
	*cmdline = (struct cmdline){ 0 };
}

const struct cmdline_word *cmdline_last(const struct cmdline *cmdline, const char *name)
{
	for (size_t i = cmdline->count; i-- > 0;)
		if (!cmdline->words[i].for_init && names_equal(cmdline->words[i].name, name))
			return &cmdline->words[i];
	return NULL;
}

const struct cmdline_word *cmdline_setting(const struct cmdline *cmdline, const char *setting)
{
	static const char prefix[] = "gvt_early.";
	for (size_t i = cmdline->count; i-- > 0;) {
		const struct cmdline_word *word = &cmdline->words[i];
		const char *name = word->name + (strncmp(word->name, "rd.", 3) == 0 ? 3 : 0);
		if (!word->for_init && names_equal_n(prefix, name, strlen(prefix)) &&
		    names_equal(name + strlen(prefix), setting))
			return word;
	}
	return NULL;
}

const struct cmdline_word *cmdline_flag(const struct cmdline *cmdline, const char *name)
{
	for (size_t i = 0; i < cmdline->count; i++)
		if (!cmdline->words[i].value && streq(cmdline->words[i].name, name))
			return &cmdline->words[i];
	return NULL;
}

bool comma_list_has(const char *list, const char *item, bool modules)
{
	size_t length = strlen(item);
	while (*list) {
		size_t n = strcspn(list, ",");
		if (n == length && (modules ? names_equal_n(list, item, n) : strncmp(list, item, n) == 0))
			return true;
		list += n;
		list += *list == ',';
	}
	return false;
}

const struct cmdline_word *cmdline_lists(const struct cmdline *cmdline, const char *name, const char *item,
					 bool modules)
{
	for (size_t i = cmdline->count; i-- > 0;) {
		const struct cmdline_word *word = &cmdline->words[i];
		if (!word->for_init && word->value && names_equal(word->name, name) &&
		    comma_list_has(word->value, item, modules))
			return word;
	}
	return NULL;
}

bool cmdline_sets(const struct cmdline *cmdline, const char *name, const char *value)
{
	const struct cmdline_word *word = cmdline_last(cmdline, name);
	return word &&
		(streq(value, "1") ? kernel_bool(word->value) == 1
				   : word->value && comma_list_has(word->value, value, false));
}

int kernel_bool(const char *value)
{
	if (!value)
		return 1;
	switch (value[0]) {
	case 'y':
	case 'Y':
	case 't':
	case 'T':
	case '1':
		return 1;
	case 'n':
	case 'N':
	case 'f':
	case 'F':
	case '0':
		return 0;
	case 'o':
	case 'O':
		if (value[1] == 'n' || value[1] == 'N')
			return 1;
		if (value[1] == 'f' || value[1] == 'F')
			return 0;
		return -1;
	default:
		return -1;
	}
}
