// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/terminal.h"

#include <sys/ioctl.h>

#include "base/output.h"
#include "base/pasted.h"
#include "base/plain.h"

// By the descriptor; columns is 0 where the terminal does not say.
static struct remembered {
	bool is_terminal;
	unsigned short columns;
} remembered[STDERR_FILENO + 1];

static struct remembered ask(int fd)
{
	struct winsize size;
	struct remembered answer = { .is_terminal = isatty(fd) };
	if (answer.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0)
		answer.columns = size.ws_col;
	return answer;
}

static struct remembered recall(FILE *stream)
{
	int fd = stream == output_stream() ? STDOUT_FILENO
		: stream == error_stream() ? STDERR_FILENO
					   : fileno(stream); // ours have none (output.h)
	bool known = (fd == STDOUT_FILENO || fd == STDERR_FILENO) && remembered[fd].is_terminal;
	return known ? remembered[fd] : ask(fd);
}

void terminal_remember(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		remembered[fd] = ask(fd);
	if (remembered[STDOUT_FILENO].is_terminal)
		(void)setvbuf(output_stream(), NULL, _IOLBF, BUFSIZ);
}

bool terminal_is(FILE *stream)
{
	return recall(stream).is_terminal;
}

static size_t columns_of(FILE *stream)
{
	const char *value = getenv("COLUMNS");
	char *end = NULL;
	unsigned long columns = value ? strtoul(value, &end, 10) : 0;
	if (!value || end == value || *end)
		columns = recall(stream).columns;
	if (columns == 0)
		return TERMINAL_COLUMNS;
	return columns < TERMINAL_LEAST ? TERMINAL_LEAST : columns > TERMINAL_MOST ? TERMINAL_MOST : columns;
}

void terminal_open(struct terminal *terminal, FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	*terminal = (struct terminal){
		.stream = stream,
		.colour = terminal_is(stream) && !(no_color && *no_color) && term && *term && !streq(term, "dumb"),
		.utf8 = plain_locale_is_utf8(),
		.columns = columns_of(stream),
	};
}

bool terminal_is_narrow(const struct terminal *terminal)
{
	return terminal->columns < TERMINAL_NARROW;
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
		[COLOUR_NONE] = NULL,
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_WARNING] = "\033[33m",
		[COLOUR_BAD] = "\033[31m",
		[COLOUR_FAINT] = "\033[2m",
		[COLOUR_STRONG] = "\033[1m",
		[COLOUR_OWNER] = "\033[36m",
		[COLOUR_OWNER + 1] = "\033[35m",
		[COLOUR_OWNER + 2] = "\033[34m",
		[COLOUR_OWNER + 3] = "\033[33m",
		[COLOUR_OWNER + 4] = "\033[1;36m",
		[COLOUR_OWNER + 5] = "\033[1;35m",
		[COLOUR_OWNER_LAST] = "\033[1;34m",
	};
	return codes[colour];
}

// A copy that the stream will not change any more: only of that the width is known. What is too long is cut.
#define TEXT_MAX 8192

void terminal_print(const struct terminal *terminal, enum colour colour, size_t width, const char *text)
{
	const char *code = terminal->colour ? colour_code(colour) : NULL;
	char plain[TEXT_MAX];
	plain_line(text, terminal->utf8, plain, sizeof(plain));
	if (code)
		output_raw(terminal->stream, code);
	fputs(plain, terminal->stream);
	if (code)
		output_raw(terminal->stream, "\033[0m");
	for (size_t n = terminal_width(plain); n < width; n++)
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

// Where a line is, while a text is broken into lines.
struct line {
	const struct terminal *terminal;
	size_t at, indent;
	bool empty; // nothing of the text is on it
};

static void line_break(struct line *line)
{
	fprintf(line->terminal->stream, "\n%*s", (int)line->indent, "");
	line->at = line->indent;
	line->empty = true;
}

static bool line_has_room(const struct line *line, size_t width)
{
	return line->at + !line->empty + width <= line->terminal->columns;
}

static void line_put(struct line *line, const char *text, size_t length, size_t width)
{
	fprintf(line->terminal->stream, "%s%.*s", line->empty ? "" : " ", (int)length, text);
	line->at += width + !line->empty;
	line->empty = false;
}

// Cut where the line ends, and the rest on the next.
static void put_word(struct line *line, const char *text, size_t length)
{
	while (!line_has_room(line, width_of(text, length)) && line->at < line->terminal->columns) {
		size_t room = line->terminal->columns - line->at, bytes = bytes_of(text, length, room);
		line_put(line, text, bytes, room);
		line_break(line);
		text += bytes;
		length -= bytes;
	}
	line_put(line, text, length, width_of(text, length));
}

// A command on a line of its own, without the quotes around it: the whole line can be pasted.
static void put_alone(struct line *line, const char *text, size_t length, bool more)
{
	if (*text == '\'' && memchr(text, ' ', length)) {
		while (length > 1 && text[length - 1] != '\'')
			length--;
		text++;
		length -= 2;
	}
	size_t indent = line->indent;
	line->indent = indent < NARROW_INDENT ? indent : NARROW_INDENT;
	if (line->at > line->indent || !line->empty)
		line_break(line);
	line->indent = indent;
	fprintf(line->terminal->stream, "%.*s", (int)length, text);
	if (more)
		line_break(line);
}

void terminal_wrap(const struct terminal *terminal, size_t at, size_t indent, const char *text)
{
	struct line line = { .terminal = terminal, .at = at, .indent = indent, .empty = true };
	char begin[TEXT_MAX];
	plain_line(text, terminal->utf8, begin, sizeof(begin));
	text = begin + strspn(begin, " ");
	while (*text) {
		size_t command = pasted_length(begin, text);
		size_t length = command ? command : strcspn(text, " ");
		size_t width = width_of(text, length);
		const char *rest = text + length + strspn(text + length, " ");
		// A path that fits on a line of its own is not cut either.
		bool alone = indent + width > terminal->columns &&
			(command || (indent > NARROW_INDENT && NARROW_INDENT + width <= terminal->columns));
		if (!alone && !line.empty && !line_has_room(&line, width))
			line_break(&line);
		if (alone)
			put_alone(&line, text, length, *rest);
		else if (line_has_room(&line, width))
			line_put(&line, text, length, width);
		else
			put_word(&line, text, length);
		text = rest;
	}
	fputc('\n', terminal->stream);
}

void terminal_wrap_below(const struct terminal *terminal, size_t width, const char *text)
{
	bool narrow = terminal_is_narrow(terminal) && width + terminal_width(text) > terminal->columns;
	if (narrow)
		fprintf(terminal->stream, "\n%*s", NARROW_INDENT, "");
	size_t indent = narrow ? NARROW_INDENT : width;
	terminal_wrap(terminal, indent, indent, text);
}
