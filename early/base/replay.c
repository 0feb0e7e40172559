// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/named_dir.h"

#define ERRNO_MAX 4095 // include/linux/err.h: MAX_ERRNO

// The words of REPLAY_FILE, in the order of the kinds.
static const char *const kind_names[] = { "error", "inode", "changed", "parameter" };

// What a capture says of a path.
struct number {
	enum replay_kind kind;
	int64_t number;
	char *path;
};
static struct number *numbers;
static size_t number_count;
static bool is_copy;

bool replay_line(enum replay_kind kind, int64_t number, const char *path, char *ret, size_t size)
{
	return !strchr(path, '\n') &&
		snprintf(ret, size, "%s %" PRId64 " %s", kind_names[kind], kind == REPLAY_ERROR ? -number : number,
			 path) < (int)size;
}

static int add_number(enum replay_kind kind, int64_t number, const char *path)
{
	struct number *more = realloc(numbers, (number_count + 1) * sizeof(*numbers));
	if (!more)
		return -ENOMEM;
	numbers = more;
	numbers[number_count] = (struct number){ .kind = kind, .number = number, .path = strdup(path) };
	return numbers[number_count].path ? (int)(number_count++, 0) : -ENOMEM;
}

static int take_line(const char *line, size_t length)
{
	char text[NAMED_PATH_SIZE + 32], name[16];
	int64_t number = 0;
	int at = 0;
	if (length >= sizeof(text))
		return -EINVAL;
	memcpy(text, line, length);
	text[length] = '\0';
	if (sscanf(text, "%15s", name) != 1)
		return 0;
	for (enum replay_kind kind = REPLAY_ERROR; kind < REPLAY_KINDS; kind++) {
		if (!streq(name, kind_names[kind]))
			continue;
		if (sscanf(text, "%*s %" SCNd64 " %n", &number, &at) != 1 || at == 0 || !text[at] ||
		    (kind == REPLAY_ERROR && (number <= 0 || number > ERRNO_MAX)))
			return -EINVAL;
		return add_number(kind, kind == REPLAY_ERROR ? -number : number, text + at);
	}
	return 0;
}

int replay_take(const char *text)
{
	for (size_t i = 0; i < number_count; i++)
		free(numbers[i].path);
	number_count = 0;
	is_copy = starts_with(text, REPLAY_HEAD);
	if (!is_copy)
		return -EINVAL;
	text += strlen(REPLAY_HEAD);
	while (*text) {
		size_t length = strcspn(text, "\n");
		int r = take_line(text, length);
		if (r < 0)
			return r;
		text += length + (text[length] == '\n');
	}
	return 0;
}

bool replay_is_copy(void)
{
	return is_copy;
}

static const struct number *number_at(enum replay_kind kind, int dir, const char *path)
{
	char asked[NAMED_PATH_SIZE];
	if (number_count == 0 || !named_dir_path(dir, path, asked, sizeof(asked)))
		return NULL;
	for (size_t i = 0; i < number_count; i++)
		if (numbers[i].kind == kind && streq(numbers[i].path, asked))
			return &numbers[i];
	return NULL;
}

int replay_error_at(int dir, const char *path)
{
	const struct number *number = number_at(REPLAY_ERROR, dir, path);
	return number ? (int)number->number : 0;
}

bool replay_inode_at(int dir, const char *path, uint64_t *ret)
{
	const struct number *number = number_at(REPLAY_INODE, dir, path);
	if (number)
		*ret = (uint64_t)number->number;
	return number;
}

bool replay_changed_at(int dir, const char *path, int64_t *ret)
{
	const struct number *number = number_at(REPLAY_CHANGED, dir, path);
	if (number)
		*ret = number->number;
	return number;
}

bool replay_parameter_at(int dir, const char *path, int64_t *ret)
{
	const struct number *number = number_at(REPLAY_PARAMETER, dir, path);
	if (number)
		*ret = number->number;
	return number;
}
