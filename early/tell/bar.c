// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/bar.h"

#include <ctype.h>
#include <stdio.h>

static const char *fill_text(const struct terminal *terminal, enum bar_fill fill)
{
	switch (fill) {
	case BAR_HOST:
		return terminal_pick(terminal, "▒", "#");
	case BAR_TAKEN:
		return terminal_pick(terminal, "█", "=");
	case BAR_FREE:
		break;
	}
	return terminal_pick(terminal, "·", ".");
}

static enum colour part_colour(const struct bar_part *part)
{
	return part->fill == BAR_TAKEN ? part->colour : part->fill == BAR_FREE ? COLOUR_GOOD : COLOUR_FAINT;
}

static void print_part(const struct terminal *terminal, const struct bar_part *part, size_t width)
{
	char text[4 * TERMINAL_MOST] = "", label[2] = { part->label, '\0' },
		      letter[2] = { (char)tolower((unsigned char)part->label), '\0' };
	bool by_letter = part->fill == BAR_TAKEN && part->label && !terminal->colour;
	const char *fill = by_letter ? letter : fill_text(terminal, part->fill);
	size_t used = 0;
	for (size_t i = 0; i < width && used + 4 < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", i == 0 && part->label ? label : fill);
	terminal_print(terminal, part_colour(part), 0, text);
}

void bar_print(const struct terminal *terminal, const struct bar_part parts[], size_t count, size_t width)
{
	uint64_t whole = 0, begun = 0;
	size_t at = 0, behind = 0; // behind: parts still to come that need a column
	for (size_t i = 0; i < count; i++) {
		whole += parts[i].amount;
		behind += parts[i].amount > 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (parts[i].amount == 0)
			continue;
		behind--;
		begun += parts[i].amount;
		size_t end = (size_t)((begun * width + whole / 2) / whole);
		if (end <= at)
			end = at + 1;
		if (end + behind > width && width > at + behind)
			end = width - behind;
		print_part(terminal, &parts[i], end - at);
		at = end;
	}
}

void bar_print_span(const struct terminal *terminal, enum colour colour, uint64_t begin, uint64_t end, uint64_t whole,
		    size_t width)
{
	char text[4 * TERMINAL_MOST] = "";
	size_t used = 0, from = whole ? (size_t)(begin * width / whole) : 0,
	       to = whole ? (size_t)(end * width / whole) : 0;
	if (from >= width)
		from = width - 1;
	if (to <= from)
		to = from + 1;
	if (to > width)
		to = width;
	for (size_t i = from; i < to && used + 4 < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", fill_text(terminal, BAR_TAKEN));
	fprintf(terminal->stream, "%*s", (int)from, "");
	terminal_print(terminal, colour, 0, text);
}
