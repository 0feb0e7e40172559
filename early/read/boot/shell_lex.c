// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/shell_lex.h"

bool shell_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool shell_is_name(char c)
{
	return shell_is_name_start(c) || (c >= '0' && c <= '9');
}

void shell_lexer_init(struct shell_lexer *lexer, const char *text)
{
	*lexer = (struct shell_lexer){ .at = text, .end = text + strlen(text), .line = 1 };
}

// What goes wrong inside of a word: it is told as the token.
struct scan {
	struct shell_lexer *lexer; // NULL where only the length is asked for
	const char *at, *end;
	unsigned line;
	unsigned depth;
	char unclosed; // what opened it, 0 for none
	unsigned unclosed_line;
	bool too_deep;
};

static bool at_end(const struct scan *scan)
{
	return scan->at >= scan->end || !*scan->at || scan->unclosed || scan->too_deep;
}

static void step(struct scan *scan)
{
	scan->line += *scan->at == '\n';
	scan->at++;
}

// A character behind a backslash loses its meaning.
static void step_escaped(struct scan *scan)
{
	step(scan);
	if (!at_end(scan))
		step(scan);
}

static void unclosed(struct scan *scan, char opened_by, unsigned line)
{
	if (scan->unclosed || scan->too_deep)
		return;
	scan->unclosed = opened_by;
	scan->unclosed_line = line;
}

static bool deeper(struct scan *scan)
{
	if (++scan->depth > SHELL_DEPTH_MAX)
		scan->too_deep = true;
	return !scan->too_deep;
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\n;&|<>()", c);
}

static void note_suspect(struct scan *scan, const char *quote, unsigned line)
{
	struct shell_lexer *lexer = scan->lexer;
	if (!lexer || scan->depth > 0 || lexer->suspect)
		return;
	if (!at_end(scan) && (scan->line == line || scan->at[1] == '\r' || ends_word(scan->at[1])))
		return;
	lexer->suspect = quote;
	lexer->suspect_line = line;
}

static void skip_single(struct scan *scan)
{
	const char *quote = scan->at;
	unsigned line = scan->line;
	step(scan);
	while (!at_end(scan) && *scan->at != '\'')
		step(scan);
	note_suspect(scan, quote, line);
	if (at_end(scan))
		unclosed(scan, '\'', line);
	else
		step(scan);
}

static void skip_backquote(struct scan *scan)
{
	unsigned line = scan->line;
	step(scan);
	while (!at_end(scan) && *scan->at != '`') {
		if (*scan->at == '\\')
			step_escaped(scan);
		else
			step(scan);
	}
	if (at_end(scan))
		unclosed(scan, '`', line);
	else
		step(scan);
}

static void skip_dollar(struct scan *scan, bool quoted);

static void skip_double(struct scan *scan)
{
	const char *quote = scan->at;
	unsigned line = scan->line;
	step(scan);
	while (!at_end(scan) && *scan->at != '"') {
		if (*scan->at == '\\')
			step_escaped(scan);
		else if (*scan->at == '`')
			skip_backquote(scan);
		else if (*scan->at == '$')
			skip_dollar(scan, true);
		else
			step(scan);
	}
	note_suspect(scan, quote, line);
	if (at_end(scan))
		unclosed(scan, '"', line);
	else
		step(scan);
}

// One character, or all that a quote or '$' begins. quoted: inside of double quotes, where ' has no meaning.
static void skip_piece(struct scan *scan, bool quoted)
{
	switch (*scan->at) {
	case '\\':
		step_escaped(scan);
		break;
	case '"':
		skip_double(scan);
		break;
	case '`':
		skip_backquote(scan);
		break;
	case '$':
		skip_dollar(scan, quoted);
		break;
	case '\'':
		if (!quoted) {
			skip_single(scan);
			break;
		}
		step(scan);
		break;
	default:
		step(scan);
	}
}

// $(...): its commands have their own quotes and comments.
static void skip_parentheses(struct scan *scan)
{
	unsigned line = scan->line, open = 0;
	char before = ' ';
	do {
		char c = *scan->at;
		if (c == '#' && strchr(" \t\n;(&|", before)) {
			while (!at_end(scan) && *scan->at != '\n')
				step(scan);
			continue;
		}
		before = c;
		open += c == '(';
		open -= c == ')';
		skip_piece(scan, false);
	} while (open > 0 && !at_end(scan));
	if (open > 0)
		unclosed(scan, '$', line);
}

