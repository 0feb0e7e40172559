// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/shell_value.h"

#include <errno.h>
#include <stdio.h>

#define UNKNOWN   "\032"
#define LOOK_COST 64

//
// What was found
//

void shell_set_trouble(struct shell_trouble *trouble, enum shell_trouble_kind kind, struct shell_place place,
		       const char *what, size_t length)
{
	if (trouble->kind != SHELL_FINE)
		return;
	trouble->kind = kind;
	trouble->place = place;
	snprintf(trouble->what, sizeof(trouble->what), "%.*s", (int)length, what);
}

static bool spend(struct shell *shell, size_t cost)
{
	shell->budget -= (long)cost;
	return shell->budget > 0;
}

static const struct shell_assignment *last_n(const struct shell *shell, const char *name, size_t length)
{
	for (size_t i = shell->count; i-- > 0;)
		if (strncmp(shell->assignments[i].name, name, length) == 0 && !shell->assignments[i].name[length])
			return &shell->assignments[i];
	return NULL;
}

const struct shell_assignment *shell_last(const struct shell *shell, const char *name)
{
	return last_n(shell, name, strlen(name));
}

void shell_assign(struct shell *shell, const char *name, size_t length, char *value, struct shell_place place,
		  bool keeps, bool maybe)
{
	struct shell_assignment item = { .value = value, .place = place, .keeps = keeps, .maybe = maybe };
	struct shell_assignment *more = NULL;
	if (shell->count >= SHELL_ASSIGNMENTS_MAX) {
		shell_set_trouble(&shell->doubt, SHELL_NOT_UNDERSTOOD, place, "too many assignments",
				  strlen("too many assignments"));
		free(value);
		return;
	}
	item.name = strndup(name, length);
	if (item.name && value)
		more = realloc(shell->assignments, (shell->count + 1) * sizeof(*more));
	if (!more) {
		free(item.name);
		free(value);
		shell->error = -ENOMEM;
		return;
	}
	shell->assignments = more;
	more[shell->count++] = item;
}

//
// The value of a word
//

struct value {
	struct shell *shell;
	struct shell_meaning *ret;
	size_t length, size;
	const struct shell_word *word;
};

static void put(struct value *value, const char *text, size_t length)
{
	if (!spend(value->shell, length) || value->length + length > SHELL_VALUE_MAX) {
		shell_set_trouble(&value->shell->doubt, SHELL_NOT_UNDERSTOOD, value->word->place, "too long a value",
				  strlen("too long a value"));
		return;
	}
	if (value->length + length + 1 > value->size) {
		size_t size = 2 * (value->length + length) + 64;
		char *text_new = realloc(value->ret->text, size);
		if (!text_new) {
			value->shell->error = -ENOMEM;
			return;
		}
		value->ret->text = text_new;
		value->size = size;
	}
	memcpy(value->ret->text + value->length, text, length);
	value->length += length;
	value->ret->text[value->length] = '\0';
}

static void put_unknown(struct value *value)
{
	put(value, UNKNOWN, 1);
}

static void expand(struct value *value, const char *text, size_t length, bool quoted);

// What grub-mkconfig itself has set when it reads the file, and the environment: not known here.
static bool is_set_elsewhere(const char *name, size_t length)
{
	static const char *const of_mkconfig[] = { "GRUB_DEVICE", "GRUB_FS", "GRUB_DISABLE_OS_PROBER" };
	if (length < 5 || strncmp(name, "GRUB_", 5) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(of_mkconfig); i++)
		if (strncmp(name, of_mkconfig[i], strlen(of_mkconfig[i])) == 0)
			return true;
	return false;
}

struct former {
	const char *value; // "" when it has none
	bool set, known;
	bool own; // of the variable that is assigned to
};

static struct former former_value(struct value *value, const char *name, size_t length)
{
	struct former former = { .value = "" };
	if (!spend(value->shell, LOOK_COST))
		return former;
	const struct shell_assignment *last = last_n(value->shell, name, length);
	if (last) {
		former.value = last->value;
		former.set = !last->unset;
		former.known = !strchr(last->value, SHELL_UNKNOWN);
	} else {
		former.known = !is_set_elsewhere(name, length);
	}
	former.own = length == value->word->variable_length && strncmp(name, value->word->variable, length) == 0;
	return former;
}

static void put_former(struct value *value, const struct former *former)
{
	value->ret->keeps |= former->own;
	if (former->set)
		put(value, former->value, strlen(former->value));
	else if (!former->known)
		put_unknown(value);
}

