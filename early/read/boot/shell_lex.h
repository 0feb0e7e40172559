// SPDX-License-Identifier: GPL-2.0-or-later
// A file of shell commands taken apart into words and operators, as dash does it (POSIX, Shell Command Language, 2.3).
// Pure, and nothing of it is ever executed.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define SHELL_DEPTH_MAX    32 // of quotes, substitutions and commands in each other
#define SHELL_HEREDOCS_MAX 8

enum shell_token_kind {
	SHELL_END,
	SHELL_WORD, // as it stands there, its quotes with it
	SHELL_NEWLINE,
	SHELL_OPERATOR, // ; & | && || ;; ( ) and those of redirections
	SHELL_UNCLOSED, // a quote or a substitution that the file does not close; line is where it opens
	SHELL_TOO_DEEP, // quotes or substitutions deeper in each other than is read
};

struct shell_token {
	enum shell_token_kind kind;
	const char *text; // points into the file
	size_t length;
	unsigned line;  // where it begins, from 1
	char opened_by; // of SHELL_UNCLOSED: ' or " or ` or $ or {
};

struct shell_lexer {
	const char *at, *end;
	unsigned line;
	// Where a quote is most likely missing: the first quoted text that goes over a line's end and whose end more
	// text follows at once, or the one that is not closed.
	const char *suspect; // the quote that opens it, NULL when there is none
	unsigned suspect_line;
	struct {
		const char *delimiter;
		size_t length;
		bool tabs;
	} heredocs[SHELL_HEREDOCS_MAX]; // whose text follows the line
	size_t heredoc_count;
	char heredoc_next; // the next word is a delimiter: '<', or '-' for <<-; else 0
};

void shell_lexer_init(struct shell_lexer *lexer, const char *text);
struct shell_token shell_next(struct shell_lexer *lexer);

// How long a substitution is that begins with '$' or '`', at most length; 1 for a lone '$'. quoted: it stands in double
// quotes.
size_t shell_skip_substitution(const char *text, size_t length, bool quoted);

bool shell_is_name_start(char c);
bool shell_is_name(char c);
