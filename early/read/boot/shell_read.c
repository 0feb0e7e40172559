// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/shell.h"

#include <errno.h>
#include <stdio.h>

#include "base/printed_quote.h"
#include "read/boot/shell_value.h"

#define UNKNOWN     "\032"
#define BUDGET      (4L * 1024 * 1024) // characters of values; a look for a variable counts as many
#define WORDS_MAX   64                 // of one command, the rest is of no interest
#define REPAIRS_MAX 4
#define MEANT_MAX   512 // a line that is shown

enum opener { IN_IF, IN_LOOP, IN_CASE, IN_BRACES, IN_PARENTHESES };

struct reading {
	struct shell *shell;
	const char *file;
	struct shell_lexer lexer;
	struct shell_token words[WORDS_MAX]; // of the command so far
	size_t word_count;
	enum opener open[SHELL_DEPTH_MAX];
	struct shell_place opened[SHELL_DEPTH_MAX];
	size_t depth;
	bool behind_and; // && or || came before
	bool behind_pipe;
	bool closed; // a compound command has just ended: no words may follow
	bool target; // the next word belongs to a redirection
	enum { NOT_CASE, CASE_SUBJECT, CASE_IN, CASE_PATTERN } in_case; // of what the innermost "case" is made
	enum { NOT_FOR, FOR_NAME, FOR_WORDS } in_for;
	bool negated;                     // behind !
	enum shell_stray_kind stray_kind; // of the command, should it be none
	char meant[MEANT_MAX];
	struct shell_token
		may_fail; // the last command, if it decides alone how the file ends: with 'sh -e' that ends all
	bool function;    // NAME ( ) : a body follows
	bool over;        // "return", or what cannot be read further
};

static struct shell_place place_of(const struct reading *reading, const struct shell_token *token)
{
	return (struct shell_place){ .file = reading->file, .line = token->line };
}

static void fail(struct reading *reading, enum shell_trouble_kind kind, const struct shell_token *token)
{
	shell_set_trouble(&reading->shell->failure, kind, place_of(reading, token), token->text, token->length);
}

static void doubt(struct reading *reading, const struct shell_token *token)
{
	shell_set_trouble(&reading->shell->doubt, SHELL_NOT_UNDERSTOOD, place_of(reading, token), token->text,
			  token->length);
}

// How long the NAME of "NAME=VALUE" is, 0 when the word is none; plus: "NAME+=VALUE".
static size_t assigned_name(const struct shell_token *word, bool *ret_plus)
{
	size_t length = 0;
	while (length < word->length &&
	       (length == 0 ? shell_is_name_start(word->text[0]) : shell_is_name(word->text[length])))
		length++;
	*ret_plus =
		length > 0 && length + 1 < word->length && word->text[length] == '+' && word->text[length + 1] == '=';
	return length < word->length && (word->text[length] == '=' || *ret_plus) ? length : 0;
}

// What a word comes to from begin on. variable is the length of the name that it is assigned to.
static struct shell_meaning value_of(struct reading *reading, const struct shell_token *token, size_t begin,
				     size_t variable, bool maybe)
{
	const struct shell_word word = { .text = token->text + begin,
					 .length = token->length - begin,
					 .place = place_of(reading, token),
					 .variable = token->text,
					 .variable_length = variable,
					 .maybe = maybe };
	return shell_meaning(reading->shell, &word);
}

static void assign(struct reading *reading, const struct shell_token *word, size_t name, bool maybe)
{
	struct shell_meaning value = value_of(reading, word, name + 1, name, maybe);
	shell_assign(reading->shell, word->text, name, value.text, place_of(reading, word), value.keeps, maybe);
}

// NAME+=VALUE is taken for what bash would do: that is what was meant.
static void append(struct reading *reading, const struct shell_token *word, size_t name)
{
	struct shell_meaning more = value_of(reading, word, name + 2, name, false);
	CLEANUP_FREE char *variable = strndup(word->text, name);
	const struct shell_assignment *last = variable ? shell_last(reading->shell, variable) : NULL;
	char *all = NULL;
	if (!more.text || asprintf(&all, "%s%s", last ? last->value : "", more.text) < 0)
		all = NULL;
	free(more.text);
	shell_assign(reading->shell, word->text, name, all, place_of(reading, word), true, false);
}