// ${NAME}, ${NAME-WORD}, ${NAME:-WORD}, with = and + likewise; all else is unknown.
static void expand_braces(struct value *value, const char *text, size_t length, bool quoted)
{
	size_t name = 0;
	while (name < length && (name == 0 ? shell_is_name_start(text[0]) : shell_is_name(text[name])))
		name++;
	bool colon = name < length && text[name] == ':';
	size_t at = name + colon;
	char how = at < length ? text[at] : '\0';
	if (name == 0 || (how ? !strchr("-=+", how) : colon)) {
		put_unknown(value);
		return;
	}
	struct former former = former_value(value, text, name);
	bool missing = colon ? !former.value[0] : !former.set;
	if (!how) {
		put_former(value, &former);
	} else if (!former.known) {
		// Whether it is empty is known if something that is known stands in it.
		bool holds = former.value[strspn(former.value, UNKNOWN)] != '\0';
		if (!holds)
			put_unknown(value);
		else if (how == '+')
			expand(value, text + at + 1, length - at - 1, quoted);
		else
			put_former(value, &former);
	} else if (how == '+' ? !missing : missing) {
		size_t before = value->length;
		expand(value, text + at + 1, length - at - 1, quoted);
		if (how == '=' && value->ret->text)
			shell_assign(value->shell, text, name,
				     strdup(value->word->maybe ? UNKNOWN : value->ret->text + before),
				     value->word->place, value->word->maybe, value->word->maybe);
	} else if (how != '+') {
		put_former(value, &former);
	}
}

// What '$' or '`' begins; returns its length.
static size_t expand_dollar(struct value *value, const char *text, size_t length, bool quoted)
{
	if (text[0] == '$' && length > 1 && shell_is_name_start(text[1])) {
		size_t name = 1;
		while (1 + name < length && shell_is_name(text[1 + name]))
			name++;
		struct former former = former_value(value, text + 1, name);
		put_former(value, &former);
		return 1 + name;
	}
	if (text[0] == '`' || (length > 1 && (text[1] == '(' || text[1] == '{'))) {
		size_t whole = shell_skip_substitution(text, length, quoted);
		if (text[0] == '$' && text[1] == '{' && whole > 2)
			expand_braces(value, text + 2, whole - 3, quoted);
		else
			put_unknown(value);
		return whole;
	}
	if (length > 1 && strchr("0123456789@*#?$!-", text[1])) {
		put_unknown(value);
		return 2;
	}
	put(value, "$", 1);
	return 1;
}

// Behind a backslash; in double quotes only some characters lose their meaning by it, and the others keep it.
static size_t expand_backslash(struct value *value, const char *text, size_t length, bool quoted)
{
	if (length < 2) {
		put(value, "\\", 1);
		return 1;
	}
	if (text[1] == '\n')
		return 2;
	if (quoted && !strchr("$`\"\\", text[1]))
		put(value, text, 2);
	else
		put(value, text + 1, 1);
	return 2;
}

static void expand(struct value *value, const char *text, size_t length, bool quoted)
{
	if (!quoted && length > 0 && text[0] == '~') {
		put_unknown(value);
		text++;
		length--;
	}
	while (length > 0) {
		size_t used = 1;
		if (text[0] == '\\') {
			used = expand_backslash(value, text, length, quoted);
		} else if (text[0] == '$' || text[0] == '`') {
			used = expand_dollar(value, text, length, quoted);
		} else if (text[0] == '\'' && !quoted) {
			const char *end = memchr(text + 1, '\'', length - 1);
			size_t inside = end ? (size_t)(end - text) - 1 : length - 1;
			put(value, text + 1, inside);
			used = inside + 1 + (end != NULL);
		} else if (text[0] == '"') {
			// Inside of "${...}" quotes come and go, and change nothing here.
			size_t whole = quoted ? 1 : shell_skip_substitution(text, length, false);
			if (!quoted)
				expand(value, text + 1, whole >= 2 ? whole - 2 : 0, true);
			used = whole;
		} else {
			put(value, text, 1);
		}
		text += used;
		length -= used;
	}
}

// A backslash at a line's end joins it with the next, wherever it stands, but for single quotes.
static char *join_lines(const char *text, size_t length)
{
	char *joined = malloc(length + 1), *to = joined, quote = '\0';
	for (size_t i = 0; joined && i < length; i++) {
		bool pair = text[i] == '\\' && quote != '\'' && i + 1 < length;
		if (pair && text[i + 1] == '\n') {
			i++;
			continue;
		}
		if (pair)
			*to++ = text[i++];
		else if (text[i] == quote)
			quote = '\0';
		else if (!quote && (text[i] == '"' || text[i] == '\''))
			quote = text[i];
		*to++ = text[i];
	}
	if (joined)
		*to = '\0';
	return joined;
}

struct shell_meaning shell_meaning(struct shell *shell, const struct shell_word *word)
{
	struct shell_meaning meaning = { .text = NULL };
	struct value value = { .shell = shell, .ret = &meaning, .word = word };
	CLEANUP_FREE char *joined = join_lines(word->text, word->length);
	if (joined)
		expand(&value, joined, strlen(joined), false);
	if (!meaning.text)
		meaning.text = strdup("");
	if (!joined || !meaning.text)
		shell->error = -ENOMEM;
	return meaning;
}
