// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/plan_text.h"

#include <stdarg.h>
#include <stdio.h>

#define STEP_WIDTH   8
#define NUMBER_WIDTH 3
#define BELOW_HEAD   (NUMBER_WIDTH + 2 + STEP_WIDTH + 2)

size_t plan_indent(const struct terminal *terminal)
{
	return terminal_is_narrow(terminal) ? NARROW_INDENT : BELOW_HEAD;
}

void plan_print_head(const struct terminal *terminal, size_t number, enum colour colour, const char *step,
		     const char *name)
{
	if (number > 0)
		fprintf(terminal->stream, "%*zu  ", NUMBER_WIDTH, number);
	else
		fprintf(terminal->stream, "%*s  ", NUMBER_WIDTH, "");
	terminal_print(terminal, colour, STEP_WIDTH, step);
	bool narrow = BELOW_HEAD + terminal_width(name) > terminal->columns;
	if (narrow)
		fprintf(terminal->stream, "\n%*s", (int)plan_indent(terminal), "");
	else
		fputs("  ", terminal->stream);
	terminal_print(terminal, COLOUR_STRONG, 0, name);
	fputc('\n', terminal->stream);
}

void plan_print_line(const struct terminal *terminal, size_t indent, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(terminal->stream, "%*s", (int)indent, "");
	terminal_wrap(terminal, indent, indent, text);
}

void plan_print_whole(const struct terminal *terminal, size_t indent, const char *line)
{
	bool fits = indent + terminal_width(line) <= terminal->columns;
	size_t less = indent < NARROW_INDENT ? indent : NARROW_INDENT;
	fprintf(terminal->stream, "%*s%s\n", (int)(fits ? indent : less), "", line);
}
