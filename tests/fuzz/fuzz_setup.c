// SPDX-License-Identifier: GPL-2.0-or-later
// Words put into files of a bootloader, and taken out again. NULs part what: "l" for /etc/kernel/cmdline, the old
// words, the new ones, and the text; for GRUB one more text, of a drop-in.
#include "fuzz.h"

#include "decide/setup/clean_list.h"
#include "decide/setup/setup_part.h"
#include "read/boot/grub_settings.h"

static bool lacks(void *data, const char *name)
{
	(void)data;
	return name[0] == 'x';
}

static char *copy(const char *text)
{
	char *more = text ? strdup(text) : NULL;
	CHECK(more || !text);
	return more;
}

static void apply(struct settings_texts *texts, const struct words_edit *edit)
{
	for (size_t i = 0; i < edit->count; i++) {
		size_t k = 0;
		while (k < texts->count && strcmp(texts->items[k].path, edit->items[i].path) != 0)
			k++;
		if (k == texts->count)
			texts->items[texts->count++] = (struct settings_text){ .path = copy(edit->items[i].path) };
		CHECK(texts->count <= 4);
		CHECK(!texts->items[k].text == !edit->items[i].before);
		CHECK(!edit->items[i].before || strcmp(texts->items[k].text, edit->items[i].before) == 0);
		free(texts->items[k].text);
		texts->items[k].text = copy(edit->items[i].after);
	}
}

static int make(struct words_edit *edit, const struct words_task *task, enum setup_kind kind)
{
	return kind == SETUP_GRUB ? words_edit_grub(edit, task) : words_edit_line(edit, task);
}

static void check_lists(const char *text)
{
	char *cleaned = clean_list(text, "6.1", lacks, NULL);
	CHECK(cleaned);
	char *twice = clean_list(cleaned, "6.1", lacks, NULL), *undone = clean_list_undo(cleaned);
	CHECK(twice && undone && strcmp(twice, cleaned) == 0);
	CHECK(strstr(text, "(gvt-early setup: ") || strcmp(undone, text) == 0);
	free(cleaned);
	free(twice);
	free(undone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *parts[5] = { NULL };
	size_t at = 0;
	for (size_t i = 0; i < 5; i++) {
		parts[i] = copy(at <= size ? text + at : "");
		at += strlen(parts[i]) + 1;
	}
	enum setup_kind kind = parts[0][0] == 'l' ? SETUP_LINE : SETUP_GRUB;
	struct word_change change = { .old = "" };
	snprintf(change.old, sizeof(change.old), "%s", parts[1]);
	snprintf(change.new, sizeof(change.new), "%s", parts[2]);
	struct settings_texts texts = { .items = calloc(4, sizeof(*texts.items)) };
	CHECK(texts.items);
	texts.items[texts.count++] =
		(struct settings_text){ copy(kind == SETUP_GRUB ? GRUB_FILE : "etc/kernel/cmdline"), copy(parts[3]) };
	if (kind == SETUP_GRUB && parts[4][0])
		texts.items[texts.count++] = (struct settings_text){ copy(GRUB_DROPINS "/50.cfg"), copy(parts[4]) };
	struct words_task task = { .texts = &texts,
				   .changes = &change,
				   .count = change.old[0] || change.new[0],
				   .running = "root=/dev/sda1",
				   .dropins = true };
	struct words_edit edit, again, undone;
	CHECK(make(&edit, &task, kind) == 0 || strlen(parts[3]) > 32000);
	CHECK(edit.trouble == WORDS_FINE || edit.count == 0);
	if (edit.trouble == WORDS_FINE && edit.count > 0) {
		struct setup_part part = { .kind = kind,
					   .changes = { change },
					   .change_count = 1,
					   .edits = edit.items,
					   .edit_count = edit.count };
		struct word_change back[CHANGES_MAX];
		size_t count;
		apply(&texts, &edit);
		// What came of it gives the words that were said, and is undone to the byte.
		task.count = 0;
		CHECK(make(&again, &task, kind) == 0 && again.trouble == WORDS_FINE && again.count == 0);
		CHECK(strcmp(again.words, edit.words) == 0);
		CHECK(kind != SETUP_LINE || strstr(edit.words, "root="));
		CHECK(setup_undo(&undone, back, &count, &part, &task) == 0 && undone.trouble == WORDS_FINE);
		CHECK(undone.count == edit.count);
		for (size_t i = 0; i < undone.count; i++)
			for (size_t k = 0; k < edit.count; k++)
				CHECK(strcmp(undone.items[i].path, edit.items[k].path) != 0 ||
				      !undone.items[i].after == !edit.items[k].before);
		words_edit_free(&again);
		words_edit_free(&undone);
	}
	words_edit_free(&edit);
	settings_texts_free(&texts);
	check_lists(parts[3]);
	for (size_t i = 0; i < 5; i++)
		free(parts[i]);
	free(text);
	return 0;
}
