// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include <strings.h>

// As setlocale() finds it; a static binary has no locales of its own to load.
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);
		if (!value || !*value)
			continue;
		const char *charset = strchr(value, '.');
		return charset && (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
	}
	return false;
}

static bool remembered[STDERR_FILENO + 1];

void terminal_remember(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		remembered[fd] = isatty(fd);
	if (remembered[STDOUT_FILENO])
		(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

bool terminal_is(FILE *stream)
{
	int fd = fileno(stream);
	return ((fd == STDOUT_FILENO || fd == STDERR_FILENO) && remembered[fd]) || isatty(fd);
}

void terminal_open(struct terminal *terminal, FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	*terminal = (struct terminal){
		.stream = stream,
		.colour = terminal_is(stream) && !(no_color && *no_color) && term && *term && !streq(term, "dumb"),
		.utf8 = locale_is_utf8(),
	};
}

const char *terminal_pick(const struct terminal *terminal, const char *utf8, const char *ascii)
{
	return terminal->utf8 ? utf8 : ascii;
}

static size_t width_of(const char *text, size_t length)
{
	size_t width = 0;
	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80; // not a further byte of a character
	return width;
}

size_t terminal_width(const char *text)
{
	return width_of(text, strlen(text));
}

// ECMA-48, "select graphic rendition": the eight basic colours, which every console has.
static const char *colour_code(enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_NONE] = NULL,	[COLOUR_GOOD] = "\033[32m", [COLOUR_WARNING] = "\033[33m",
		[COLOUR_BAD] = "\033[31m", [COLOUR_FAINT] = "\033[2m", [COLOUR_STRONG] = "\033[1m",
	};
	return codes[colour];
}

void terminal_print(const struct terminal *terminal, enum colour colour, size_t width, const char *text)
{
	const char *code = terminal->colour ? colour_code(colour) : NULL;
	fprintf(terminal->stream, "%s%s%s", code ? code : "", text, code ? "\033[0m" : "");
	for (size_t n = terminal_width(text); n < width; n++)
		fputc(' ', terminal->stream);
}

// How many bytes of a text are its first columns.
static size_t bytes_of(const char *text, size_t length, size_t columns)
{
	size_t at = 0;
	while (at < length && columns > 0) {
		at++;
		while (at < length && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
		columns--;
	}
	return at;
}

void terminal_wrap(const struct terminal *terminal, size_t at, size_t indent, const char *text)
{
	bool first = true; // on its line
	while (*text) {
		size_t length = strcspn(text, " ");
		size_t width = width_of(text, length);
		if (!first && at + 1 + width > TERMINAL_COLUMNS) {
			fprintf(terminal->stream, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		if (first && at + width > TERMINAL_COLUMNS) { // cut where the line ends, and the rest on the next
			length = bytes_of(text, length, TERMINAL_COLUMNS - at);
			fprintf(terminal->stream, "%.*s\n%*s", (int)length, text, (int)indent, "");
			at = indent;
			text += length;
			continue;
		}
		fprintf(terminal->stream, "%s%.*s", first ? "" : " ", (int)length, text);
		at += width + !first;
		first = false;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', terminal->stream);
}
