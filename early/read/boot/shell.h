// SPDX-License-Identifier: GPL-2.0-or-later
// What a file of shell assignments such as /etc/default/grub comes to when 'sh -e' (dash) reads it. Nothing of it is
// ever executed: what a command would have to be run for is unknown, and said to be.
//
// Plain commands are followed: assignments with all quotes, "export", "unset", "exit", "return", $NAME, ${NAME} and its
// forms with - + =. What stands in "if", "for", a function and the like, or behind && and ||, may happen or not. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "read/boot/shell_lex.h"

#define SHELL_ASSIGNMENTS_MAX 512
#define SHELL_VALUE_MAX       (32 * 1024) // as CMDLINE_MAX
#define SHELL_STRAYS_MAX      64
#define SHELL_UNKNOWN         '\032' // in a value: something that is not known stands here

struct shell_place {
	const char *file; // as it was given to shell_read()
	unsigned line;    // 0 for the file as a whole
};

struct shell_assignment {
	char *name, *value;
	struct shell_place place;
	bool keeps; // the former value is in it: $NAME
	bool maybe; // whether it happens is not known
	bool unset; // from then on it has no value; value is ""
};

enum shell_stray_kind {
	STRAY_BESIDE, // what is left of a value whose quotes end too soon, say
	STRAY_BLANKS, // blanks beside '=': sh takes the variable for a command
	STRAY_QUOTES, // the value's quotes are those of a printed text, which are none to sh
};

// A word that stands for itself, where a command would.
struct shell_stray {
	char *word;
	struct shell_place place;
	enum shell_stray_kind kind;
	char *meant; // the whole line as it was meant, NULL for STRAY_BESIDE
};

enum shell_trouble_kind {
	SHELL_FINE,
	SHELL_QUOTE_OPEN,        // a quote that is not closed; what is the quote
	SHELL_SUBSTITUTION_OPEN, // $(, ${ or ` that is not closed
	SHELL_SYNTAX,            // an operator or a word such as "fi" out of place: what
	SHELL_NO_COMMAND,        // what is run as a command, and there is none of that name
	SHELL_BAD_NAME,          // what is no name of a variable that can be exported
	SHELL_PLUS_ASSIGN,       // NAME+=, which bash has and dash has not; what is the name
	SHELL_BOM,               // the file begins with a byte order mark, which is taken for the first command's name
	SHELL_CR,                // a line with a carriage return alone is run as a command: line ends of Windows
	SHELL_EXIT,              // 'exit': nothing behind it happens, that of the program that reads the file included
	SHELL_UNREADABLE,        // the file cannot be read; what is why
	SHELL_NOT_UNDERSTOOD,    // a command that may change every value: what
};

struct shell_trouble {
	enum shell_trouble_kind kind;
	struct shell_place place;
	char what[64];
};

// Whether there is a command: 1, 0, or -1 when that is not known.
typedef int (*shell_has_command)(void *data, const char *name);

struct shell {
	shell_has_command has_command;
	void *data;
	struct shell_assignment *assignments; // in their order; of a failing file also those behind the failure
	size_t count;
	struct shell_stray strays[SHELL_STRAYS_MAX];
	size_t stray_count;
	struct shell_trouble failure; // the first that ends the reading program
	struct shell_trouble doubt;   // the first because of which values may be others
	long budget;                  // how much is still looked at
	int error;                    // -ENOMEM
};

void shell_init(struct shell *shell, shell_has_command has_command, void *data);
// Reads one file after another, as "." does. file has to live as long as shell. Returns a negative errno only when out
// of memory.
MUST_CHECK int shell_read(struct shell *shell, const char *text, const char *file);
// A file that cannot be read.
void shell_unreadable(struct shell *shell, const char *file, const char *why);
void shell_free(struct shell *shell);

// The last assignment of a variable, or NULL.
const struct shell_assignment *shell_last(const struct shell *shell, const char *name);
