// SPDX-License-Identifier: GPL-2.0-or-later
// Words that have to stand on the kernel command line: where they stand instead, and what was written in place of them.
#include "tell/words.h"

#define STANDS "{word} is in {place}"

static const struct words rows[] = {
	{ CAUSE_LOST_UNAPPLIED, "lost-unapplied", STANDS ", but it was not applied", NULL },
	{ CAUSE_LOST_IN_THIS_BOOT, "lost-in-this-boot",
	  STANDS ", but not on this boot's kernel command line: it {why} (running: {release})", NULL },
	{ PART_NOT_APPLIED, "not-applied", "was not applied, or the host was not rebooted since", NULL },
	{ PART_IN_MENU, "in-menu",
	  "is in /boot/grub/grub.cfg too: the host was not rebooted since, or another entry (an older kernel) was "
	  "booted",
	  NULL },
	{ PART_NOT_IN_MENU, "not-in-menu", "is not in /boot/grub/grub.cfg: it was not applied", NULL },
	{ CAUSE_LOST_BY_FAILURE, "lost-by-failure", STANDS ", but {reason}", NULL },
	{ CAUSE_SETUP_REFUSED, "setup-refused", "nothing was changed: {reason}", NULL },
	{ CAUSE_LOST_WITHOUT_ROOT, "lost-without-root",
	  STANDS ", but a host that boots with that line does not find its root file system", NULL },
	{ CAUSE_LOST_OVERRIDDEN, "lost-overridden", STANDS ", but {by} overrides {variable} without it", NULL },
	{ CAUSE_LOST_BEHIND_END, "lost-behind-end",
	  "{word} is in the value of {place} after a line break, ';' or ' #', where GRUB ends the kernel command line",
	  NULL },
	{ CAUSE_LOST_SECOND_LINE, "lost-second-line", STANDS ", but only the first line of that file is used", NULL },
	{ CAUSE_LOST_BLANKS, "lost-blanks",
	  STANDS ", but blanks around '=' there make sh take '{variable}' for a command: no variable is set", NULL },
	{ CAUSE_LOST_QUOTES, "lost-quotes",
	  STANDS ", but the quotes there are typographic, and sh does not accept them as quotes", NULL },
	{ CAUSE_LOST_OUTSIDE, "lost-outside",
	  STANDS " outside of the quotes{fails?, which makes the whole file fail|, and has no effect}", NULL },
	{ CAUSE_LOST_UNUSED, "lost-unused",
	  STANDS ", in the variable {variable}, which GRUB does not use for the normal entry", NULL },
	{ CAUSE_LOST_MAYBE, "lost-maybe",
	  STANDS ", where it depends on a condition, but not on {next?that|this boot's} kernel command line", NULL },
	{ CAUSE_LOST_FILE, "lost-file", STANDS ", but only files there whose names end in .cfg are read", NULL },
	{ CAUSE_LOST_OTHER_LOADER, "lost-other-loader",
	  STANDS ", but this host boots with {loader}, which does not read that file", NULL },
	{ FIX_ONE_LINE, "one-line", "write all words of the value in {place} in one line, without ';' and '#'", NULL },
	{ FIX_MOVE_FIRST, "move-first", "move {word} to the first line of that file", NULL },
	{ FIX_WRITE_LINE, "write-line", "write {line} in place of the line {place}", NULL },
	{ FIX_WRITE_VALUE, "write-value", "write that value in one line without blanks around '=' and in \"...\"",
	  NULL },
	{ FIX_INTO_QUOTES, "into-quotes", "put {word} inside the quotes of GRUB_CMDLINE_LINUX_DEFAULT", NULL },

	{ CAUSE_NEAR_MISS, "near-miss", "\"{found}\" {place?in {place}|on the kernel command line} {why}", NULL },
	{ PART_MISS_PREFIX, "miss-prefix", "lacks the prefix \"{module}.\", so no driver gets it", NULL },
	{ PART_MISS_OTHER, "miss-other", "names another module than {module}", NULL },
	{ PART_MISS_CAPITALS, "miss-capitals", "has capital letters, but the kernel knows only {word}", NULL },
	{ PART_MISS_NO_VALUE, "miss-no-value", "lacks \"={value}\", so it has no effect", NULL },
	{ PART_MISS_BLANKS, "miss-blanks", "has a blank beside or in place of \"=\", so the kernel reads several words",
	  NULL },
	{ PART_MISS_VALUE, "miss-value", "has a value that the kernel does not understand", NULL },
	{ PART_MISS_TYPO, "miss-typo", "is misspelled: it should be {word}", NULL },
	{ PART_MISS_QUOTED, "miss-quoted", "is in quotation marks of its own, so the kernel reads one word", NULL },
	{ PART_MISS_INSIDE, "miss-inside", "is one word to the kernel: {word} needs a blank before and after it",
	  NULL },
	{ PART_MISS_QUOTES, "miss-quotes", "has quotes that neither sh nor the kernel knows", NULL },
	{ PART_MISS_FOR_INIT, "miss-for-init", "comes after \"--\", so init gets it instead of the kernel", NULL },
	{ FIX_MOVE_BEFORE, "move-before", "move {word} before the \"--\" in {place}", NULL },
	{ FIX_UNQUOTE, "unquote", "remove the inner quotation marks of \"{found}\" in {place}", NULL },
	{ FIX_WRITE_RIGHT, "write-right", "write \"{right}\" instead of \"{found}\" in {place}", NULL },
	{ FIX_PUT_BLANKS, "put-blanks", "put a blank before and after {word} in {place}", NULL },

	{ PART_UNREAD, "unread", "that can be read ({place}: {what})", NULL },
	{ PART_NOT_UNDERSTOOD, "not-understood", "that can be read ({place} is not understood: '{what}')", NULL },
};

const struct word_table words_cmdline = { rows, ARRAY_SIZE(rows) };