static bool word_is(const struct shell_token *word, const char *text)
{
	return strlen(text) == word->length && strncmp(word->text, text, word->length) == 0;
}

static bool word_is_one_of(const struct shell_token *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (word_is(word, list[i]))
			return true;
	return false;
}

// Those that change no variable, and do not fail.
static bool is_harmless(const struct shell_token *word)
{
	static const char *const names[] = { ":", "true", "echo", "printf", "umask", "ulimit", "pwd", "times", "jobs" };
	return word_is_one_of(word, names, ARRAY_SIZE(names));
}

// Those that may change any variable, or fail and so end the reading program.
static bool is_powerful(const struct shell_token *word)
{
	static const char *const names[] = { ".",    "eval", "read",    "getopts", "local", "set",      "shift",
					     "exec", "trap", "command", "wait",    "break", "continue", "test",
					     "[",    "cd",   "kill",    "type",    "hash",  "alias",    "unalias" };
	return word_is_one_of(word, names, ARRAY_SIZE(names));
}

static void unset(struct reading *reading, const struct shell_token *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (words[i].text[0] != '-') {
			size_t before = reading->shell->count;
			shell_assign(reading->shell, words[i].text, words[i].length, strdup(""),
				     place_of(reading, &words[i]), false, false);
			if (reading->shell->count > before)
				reading->shell->assignments[before].unset = true;
		}
}

static void add_stray(struct shell *shell, const char *word, struct shell_place place, enum shell_stray_kind kind,
		      const char *meant)
{
	if (shell->stray_count >= SHELL_STRAYS_MAX || !*word)
		return;
	char *copy = strdup(word), *line = meant ? strdup(meant) : NULL;
	if (copy && (line || !meant)) {
		shell->strays[shell->stray_count++] =
			(struct shell_stray){ .word = copy, .place = place, .kind = kind, .meant = line };
		return;
	}
	free(copy);
	free(line);
	shell->error = -ENOMEM;
}

// From a word to the end of the last one, as they stand there.
static size_t span(const struct shell_token *words, size_t first, size_t count)
{
	return (size_t)(words[count - 1].text + words[count - 1].length - words[first].text);
}

// "NAME = VALUE", "NAME =VALUE" and "NAME= VALUE", where value is what stands behind '='; quotes are added where there
// are none.
static bool mean_blanks(const char *name, size_t length, const char *value, size_t rest, char ret[static MEANT_MAX])
{
	while (rest > 0 && (*value == ' ' || *value == '\t'))
		value++, rest--;
	bool quoted = rest > 0 && (*value == '"' || *value == '\'' || !memchr(value, ' ', rest));
	if (rest == 0 || memchr(value, '\n', rest) || (!quoted && memchr(value, '"', rest)) ||
	    length + rest + 4 > MEANT_MAX)
		return false;
	snprintf(ret, MEANT_MAX, "%.*s=%s%.*s%s", (int)length, name, quoted ? "" : "\"", (int)rest, value,
		 quoted ? "" : "\"");
	return true;
}

// What a command was meant to be that is no assignment by a slip of the pen.
static enum shell_stray_kind guess_meant(const struct shell_token *words, size_t count, char ret[static MEANT_MAX])
{
	size_t first = word_is(&words[0], "export") || word_is(&words[0], "readonly") ? 1 : 0,
	       all = span(words, 0, count), name;
	bool plus;
	if (first + 1 >= count)
		return STRAY_BESIDE;
	name = assigned_name(&words[first], &plus);
	if (name > 0 && printed_quote(words[first].text + name + 1) && all < MEANT_MAX &&
	    !memchr(words[0].text, '\n', all)) {
		printed_quote_replace(words[0].text, all, '"', ret, MEANT_MAX);
		return STRAY_QUOTES;
	}
	size_t length = words[first].length, before = (size_t)(words[first].text - words[0].text);
	const char *value = NULL;
	if (name > 0 && !plus && name + 1 == length)
		value = words[first + 1].text;
	else if (name == 0 && words[first + 1].text[0] == '=' && shell_is_name_start(words[first].text[0]))
		value = words[first + 1].text + 1;
	if (!value ||
	    !mean_blanks(words[0].text, before + (name > 0 ? name : length), value,
			 (size_t)(words[0].text + all - value), ret))
		return STRAY_BESIDE;
	return STRAY_BLANKS;
}

