// SPDX-License-Identifier: GPL-2.0-or-later
// What this host's own sh makes of GRUB's files, which grub-mkconfig lets it read: asked before anything of them is
// written.
#pragma once

#include "decide/setup/words_edit.h"

// Whether sh reads the words of the files that are written as they were meant. Else it becomes edit's trouble, and
// nothing is to be written. Returns a negative errno only when out of memory.
MUST_CHECK int shell_check(struct words_edit *edit, const struct words_task *task);
// The same where only that sh reads the files to their end is asked for.
MUST_CHECK int shell_check_end(struct words_edit *edit, const struct words_task *task);
