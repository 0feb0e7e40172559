// SPDX-License-Identifier: GPL-2.0-or-later
// What may stand on the command line, said once: for the parser, for the help, and for bash's completion, which reads the help.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "tell/command.h"

// The options, and the argument of a command, that belong to one.
enum takes {
	TAKES_ROOT = 1,
	TAKES_JSON = 2,
	TAKES_OUTPUT = 4,
	TAKES_RESUME = 8,
	TAKES_KERNEL = 16,
	TAKES_GUEST = 32,
	TAKES_NEXT = 64,
	TAKES_METRICS = 128,
};

struct invocation;

struct command {
	const char *name;
	const char *purpose;  // begins with a verb
	const char *argument; // what may stand behind it, "[UUID]", or has to, "FILE"; or NULL
	unsigned takes;
	bool in_boot;         // speaks to the kernel log
	int (*run)(const struct invocation *invocation);
	int (*look)(const struct root *root, const struct options *options);
};

// The commands of the program, in the order in which the help lists them.
struct command_table {
	const struct command *commands;
	size_t count;
};

// Takes the command line apart. *ret_command is NULL when there is nothing more to do: the help or the version was printed on standard
// output, or what is wrong told; then the exit code is returned.
MUST_CHECK int command_line_parse(const struct command_table *table, int argc, char **argv, const struct command **ret_command,
				  struct options *ret_options);