// Words of the command so far.
static void add_strays(struct reading *reading, const struct shell_token *words, size_t count)
{
	enum shell_stray_kind kind = reading->stray_kind;
	for (size_t i = 0; i < count; i++) {
		bool plus;
		size_t name = kind == STRAY_QUOTES ? assigned_name(&words[i], &plus) : 0;
		if (name && !printed_quote(words[i].text + name + 1))
			name = 0; // not the variable
		struct shell_meaning word = value_of(reading, &words[i], name ? name + 1 : 0, 0, false);
		if (word.text && kind == STRAY_QUOTES)
			printed_quote_replace(word.text, strlen(word.text), '\0', word.text, strlen(word.text) + 1);
		if (word.text)
			add_stray(reading->shell, word.text, place_of(reading, &words[i]), kind,
				  kind == STRAY_BESIDE ? NULL : reading->meant);
		free(word.text);
	}
}

// Whether sh exports or unsets it, and does not end all for its name: 1, 0, or -1 when that is not known.
static int is_exportable(struct reading *reading, const struct shell_token *word)
{
	CLEANUP_FREE char *text = value_of(reading, word, 0, 0, false).text;
	size_t length = 0;
	if (!text || strchr(text, SHELL_UNKNOWN))
		return -1;
	if (text[0] == '-' || !text[0])
		return 1; // an option; what comes to nothing is no word
	while (length == 0 ? shell_is_name_start(text[0]) : shell_is_name(text[length]))
		length++;
	return length > 0 && (!text[length] || text[length] == '=');
}

// Whether no name ends all.
static bool check_names(struct reading *reading, const struct shell_token *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int good = is_exportable(reading, &words[i]);
		if (good == 0)
			fail(reading, SHELL_BAD_NAME, &words[i]);
		else if (good < 0)
			doubt(reading, &words[i]);
		if (good == 0)
			return false;
	}
	return true;
}

static void unset_all(struct reading *reading, const struct shell_token *words, size_t count)
{
	if (check_names(reading, words, count))
		unset(reading, words, count);
}

static void export_all(struct reading *reading, const struct shell_token *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		bool plus;
		size_t name = assigned_name(&words[i], &plus);
		if (plus)
			fail(reading, SHELL_PLUS_ASSIGN, &words[i]);
		else if (name > 0)
			assign(reading, &words[i], name, false);
	}
	if (!check_names(reading, words, count) || reading->stray_kind == STRAY_QUOTES)
		add_strays(reading, words + 1, count - 1);
}

// A command that is none of the shell's own. With 'sh -e' one that is not there ends all.
static void run_other(struct reading *reading, const struct shell_token *words, size_t count)
{
	struct shell *shell = reading->shell;
	bool plus;
	CLEANUP_FREE char *name = value_of(reading, &words[0], 0, 0, false).text;
	if (!name)
		return;
	int there = strchr(name, SHELL_UNKNOWN) || strchr(name, '/') || memchr(words[0].text, '\n', words[0].length)
		? -1
		: 0;
	// No command's name has a '=', a carriage return or a letter that is not ASCII.
	bool odd = strpbrk(name, "=\r") || reading->stray_kind == STRAY_BLANKS;
	for (const char *c = name; *c; c++)
		odd |= (unsigned char)*c >= 0x80;
	if (there == 0 && !odd)
		there = shell->has_command ? shell->has_command(shell->data, name) : -1;
	size_t variable = assigned_name(&words[0], &plus);
	if (plus) {
		fail(reading, SHELL_PLUS_ASSIGN, &words[0]);
		append(reading, &words[0], variable);
		add_strays(reading, words + 1, count - 1);
		return;
	}
	if (streq(name, "\r"))
		fail(reading, SHELL_CR, &words[0]);
	else if (there == 0)
		fail(reading, SHELL_NO_COMMAND, &words[0]);
	else if (there < 0)
		doubt(reading, &words[0]);
	if (there <= 0)
		add_strays(reading, words, count);
}

