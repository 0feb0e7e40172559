// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/clean_list.h"

#include <stdio.h>

#define NAME_SIZE 64
#define BEHIND    " (gvt-early setup: "

// The module that a line names alone, "" for none.
static void line_name(const char *line, size_t length, char ret[static NAME_SIZE])
{
	size_t begin = 0;
	while (begin < length && strchr(" \t", line[begin]))
		begin++;
	while (length > begin && strchr(" \t\r", line[length - 1]))
		length--;
	snprintf(ret, NAME_SIZE, "%.*s", length - begin < NAME_SIZE ? (int)(length - begin) : 0, line + begin);
	if (strpbrk(ret, " \t#;"))
		ret[0] = '\0';
}

// A line without its end, which may be of Windows.
static size_t line_length(const char *line, size_t *ret_end)
{
	size_t length = strcspn(line, "\n");
	*ret_end = length + (line[length] == '\n');
	return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
}

static char *finish(FILE *to, char **text)
{
	if (to && fclose(to) == 0)
		return *text;
	free(*text);
	return NULL;
}

char *clean_list(const char *text, const char *release, clean_lacks lacks, void *data)
{
	size_t size, end;
	char *more = NULL, name[NAME_SIZE];
	FILE *to = open_memstream(&more, &size);
	for (const char *line = text; to && *line; line += end) {
		size_t length = line_length(line, &end);
		line_name(line, length, name);
		if (name[0] && lacks(data, name))
			fprintf(to, "# %.*s" BEHIND "kernel %s has no such module)%.*s", (int)length, line, release,
				(int)(end - length), line + length);
		else
			fprintf(to, "%.*s", (int)end, line);
	}
	return finish(to, &more);
}

char *clean_list_undo(const char *text)
{
	size_t size, end;
	char *more = NULL;
	FILE *to = open_memstream(&more, &size);
	for (const char *line = text; to && *line; line += end) {
		size_t length = line_length(line, &end);
		const char *behind = memmem(line, length, BEHIND, strlen(BEHIND));
		if (starts_with(line, "# ") && behind)
			fprintf(to, "%.*s%.*s", (int)(behind - line) - 2, line + 2, (int)(end - length), line + length);
		else
			fprintf(to, "%.*s", (int)end, line);
	}
	return finish(to, &more);
}
