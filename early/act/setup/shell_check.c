// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/shell_check.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/program.h"
#include "base/stream.h"
#include "read/boot/grub_settings.h"

#define LIMIT_S  10
#define TEXT_MAX (64 * 1024)
#define END      "\032" // behind each value

// As grub-mkconfig does it; what the files print is not asked for. No descriptor gets a number: a file may have it.
static const char script[] = "set -e; { for file; do . \"$file\"; done; } >/dev/null 2>&1; "
			     "printf '%s" END "%s" END "' \"$" GRUB_ALWAYS "\" \"$" GRUB_EVERYDAY "\"";

struct script {
	int fds[WORDS_FILES_MAX];
	char names[WORDS_FILES_MAX][32];
	const char *arguments[WORDS_FILES_MAX + 8];
	size_t count;
};

// The text becomes a file that nobody else sees.
static int add_text(struct script *to, const char *text)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	to->fds[to->count] = fd;
	snprintf(to->names[to->count], sizeof(to->names[0]), "/proc/self/fd/%d", fd);
	to->arguments[4 + to->count] = to->names[to->count];
	to->count++;
	return stream_write(fd, text, strlen(text), UINT64_MAX);
}

static const char *text_after(const struct words_edit *edit, const struct settings_text *text)
{
	for (size_t i = 0; edit && i < edit->count; i++)
		if (streq(edit->items[i].path, text->path))
			return edit->items[i].after;
	return text->text;
}

static bool is_new(const struct words_task *task, const char *path)
{
	for (size_t i = 0; i < task->texts->count; i++)
		if (streq(task->texts->items[i].path, path))
			return false;
	return true;
}

// In the order in which they are read: what is new comes last (words_edit.c).
static int add_texts(struct script *to, const struct words_task *task, const struct words_edit *edit)
{
	int r = 0;
	for (size_t i = 0; i < task->texts->count && i < WORDS_FILES_MAX - 1 && r == 0; i++) {
		const char *text = text_after(edit, &task->texts->items[i]);
		if (text)
			r = add_text(to, text);
	}
	for (size_t i = 0; edit && i < edit->count && r == 0; i++)
		if (edit->items[i].after && is_new(task, edit->items[i].path) && to->count < WORDS_FILES_MAX)
			r = add_text(to, edit->items[i].after);
	return r;
}

// The words that sh reads; NULL when it reads none.
static char *ask(const struct words_task *task, const struct words_edit *edit)
{
	struct script to = { .arguments = { "sh", "-c", script, "sh" } };
	CLEANUP_FREE char *output = NULL;
	char *words = NULL, *everyday, *end;
	int r = add_texts(&to, task, edit);
	if (r == 0)
		r = program_output(to.arguments, to.fds, to.count, clock_now_us() + LIMIT_S * USEC_PER_SEC, TEXT_MAX,
				   &output);
	for (size_t i = 0; i < to.count; i++)
		close(to.fds[i]);
	everyday = r == 0 ? strstr(output, END) : NULL;
	end = everyday ? strstr(everyday + 1, END) : NULL;
	if (end) {
		*everyday++ = *end = '\0';
		words = words_of_grub(output, everyday);
	}
	return words;
}

static void refuse(struct words_edit *edit, const char *words)
{
	edit->trouble = WORDS_SHELL;
	snprintf(edit->text, sizeof(edit->text), "%s", words ? words : "");
	for (char *c = edit->text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

int shell_check_end(struct words_edit *edit, const struct words_task *task)
{
	CLEANUP_FREE char *words = ask(task, edit);
	if (!words)
		refuse(edit, NULL);
	return 0;
}

int shell_check(struct words_edit *edit, const struct words_task *task)
{
	const struct word_change *missing;
	if (edit->trouble != WORDS_FINE || edit->count == 0)
		return 0;
	CLEANUP_FREE char *before = ask(task, NULL);
	CLEANUP_FREE char *after = ask(task, edit);
	CLEANUP_FREE char *expected = before ? words_change(before, task->changes, task->count, &missing) : NULL;
	if (before && !expected)
		return -ENOMEM;
	if (after && expected && words_are(after, expected, task->changes, task->count))
		return 0;
	refuse(edit, after);
	return 0;
}