// What certainly happens, in this order.
static void run_command(struct reading *reading, const struct shell_token *words, size_t count)
{
	struct shell *shell = reading->shell;
	const struct shell_token *command = &words[0];
	if (word_is(command, "export") || word_is(command, "readonly"))
		export_all(reading, words, count);
	else if (word_is(command, "unset"))
		unset_all(reading, words, count);
	else if (word_is(command, "exit"))
		shell_set_trouble(&shell->failure, SHELL_EXIT, place_of(reading, command),
				  count > 1 ? words[1].text : "0", count > 1 ? words[1].length : 1);
	else if (word_is(command, "return"))
		reading->over = true;
	else if (word_is(command, "false"))
		fail(reading, SHELL_EXIT, command);
	else if (is_powerful(command))
		doubt(reading, command);
	else if (!is_harmless(command))
		run_other(reading, words, count);
}

// What happens or not. Where a condition stands, a command may fail.
static void maybe_run(struct reading *reading, const struct shell_token *command)
{
	static const char *const names[] = { "exit", "return", "export", "readonly", "unset" };
	static const char *const conditions[] = { "[", "test" };
	if ((is_powerful(command) && !word_is_one_of(command, conditions, ARRAY_SIZE(conditions))) ||
	    word_is_one_of(command, names, ARRAY_SIZE(names)))
		doubt(reading, command);
}

// ${NAME:=WORD} in a command's words assigns as well.
static void expand_words(struct reading *reading, const struct shell_token *words, size_t count, bool maybe)
{
	for (size_t i = 0; i < count; i++)
		free(value_of(reading, &words[i], 0, 0, maybe).text);
}

// The value is lost, but where it was said is kept: what is assigned twice is unknown in the end.
static void maybe_assign(struct reading *reading, const struct shell_token *word, size_t name)
{
	struct shell *shell = reading->shell;
	assign(reading, word, name, true);
	shell_assign(shell, word->text, name, strdup(UNKNOWN), place_of(reading, word), true, true);
}

// A whole command; how is the operator that follows it.
static void end_command(struct reading *reading, const struct shell_token *how)
{
	bool pipe = how && (word_is(how, "|") || word_is(how, "&"));
	bool piped = reading->behind_pipe || pipe;
	bool in_list = reading->behind_and || reading->negated || (how && (word_is(how, "&&") || word_is(how, "||")));
	bool maybe = reading->behind_and || reading->depth > 0;
	size_t first = 0, name = 0, count = reading->word_count;
	const struct shell_token *words = reading->words;
	bool plus = false;
	reading->stray_kind = count > 0 ? guess_meant(words, count, reading->meant) : STRAY_BESIDE;
	while (first < count && (name = assigned_name(&words[first], &plus)) > 0 && !plus)
		first++;
	if (first == count) {
		for (size_t i = 0; i < count && !piped; i++) {
			name = assigned_name(&words[i], &plus);
			if (maybe)
				maybe_assign(reading, &words[i], name);
			else
				assign(reading, &words[i], name, false);
		}
	} else if (!piped && maybe) {
		expand_words(reading, words + first, count - first, true);
		maybe_run(reading, &words[first]);
	} else if (!piped) {
		expand_words(reading, words + first, count - first, false);
		// Assignments before a special built-in command stay.
		if (word_is(&words[first], ":") || word_is(&words[first], "export") ||
		    word_is(&words[first], "readonly") || word_is(&words[first], "unset"))
			for (size_t i = 0; i < first; i++)
				if ((name = assigned_name(&words[i], &plus)) > 0)
					assign(reading, &words[i], name, false);
		if (in_list)
			maybe_run(reading, &words[first]);
		else
			run_command(reading, words + first, count - first);
	}
	// What stands beside a value and was meant to be in it.
	if (!maybe && first < count && first > 0)
		add_strays(reading, words, first);
	if (!maybe && first == count && count > 1)
		add_strays(reading, words + (reading->stray_kind != STRAY_QUOTES),
			   count - (reading->stray_kind != STRAY_QUOTES));
	if (count > 0)
		reading->may_fail = in_list ? words[0] : (struct shell_token){ .kind = SHELL_END };
	reading->word_count = 0;
	reading->closed = reading->negated = false;
}

