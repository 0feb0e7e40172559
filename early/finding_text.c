// SPDX-License-Identifier: GPL-2.0-or-later
#include "finding_text.h"

enum colour severity_colour(enum severity severity)
{
	static const enum colour colours[] = {
		[SEVERITY_OK] = COLOUR_GOOD,
		[SEVERITY_NOTE] = COLOUR_NONE,
		[SEVERITY_WARNING] = COLOUR_WARNING,
		[SEVERITY_FAILED] = COLOUR_BAD,
	};
	return colours[severity];
}

void finding_print(const struct terminal *terminal, const char *what, const struct finding *finding)
{
	size_t indent = *what ? FINDING_WHAT + FINDING_TEXT : FINDING_TEXT;
	if (*what)
		terminal_print(terminal, COLOUR_NONE, FINDING_WHAT, what);
	terminal_print(terminal, severity_colour(finding->severity), FINDING_TEXT, severity_name(finding->severity));
	terminal_wrap(terminal, indent, indent, finding->text);
}
