// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel command line, taken apart by the kernel's own rules (lib/cmdline.c next_arg, kernel/params.c).
//
// Words are separated by white space outside double quotes; quotes around a value, or around a whole word, are dropped;
// the first '=' ends the name; '-' and '_' are equal in names; a word "--" alone ends the kernel's part and the rest is
// init's; the last of several wins (the caller asks for the last).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

// Far more than COMMAND_LINE_SIZE (2048 on x86) and a boot configuration together.
#define CMDLINE_MAX (32 * 1024)

struct cmdline_word {
	const char *name;
	const char *value; // NULL when the word has no '='
	bool for_init;     // stands behind "--"
};

struct cmdline {
	char *text; // what the words point into
	struct cmdline_word *words;
	size_t count;
};

// Takes text apart. Returns a negative errno when out of memory or when text is longer than CMDLINE_MAX (-E2BIG).
MUST_CHECK int cmdline_parse(struct cmdline *cmdline, const char *text);
void cmdline_free(struct cmdline *cmdline);

// The last word of the kernel's part with that name, or NULL.
const struct cmdline_word *cmdline_last(const struct cmdline *cmdline, const char *name);

// The same for a setting of ours: "deadline" is gvt_early.deadline, or as dracut's users write it,
// rd.gvt_early.deadline.
const struct cmdline_word *cmdline_setting(const struct cmdline *cmdline, const char *setting);

// The word if it stands there alone, without a value, in init's part as well; else NULL.
const struct cmdline_word *cmdline_flag(const struct cmdline *cmdline, const char *name);

// The last word with that name in whose comma-separated value an item stands, or NULL. modules = true compares as
// module names are compared ('-' equals '_').
const struct cmdline_word *cmdline_lists(const struct cmdline *cmdline, const char *name, const char *item,
					 bool modules);

// Whether the last word with that name sets a value: "1" as the kernel reads a bool, any other as an item of a
// comma-separated list.
bool cmdline_sets(const struct cmdline *cmdline, const char *name, const char *value);

// Whether an item stands in a comma-separated list.
bool comma_list_has(const char *list, const char *item, bool modules);

// The kernel's rule for a bool parameter (param_set_bool): NULL or y, Y, t, T, 1, on is 1; n, N, f, F, 0, off is 0; all
// else is -1.
int kernel_bool(const char *value);

// Equality as of parameter and module names: '-' equals '_'.
bool names_equal(const char *a, const char *b);
