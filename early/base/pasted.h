// SPDX-License-Identifier: GPL-2.0-or-later
// Commands within a sentence, which are there to be pasted: "run 'update-grub' and reboot", "remove that line: sed -i
// '/^x$/d' FILE".
#pragma once

#include <stddef.h>

// How many bytes the command has that begins at "at", a word of the text; 0 when none does. In quotes (which belong to
// it), or behind a colon and up to a comma, a semicolon, a parenthesis or the end. Likewise an assignment behind "write
// ".
size_t pasted_length(const char *text, const char *at);
