// SPDX-License-Identifier: GPL-2.0-or-later
// The commands, their options and arguments, in one place: for the parser, for the help, and for bash's completion,
// which reads the help.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "tell/command.h"

// The options of a command, and its argument.
enum takes {
	TAKES_ROOT = 1,
	TAKES_JSON = 2,
	TAKES_OUTPUT = 4,
	TAKES_RESUME = 8,
	TAKES_KERNEL = 16,
	TAKES_GUEST = 32,
	TAKES_NEXT = 64,
	TAKES_METRICS = 128,
	TAKES_DRY_RUN = 256,
	TAKES_YES = 512,
	TAKES_UNDO = 1024,
	TAKES_TYPE = 2048,
	TAKES_HOOKSCRIPT = 4096,
	TAKES_CLEAN = 8192,
	TAKES_SNAPSHOT = 16384,
	TAKES_INTO = 32768,
};

struct invocation;

struct command {
	const char *name;
	const char *purpose;  // begins with a verb
	const char *argument; // the argument: optional, "[UUID]", or required, "FILE"; or NULL
	unsigned takes;
	bool in_boot; // prints to the kernel log
	int (*run)(const struct invocation *invocation);
	int (*look)(const struct root *root, const struct options *options);
};

// The commands of the program, in the order in which the help lists them.
struct command_table {
	const struct command *commands;
	size_t count;
};

// Parses the command line. *ret_command is NULL if there is nothing more to do: the help or the version was printed on
// standard output, or a mistake was reported; then the exit code is returned.
MUST_CHECK int command_line_parse(const struct command_table *table, int argc, char **argv,
				  const struct command **ret_command, struct options *ret_options);