static void open_compound(struct reading *reading, enum opener opener, const struct shell_token *token)
{
	if (reading->depth == SHELL_DEPTH_MAX) {
		doubt(reading, token);
		reading->over = true;
		return;
	}
	reading->opened[reading->depth] = place_of(reading, token);
	reading->open[reading->depth++] = opener;
}

static void close_compound(struct reading *reading, enum opener opener, const struct shell_token *token)
{
	if (reading->depth == 0 || reading->open[reading->depth - 1] != opener) {
		fail(reading, SHELL_SYNTAX, token);
		reading->over = true;
		return;
	}
	reading->depth--;
	reading->closed = true;
	reading->in_case = NOT_CASE;
}

static bool is_innermost(const struct reading *reading, enum opener opener)
{
	return reading->depth > 0 && reading->open[reading->depth - 1] == opener;
}

// Words with a meaning of their own where a command begins. Returns whether it was one.
static bool take_reserved(struct reading *reading, const struct shell_token *word)
{
	if (word_is(word, "if"))
		open_compound(reading, IN_IF, word);
	else if (word_is(word, "while") || word_is(word, "until"))
		open_compound(reading, IN_LOOP, word);
	else if (word_is(word, "for")) {
		open_compound(reading, IN_LOOP, word);
		reading->in_for = FOR_NAME;
	} else if (word_is(word, "case")) {
		open_compound(reading, IN_CASE, word);
		reading->in_case = CASE_SUBJECT;
	} else if (word_is(word, "{"))
		open_compound(reading, IN_BRACES, word);
	else if (word_is(word, "fi"))
		close_compound(reading, IN_IF, word);
	else if (word_is(word, "done"))
		close_compound(reading, IN_LOOP, word);
	else if (word_is(word, "esac"))
		close_compound(reading, IN_CASE, word);
	else if (word_is(word, "}"))
		close_compound(reading, IN_BRACES, word);
	else if (word_is(word, "then") || word_is(word, "else") || word_is(word, "elif")) {
		if (!is_innermost(reading, IN_IF))
			close_compound(reading, IN_IF, word); // which fails
	} else if (word_is(word, "do")) {
		if (!is_innermost(reading, IN_LOOP))
			close_compound(reading, IN_LOOP, word);
	} else if (word_is(word, "!"))
		reading->negated = true;
	else
		return false;
	reading->function = false;
	return true;
}

// Words of "for NAME in WORDS" and "case WORD in PATTERN)". Returns whether it was one.
static bool take_head(struct reading *reading, const struct shell_token *word)
{
	switch (reading->in_for) {
	case FOR_NAME:
		shell_assign(reading->shell, word->text, word->length, strdup(UNKNOWN), place_of(reading, word), false,
			     true);
		reading->in_for = FOR_WORDS;
		return true;
	case FOR_WORDS:
		return true;
	case NOT_FOR:
		break;
	}
	switch (reading->in_case) {
	case CASE_SUBJECT:
		reading->in_case = CASE_IN;
		return true;
	case CASE_IN:
		reading->in_case = CASE_PATTERN;
		return true;
	case CASE_PATTERN:
		if (!word_is(word, "esac"))
			return true;
		close_compound(reading, IN_CASE, word);
		return true;
	case NOT_CASE:
		break;
	}
	return false;
}

