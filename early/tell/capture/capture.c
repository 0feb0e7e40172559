// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/capture/capture.h"

#include <errno.h>

#include "base/named_dir.h"
#include "base/replay.h"
#include "tell/capture/redact.h"
#include "tell/capture/tar.h"

#define SIZE_COLUMNS 9

static void list(const struct terminal *terminal, size_t length, const char *path, const char *what)
{
	char size[SIZE_COLUMNS + 16], text[NAMED_PATH_SIZE + 80];
	snprintf(size, sizeof(size), "%*zu", SIZE_COLUMNS, length);
	snprintf(text, sizeof(text), "/%.4000s%s%s%s", path, *what ? " (" : "", what, *what ? ")" : "");
	fprintf(terminal->stream, "%s  ", size);
	terminal_wrap(terminal, SIZE_COLUMNS + 2, SIZE_COLUMNS + 2, text);
}

static int add_file(FILE *stream, const struct recording_item *item, const struct terminal *terminal)
{
	CLEANUP_FREE char *data = malloc(item->length + 1);
	const char *what = "";
	if (!data)
		return -ENOMEM;
	memcpy(data, item->data, item->length);
	data[item->length] = '\0';
	size_t length = redact_reduce(item->path, data, item->length, &what);
	list(terminal, length, item->path, what);
	return tar_add_file(stream, item->path, data, length);
}

static int add(FILE *stream, const struct recording_item *item, const struct terminal *terminal)
{
	switch (item->kind) {
	case RECORDING_DIR:
		return item->path[0] ? tar_add_dir(stream, item->path) : 0;
	case RECORDING_EMPTY:
		return tar_add_file(stream, item->path, "", 0);
	case RECORDING_LINK:
		return tar_add_link(stream, item->path, item->data);
	case RECORDING_FILE:
		return add_file(stream, item, terminal);
	case RECORDING_ERROR:
	case RECORDING_INODE:
	case RECORDING_CHANGED:
	case RECORDING_PARAMETER:
		break;
	}
	return 0;
}

// What files cannot show by themselves.
static int add_numbers(FILE *stream, const struct recording *trace, const struct terminal *terminal)
{
	CLEANUP_FREE char *text = NULL;
	size_t length = 0;
	FILE *numbers = open_memstream(&text, &length);
	if (!numbers)
		return -ENOMEM;
	fputs(REPLAY_HEAD, numbers);
	for (size_t i = 0; i < trace->count; i++) {
		const struct recording_item *item = &trace->items[i];
		char line[NAMED_PATH_SIZE + 64];
		if (!recording_line(item, line, sizeof(line)))
			continue;
		fprintf(numbers, "%s\n", line);
		if (item->kind == RECORDING_ERROR)
			list(terminal, 0, item->path,
			     item->number == -ETIMEDOUT ? "does not answer" : strerror((int)-item->number));
	}
	if (fclose(numbers) != 0)
		return -ENOMEM;
	list(terminal, length, REPLAY_FILE, "what could not be read, inode numbers, modification times");
	return tar_add_file(stream, REPLAY_FILE, text, length);
}

int capture_make(const struct recording *trace, const struct terminal *terminal, char **ret_data, size_t *ret_length)
{
	char *data = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&data, &length);
	if (!stream)
		return -ENOMEM;
	int r = 0;
	for (size_t i = 0; i < trace->count && (r == 0 || r == -ENAMETOOLONG); i++) {
		r = add(stream, &trace->items[i], terminal);
		if (r == -ENAMETOOLONG)
			list(terminal, 0, trace->items[i].path, "skipped: its name is too long");
	}
	if (r == 0 || r == -ENAMETOOLONG)
		r = add_numbers(stream, trace, terminal);
	tar_end(stream);
	if (fclose(stream) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		free(data);
		return r;
	}
	*ret_data = data;
	*ret_length = length;
	return 0;
}