static void skip_braces(struct scan *scan, bool quoted)
{
	unsigned line = scan->line;
	step(scan);
	while (!at_end(scan) && *scan->at != '}')
		skip_piece(scan, quoted);
	if (at_end(scan))
		unclosed(scan, '{', line);
	else
		step(scan);
}

static void skip_dollar(struct scan *scan, bool quoted)
{
	step(scan);
	if (at_end(scan) || (*scan->at != '(' && *scan->at != '{') || !deeper(scan))
		return;
	if (*scan->at == '(')
		skip_parentheses(scan);
	else
		skip_braces(scan, quoted);
	scan->depth--;
}

size_t shell_skip_substitution(const char *text, size_t length, bool quoted)
{
	struct scan scan = { .at = text, .end = text + length };
	skip_piece(&scan, quoted);
	return (size_t)(scan.at - text);
}

static struct shell_token take_word(struct shell_lexer *lexer)
{
	struct scan scan = { .lexer = lexer, .at = lexer->at, .end = lexer->end, .line = lexer->line };
	struct shell_token token = { .kind = SHELL_WORD, .text = lexer->at, .line = lexer->line };
	while (!at_end(&scan) && !ends_word(*scan.at))
		skip_piece(&scan, false);
	token.length = (size_t)(scan.at - lexer->at);
	if (scan.too_deep) {
		token.kind = SHELL_TOO_DEEP;
	} else if (scan.unclosed) {
		token.kind = SHELL_UNCLOSED;
		token.opened_by = scan.unclosed;
		token.line = scan.unclosed_line;
	}
	lexer->at = scan.at;
	lexer->line = scan.line;
	return token;
}

static void want_heredoc(struct shell_lexer *lexer, const struct shell_token *word)
{
	if (lexer->heredoc_count < SHELL_HEREDOCS_MAX) {
		size_t i = lexer->heredoc_count++;
		lexer->heredocs[i].delimiter = word->text;
		lexer->heredocs[i].length = word->length;
		lexer->heredocs[i].tabs = lexer->heredoc_next == '-';
	}
	lexer->heredoc_next = '\0';
}

// Whether a line is a delimiter, whose quotes do not count.
static bool is_delimiter(const char *line, size_t length, const char *delimiter, size_t size)
{
	size_t at = 0;
	for (size_t i = 0; i < size; i++) {
		if (strchr("'\"\\", delimiter[i]))
			continue;
		if (at >= length || line[at++] != delimiter[i])
			return false;
	}
	return at == length;
}

static void skip_heredocs(struct shell_lexer *lexer)
{
	for (size_t i = 0; i < lexer->heredoc_count; i++) {
		bool found = false;
		while (*lexer->at && !found) {
			const char *line = lexer->at + (lexer->heredocs[i].tabs ? strspn(lexer->at, "\t") : 0);
			size_t length = strcspn(line, "\n");
			found = is_delimiter(line, length, lexer->heredocs[i].delimiter, lexer->heredocs[i].length);
			lexer->at = line + length;
			if (*lexer->at) {
				lexer->at++;
				lexer->line++;
			}
		}
	}
	lexer->heredoc_count = 0;
}

static struct shell_token take_operator(struct shell_lexer *lexer)
{
	static const char *const operators[] = { "<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|" };
	struct shell_token token = { .kind = SHELL_OPERATOR, .text = lexer->at, .length = 1, .line = lexer->line };
	for (size_t i = 0; i < ARRAY_SIZE(operators) && token.length == 1; i++)
		if (starts_with(lexer->at, operators[i]))
			token.length = strlen(operators[i]);
	if (starts_with(lexer->at, "<<"))
		lexer->heredoc_next = token.length == 3 ? '-' : '<';
	lexer->at += token.length;
	return token;
}

struct shell_token shell_next(struct shell_lexer *lexer)
{
	for (;;) {
		lexer->at += strspn(lexer->at, " \t");
		if (starts_with(lexer->at, "\\\n")) {
			lexer->at += 2;
			lexer->line++;
		} else if (*lexer->at == '#') {
			lexer->at += strcspn(lexer->at, "\n");
		} else {
			break;
		}
	}
	struct shell_token token = { .kind = SHELL_END, .text = lexer->at, .line = lexer->line };
	if (!*lexer->at)
		return token;
	if (*lexer->at == '\n') {
		token.kind = SHELL_NEWLINE;
		token.length = 1;
		lexer->at++;
		lexer->line++;
		skip_heredocs(lexer);
		return token;
	}
	if (ends_word(*lexer->at))
		return take_operator(lexer);
	token = take_word(lexer);
	if (lexer->heredoc_next && token.kind == SHELL_WORD)
		want_heredoc(lexer, &token);
	return token;
}