static void take_word_token(struct reading *reading, const struct shell_token *word)
{
	if (reading->target) {
		reading->target = false;
		return;
	}
	if (take_head(reading, word))
		return;
	if (reading->word_count == 0 && !reading->closed && take_reserved(reading, word))
		return;
	// "fi fi": another end may follow.
	if (reading->closed && reading->depth > 0 && take_reserved(reading, word))
		return;
	if (reading->closed || reading->function) {
		fail(reading, SHELL_SYNTAX, word);
		reading->over = true;
		return;
	}
	// A number before < or > belongs to it.
	bool number = (reading->lexer.at[0] == '<' || reading->lexer.at[0] == '>') && word->length == 1 &&
		word->text[0] >= '0' && word->text[0] <= '9';
	if (!number && reading->word_count < WORDS_MAX)
		reading->words[reading->word_count++] = *word;
}

static void take_parenthesis(struct reading *reading, const struct shell_token *token)
{
	if (reading->in_case == CASE_PATTERN) {
		if (token->text[0] == ')')
			reading->in_case = NOT_CASE;
	} else if (token->text[0] == '(' && reading->word_count == 1) {
		reading->word_count = 0;
		reading->function = true;
		struct shell_token close = shell_next(&reading->lexer);
		if (close.kind != SHELL_OPERATOR || close.text[0] != ')') {
			fail(reading, SHELL_SYNTAX, token);
			reading->over = true;
		}
	} else if (token->text[0] == '(' && reading->word_count == 0 && !reading->closed) {
		open_compound(reading, IN_PARENTHESES, token);
		reading->function = false;
	} else if (token->text[0] == ')' && is_innermost(reading, IN_PARENTHESES)) {
		end_command(reading, NULL);
		close_compound(reading, IN_PARENTHESES, token);
	} else {
		fail(reading, SHELL_SYNTAX, token);
		reading->over = true;
	}
}

static void take_operator_token(struct reading *reading, const struct shell_token *token)
{
	char c = token->text[0];
	if (c == '<' || c == '>') {
		reading->target = true;
		return;
	}
	if (c == '(' || c == ')') {
		take_parenthesis(reading, token);
		return;
	}
	if (reading->in_case == CASE_PATTERN)
		return; // a|b)
	bool empty = reading->word_count == 0 && !reading->closed && reading->in_for == NOT_FOR;
	if (word_is(token, ";;")) {
		end_command(reading, token);
		if (is_innermost(reading, IN_CASE)) {
			reading->in_case = CASE_PATTERN;
		} else {
			fail(reading, SHELL_SYNTAX, token);
			reading->over = true;
		}
	} else if (empty) {
		fail(reading, SHELL_SYNTAX, token);
		reading->over = true;
	} else {
		end_command(reading, token);
		reading->in_for = NOT_FOR;
	}
	reading->behind_and =
		word_is(token, "&&") || word_is(token, "||") || (reading->behind_and && word_is(token, "|"));
	reading->behind_pipe = word_is(token, "|");
}

static void take_newline(struct reading *reading, const struct shell_token *token)
{
	if (reading->target) {
		fail(reading, SHELL_SYNTAX, token);
		reading->over = true;
	}
	if (reading->in_case != NOT_CASE)
		return;
	bool goes_on = reading->word_count == 0 && !reading->closed && (reading->behind_and || reading->behind_pipe);
	if (reading->in_for == FOR_WORDS)
		reading->in_for = NOT_FOR;
	if (goes_on)
		return;
	end_command(reading, NULL);
	reading->behind_and = reading->behind_pipe = false;
}

static void take_end(struct reading *reading, const struct shell_token *token)
{
	if (reading->target ||
	    (reading->word_count == 0 && !reading->closed && (reading->behind_and || reading->behind_pipe)) ||
	    reading->function) {
		fail(reading, SHELL_SYNTAX, token);
		return;
	}
	end_command(reading, NULL);
	if (reading->may_fail.kind == SHELL_WORD)
		doubt(reading, &reading->may_fail);
	if (reading->depth > 0) {
		static const char *const names[] = {
			[IN_IF] = "if", [IN_LOOP] = "do", [IN_CASE] = "case", [IN_BRACES] = "{", [IN_PARENTHESES] = "("
		};
		const char *name = names[reading->open[reading->depth - 1]];
		shell_set_trouble(&reading->shell->failure, SHELL_SYNTAX, reading->opened[reading->depth - 1], name,
				  strlen(name));
	}
}

