// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/setup_part.h"

#include <errno.h>
#include <stdio.h>

#include "decide/setup/clean_list.h"

void setup_part_free(struct setup_part *part)
{
	for (size_t i = 0; i < part->edit_count; i++) {
		free(part->edits[i].path);
		free(part->edits[i].before);
		free(part->edits[i].after);
	}
	free(part->edits);
	*part = (struct setup_part){ .edit_count = 0 };
}

int setup_part_add(struct setup_part *part, const char *path, const char *before, const char *after)
{
	struct text_edit *more = realloc(part->edits, (part->edit_count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	part->edits = more;
	more = &part->edits[part->edit_count++];
	*more = (struct text_edit){ strdup(path), before ? strdup(before) : NULL, after ? strdup(after) : NULL };
	return more->path && (more->before || !before) && (more->after || !after) ? 0 : -ENOMEM;
}

static bool same(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

static bool copy_texts(struct settings_texts *to, const struct settings_texts *from)
{
	*to = (struct settings_texts){ .items = calloc(from->count + 1, sizeof(*to->items)) };
	for (size_t i = 0; to->items && i < from->count; i++) {
		const struct settings_text *one = &from->items[i];
		to->items[to->count++] =
			(struct settings_text){ strdup(one->path), one->text ? strdup(one->text) : NULL };
		if (!to->items[i].path || (one->text && !to->items[i].text))
			return false;
	}
	return to->items;
}

static struct settings_text *find_text(struct settings_texts *texts, const char *path)
{
	for (size_t i = 0; i < texts->count; i++)
		if (streq(texts->items[i].path, path))
			return &texts->items[i];
	return NULL;
}

enum undone { UNDONE, CHANGED_SINCE, NOT_OURS_ANY_MORE };

// A file that is as it was written becomes what it was before.
static enum undone undo_exactly(struct settings_texts *texts, const struct text_edit *edit)
{
	struct settings_text *now = find_text(texts, edit->path);
	if (!now || !now->text || same(now->text, edit->before))
		return UNDONE; // it is gone, or was never written
	if (!same(now->text, edit->after))
		return edit->before ? CHANGED_SINCE : NOT_OURS_ANY_MORE;
	free(now->text);
	now->text = edit->before ? strdup(edit->before) : NULL;
	return UNDONE;
}

static int take_words(struct words_edit *edit, const struct words_task *task, enum setup_kind kind)
{
	return kind == SETUP_GRUB ? words_edit_grub(edit, task) : words_edit_line(edit, task);
}

// The changes the other way round, of those that the words still show. False where it cannot be told which words were
// put in.
static bool reverse(const struct setup_part *part, const char *words, struct word_change *ret, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = part->change_count; i-- > 0;) {
		const struct word_change *change = &part->changes[i];
		size_t there = words_count(words, change->new);
		if (change->new[0] && there > 1)
			return false;
		if (change->new[0] ? there == 0 : words_have(words, change->old))
			continue;
		struct word_change *back = &ret[(*ret_count)++];
		memcpy(back->old, change->new, sizeof(back->old));
		memcpy(back->new, change->old, sizeof(back->new));
	}
	return true;
}

static int add_edit(struct words_edit *edit, const char *path, const char *before, const char *after)
{
	struct setup_part part = { .edits = edit->items, .edit_count = edit->count };
	int r = setup_part_add(&part, path, before, after);
	edit->items = part.edits;
	edit->count = part.edit_count;
	return r;
}

static void refuse(struct words_edit *edit, const char *path)
{
	edit->trouble = WORDS_CHANGED;
	snprintf(edit->text, sizeof(edit->text), "%s", path);
}

// Takes words out of files that somebody has changed since.
static int undo_words(struct words_edit *edit, struct word_change *changes, size_t *count,
		      const struct setup_part *part, const struct words_task *task, struct settings_texts *texts,
		      const char *path)
{
	struct words_task inner = *task;
	struct words_edit base, out;
	inner.texts = texts;
	inner.count = 0;
	inner.dropins = false;
	int r = take_words(&base, &inner, part->kind);
	bool known = r == 0 && base.trouble == WORDS_FINE && reverse(part, base.words, changes, count);
	words_edit_free(&base);
	if (r < 0 || !known) {
		refuse(edit, path);
		return r;
	}
	inner.changes = changes;
	inner.count = *count;
	r = take_words(&out, &inner, part->kind);
	if (r == 0 && out.trouble != WORDS_FINE)
		refuse(edit, path);
	for (size_t i = 0; r == 0 && i < out.count; i++) {
		struct settings_text *text = find_text(texts, out.items[i].path);
		free(text ? text->text : NULL);
		if (text)
			text->text = out.items[i].after ? strdup(out.items[i].after) : NULL;
	}
	words_edit_free(&out);
	return r;
}

int settings_texts_compare(struct words_edit *edit, const struct settings_texts *before,
			   const struct settings_texts *after)
{
	int r = 0;
	for (size_t i = 0; i < before->count && r == 0; i++)
		if (!same(before->items[i].text, after->items[i].text))
			r = add_edit(edit, before->items[i].path, before->items[i].text, after->items[i].text);
	return r;
}

// In lists of modules our lines say themselves that they are ours.
static int undo_lists(const struct setup_part *part, struct settings_texts *texts)
{
	for (size_t i = 0; i < part->edit_count; i++) {
		struct settings_text *text = find_text(texts, part->edits[i].path);
		char *more = text && text->text ? clean_list_undo(text->text) : NULL;
		if (text && text->text && !more)
			return -ENOMEM;
		if (more) {
			free(text->text);
			text->text = more;
		}
	}
	return 0;
}

static int undo(struct words_edit *edit, struct word_change *changes, size_t *count, const struct setup_part *part,
		const struct words_task *task, struct settings_texts *texts)
{
	const char *changed = NULL;
	for (size_t i = part->edit_count; i-- > 0;) {
		enum undone undone = undo_exactly(texts, &part->edits[i]);
		if (undone == NOT_OURS_ANY_MORE) {
			refuse(edit, part->edits[i].path);
			return 0;
		}
		if (undone == CHANGED_SINCE)
			changed = part->edits[i].path;
	}
	if (part->kind == SETUP_MODULES && undo_lists(part, texts) < 0)
		return -ENOMEM;
	int r = changed && part->kind != SETUP_MODULES ? undo_words(edit, changes, count, part, task, texts, changed)
						       : 0;
	// Where every file is as it was left, so are the words.
	for (size_t i = part->change_count; !changed && i-- > 0;) {
		struct word_change *back = &changes[(*count)++];
		memcpy(back->old, part->changes[i].new, sizeof(back->old));
		memcpy(back->new, part->changes[i].old, sizeof(back->new));
	}
	return r == 0 && edit->trouble == WORDS_FINE ? settings_texts_compare(edit, task->texts, texts) : r;
}

int setup_undo(struct words_edit *edit, struct word_change *ret_changes, size_t *ret_count,
	       const struct setup_part *part, const struct words_task *task)
{
	struct settings_texts texts;
	*edit = (struct words_edit){ .count = 0 };
	*ret_count = 0;
	if (task->texts->trouble[0]) {
		edit->trouble = WORDS_UNREADABLE;
		snprintf(edit->text, sizeof(edit->text), "%s", task->texts->trouble);
		return 0;
	}
	int r = copy_texts(&texts, task->texts) ? 0 : -ENOMEM;
	if (r == 0)
		r = undo(edit, ret_changes, ret_count, part, task, &texts);
	settings_texts_free(&texts);
	return r;
}
