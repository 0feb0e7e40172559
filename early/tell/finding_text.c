// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/finding_text.h"
#include "tell/words.h"

enum colour severity_colour(enum severity severity)
{
	static const enum colour colours[] = {
		[SEVERITY_OK] = COLOUR_GOOD,
		[SEVERITY_HINT] = COLOUR_NONE,
		[SEVERITY_WARNING] = COLOUR_WARNING,
		[SEVERITY_FAILED] = COLOUR_BAD,
	};
	return colours[severity];
}

void finding_print(const struct terminal *terminal, const char *what, const struct finding *finding)
{
	size_t width = *what ? FINDING_WHAT + FINDING_TEXT : FINDING_TEXT;
	if (*what)
		terminal_print(terminal, COLOUR_NONE, FINDING_WHAT, what);
	terminal_print(terminal, severity_colour(finding->severity), FINDING_TEXT, severity_name(finding->severity));
	char text[SENTENCE_SIZE];
	terminal_wrap_below(terminal, width, finding_text(finding, text, sizeof(text)));
}

void finding_print_next(const struct terminal *terminal, const char *text)
{
	if (!*text)
		return;
	terminal_print(terminal, COLOUR_STRONG, 0, "Next:");
	fputc(' ', terminal->stream);
	terminal_wrap(terminal, strlen("Next: "), strlen("Next: "), text);
}

size_t finding_new_part(const char *text, const char *before)
{
	const char *rest = strstr(text, "; "), *rest_before = strstr(before, "; ");
	if (streq(text, before))
		return 0;
	return rest && rest_before && streq(rest, rest_before) ? (size_t)(rest - text) : strlen(text);
}
