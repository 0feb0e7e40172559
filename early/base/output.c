// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/plain.h"
#include "base/stream.h"

#define BLOCK_SIZE 4096

static struct output {
	int fd;
	bool raw;
	struct plain plain;
} outputs[2];

// As fopencookie(3) has it: 0 is an error.
static ssize_t write_plain(void *cookie, const char *data, size_t length)
{
	struct output *output = cookie;
	char plain[BLOCK_SIZE + PLAIN_CHARACTER_MAX];
	if (output->raw)
		return stream_write(output->fd, data, length, UINT64_MAX) == 0 ? (ssize_t)length : 0;
	for (size_t at = 0; at < length;) {
		size_t piece = length - at < BLOCK_SIZE ? length - at : BLOCK_SIZE;
		size_t n = plain_take(&output->plain, data + at, piece, plain);
		if (stream_write(output->fd, plain, n, UINT64_MAX) < 0)
			return 0;
		at += piece;
	}
	return (ssize_t)length;
}

static FILE *open_plain(struct output *output, int fd)
{
	output->fd = fd;
	output->plain.utf8 = plain_locale_is_utf8();
	return fopencookie(output, "w", (cookie_io_functions_t){ .write = write_plain });
}

void output_open(void)
{
	FILE *out = open_plain(&outputs[0], STDOUT_FILENO), *error = open_plain(&outputs[1], STDERR_FILENO);
	if (out)
		stdout = out;
	if (error) {
		(void)setvbuf(error, NULL, _IONBF, 0);
		stderr = error;
	}
}

void output_is_data(void)
{
	if (!isatty(STDOUT_FILENO))
		outputs[0].plain.utf8 = true;
}

void output_raw(FILE *stream, const char *text)
{
	struct output *output = stream == stdout ? &outputs[0] : stream == stderr ? &outputs[1] : NULL;
	if (!output || output->fd == 0) { // no stream of ours
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
