// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/plain.h"
#include "base/stream.h"

#define BLOCK_SIZE 4096

static struct output {
	FILE *stream; // or NULL: not opened
	bool raw;
	struct plain plain;
} outputs[2];

FILE *output_stream(void)
{
	return outputs[0].stream ? outputs[0].stream : stdout;
}

FILE *error_stream(void)
{
	return outputs[1].stream ? outputs[1].stream : stderr;
}

static int descriptor_of(const struct output *output)
{
	return output == &outputs[0] ? STDOUT_FILENO : STDERR_FILENO;
}

// Returns -1 on an error: with the 0 of fopencookie(3) musl's fflush() takes what is lost for written.
static ssize_t write_plain(void *cookie, const char *data, size_t length)
{
	struct output *output = cookie;
	char plain[BLOCK_SIZE + PLAIN_CHARACTER_MAX];
	if (output->raw)
		return stream_write(descriptor_of(output), data, length, UINT64_MAX) == 0 ? (ssize_t)length : -1;
	for (size_t at = 0; at < length;) {
		size_t piece = length - at < BLOCK_SIZE ? length - at : BLOCK_SIZE;
		size_t n = plain_take(&output->plain, data + at, piece, plain);
		if (stream_write(descriptor_of(output), plain, n, UINT64_MAX) < 0)
			return -1;
		at += piece;
	}
	return (ssize_t)length;
}

static void open_plain(struct output *output, char *buffer, size_t size)
{
	output->plain.utf8 = plain_locale_is_utf8();
	output->stream = fopencookie(output, "w", (cookie_io_functions_t){ .write = write_plain });
	if (output->stream)
		(void)setvbuf(output->stream, buffer, buffer ? _IOFBF : _IONBF, size);
}

void output_open(void)
{
	static char buffer[BLOCK_SIZE];
	open_plain(&outputs[0], buffer, sizeof(buffer));
	open_plain(&outputs[1], NULL, 0);
}

void output_is_data(void)
{
	if (!isatty(STDOUT_FILENO))
		outputs[0].plain.utf8 = true;
}

void output_raw(FILE *stream, const char *text)
{
	struct output *output = &outputs[stream == outputs[1].stream];
	if (stream != output->stream) { // no stream of ours
		fputs(text, stream);
		return;
	}
	if (fflush(stream) != 0)
		return;
	output->raw = true;
	fputs(text, stream);
	(void)fflush(stream);
	output->raw = false;
}