static void read_commands(struct shell *shell, const char *text, const char *file)
{
	struct reading reading = { .shell = shell, .file = file };
	shell_lexer_init(&reading.lexer, text);
	while (!reading.over && shell->error == 0) {
		struct shell_token token = shell_next(&reading.lexer);
		switch (token.kind) {
		case SHELL_WORD:
			take_word_token(&reading, &token);
			break;
		case SHELL_OPERATOR:
			take_operator_token(&reading, &token);
			break;
		case SHELL_NEWLINE:
			take_newline(&reading, &token);
			break;
		case SHELL_END:
			take_end(&reading, &token);
			return;
		case SHELL_UNCLOSED:
			shell_set_trouble(&shell->failure, SHELL_SUBSTITUTION_OPEN, place_of(&reading, &token),
					  &token.opened_by, 1);
			return;
		case SHELL_TOO_DEEP:
			doubt(&reading, &token);
			return;
		}
	}
}

//
// A file
//

// Where the quote that is not closed most likely has to be closed: at the end of the line on which it opens. NULL when
// all are closed.
static const char *find_open_quote(const char *text, unsigned *ret_line, char *ret_quote)
{
	struct shell_lexer lexer;
	struct shell_token token;
	shell_lexer_init(&lexer, text);
	do {
		token = shell_next(&lexer);
	} while (token.kind != SHELL_END && token.kind != SHELL_UNCLOSED && token.kind != SHELL_TOO_DEEP);
	if (token.kind != SHELL_UNCLOSED || (token.opened_by != '"' && token.opened_by != '\'') || !lexer.suspect)
		return NULL;
	*ret_line = lexer.suspect_line;
	*ret_quote = *lexer.suspect;
	const char *end = lexer.suspect + strcspn(lexer.suspect, "\n");
	return end > lexer.suspect + 1 && end[-1] == '\r' ? end - 1 : end;
}

static char *with_quote(const char *text, const char *at, char quote)
{
	size_t before = (size_t)(at - text), length = strlen(text);
	char *more = malloc(length + 2);
	if (!more)
		return NULL;
	memcpy(more, text, before);
	more[before] = quote;
	memcpy(more + before + 1, at, length - before + 1);
	return more;
}

int shell_read(struct shell *shell, const char *text, const char *file)
{
	static const char bom[] = "\xef\xbb\xbf";
	CLEANUP_FREE char *mended = NULL;
	if (starts_with(text, bom)) {
		shell_set_trouble(&shell->failure, SHELL_BOM, (struct shell_place){ .file = file, .line = 1 }, "", 0);
		text += strlen(bom);
	}
	// A failing file is read as it will be once it is mended.
	for (unsigned i = 0; i < REPAIRS_MAX; i++) {
		unsigned line = 0;
		char quote = '\0';
		const char *at = find_open_quote(text, &line, &quote);
		if (!at)
			break;
		shell_set_trouble(&shell->failure, SHELL_QUOTE_OPEN, (struct shell_place){ .file = file, .line = line },
				  &quote, 1);
		char *more = with_quote(text, at, quote);
		if (!more)
			return -ENOMEM;
		free(mended);
		text = mended = more;
	}
	read_commands(shell, text, file);
	return shell->error;
}

void shell_unreadable(struct shell *shell, const char *file, const char *why)
{
	shell_set_trouble(&shell->doubt, SHELL_UNREADABLE, (struct shell_place){ .file = file }, why, strlen(why));
}

void shell_init(struct shell *shell, shell_has_command has_command, void *data)
{
	*shell = (struct shell){ .has_command = has_command, .data = data, .budget = BUDGET };
}

void shell_free(struct shell *shell)
{
	for (size_t i = 0; i < shell->count; i++) {
		free(shell->assignments[i].name);
		free(shell->assignments[i].value);
	}
	for (size_t i = 0; i < shell->stray_count; i++) {
		free(shell->strays[i].word);
		free(shell->strays[i].meant);
	}
	free(shell->assignments);
	*shell = (struct shell){ .error = 0 };
}
