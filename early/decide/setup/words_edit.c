// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/words_edit.h"

#include <errno.h>
#include <stdio.h>

#include "decide/setup/raw_words.h"
#include "read/boot/grub_settings.h"

#define DROPIN_HEAD "# Written by 'gvt-early setup'; 'gvt-early setup --undo' removes it.\n"

// Files as they would be.
struct draft {
	const struct words_task *task;
	char *paths[WORDS_FILES_MAX]; // with their '/'
	char *texts[WORDS_FILES_MAX]; // NULL where there is none
	size_t count;
};

static bool draft_begin(struct draft *draft, const struct words_task *task)
{
	*draft = (struct draft){ .task = task };
	for (size_t i = 0; i < task->texts->count && i < WORDS_FILES_MAX - 1; i++) {
		const struct settings_text *from = &task->texts->items[i];
		draft->texts[i] = from->text ? strdup(from->text) : NULL;
		if (asprintf(&draft->paths[i], "/%s", from->path) < 0)
			draft->paths[i] = NULL;
		draft->count++;
		if (!draft->paths[i] || (from->text && !draft->texts[i]))
			return false;
	}
	return true;
}

static void draft_free(struct draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		free(draft->paths[i]);
		free(draft->texts[i]);
	}
	draft->count = 0;
}

static int add_item(struct words_edit *edit, const char *path, const char *before, const char *after)
{
	struct text_edit *more = realloc(edit->items, (edit->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	edit->items = more;
	more = &edit->items[edit->count++];
	*more = (struct text_edit){ .path = strdup(path),
				    .before = before ? strdup(before) : NULL,
				    .after = after ? strdup(after) : NULL };
	return !more->path || (before && !more->before) || (after && !more->after) ? -ENOMEM : 0;
}

static int take_draft(struct words_edit *edit, const struct draft *draft)
{
	const struct settings_texts *texts = draft->task->texts;
	int r = 0;
	for (size_t i = 0; i < draft->count && r == 0; i++) {
		const char *before = i < texts->count ? texts->items[i].text : NULL;
		if (draft->texts[i] && (!before || !streq(before, draft->texts[i])))
			r = add_item(edit, draft->paths[i] + 1, before, draft->texts[i]);
	}
	return r;
}

void words_edit_free(struct words_edit *edit)
{
	for (size_t i = 0; i < edit->count; i++) {
		free(edit->items[i].path);
		free(edit->items[i].before);
		free(edit->items[i].after);
	}
	free(edit->items);
	free(edit->words);
	*edit = (struct words_edit){ .count = 0 };
}

static bool adds(const struct words_task *task)
{
	for (size_t i = 0; i < task->count; i++)
		if (!task->changes[i].old[0])
			return true;
	return false;
}

// All words that are added, with a blank between them.
static char *added_words(const struct words_task *task)
{
	char *all = strdup("");
	for (size_t i = 0; i < task->count && all; i++) {
		char *more = NULL;
		if (task->changes[i].old[0])
			continue;
		if (asprintf(&more, "%s%s%s", all, *all ? " " : "", task->changes[i].new) < 0)
			more = NULL;
		free(all);
		all = more;
	}
	return all;
}

//
// What GRUB's files come to
//

char *words_of_grub(const char *always, const char *everyday)
{
	CLEANUP_FREE char *all = NULL;
	CLEANUP_FREE char *line = NULL;
	size_t used;
	if (asprintf(&all, "%s %s", always, everyday) < 0) {
		all = NULL;
		return NULL;
	}
	line = malloc(2 * strlen(all) + 3);
	if (!line || strchr(all, '\n') || grub_line(all, line, &used) != GRUB_LINE_WHOLE)
		return NULL;
	return words_of_line(line);
}

static const char *last_value(const struct shell *shell, const char *name)
{
	const struct shell_assignment *last = shell_last(shell, name);
	return last ? last->value : "";
}

static int read_draft(struct shell *shell, const struct draft *draft)
{
	int r = 0;
	shell_init(shell, draft->task->has_command, draft->task->data);
	for (size_t i = 0; i < draft->count && r == 0; i++)
		if (draft->texts[i])
			r = shell_read(shell, draft->texts[i], draft->paths[i]);
	return r;
}

// The words that a draft gives, NULL when it gives none.
static char *draft_words(const struct draft *draft)
{
	struct shell shell;
	char *words = NULL;
	int r = read_draft(&shell, draft);
	if (r == 0 && shell.failure.kind == SHELL_FINE)
		words = words_of_grub(last_value(&shell, GRUB_ALWAYS), last_value(&shell, GRUB_EVERYDAY));
	shell_free(&shell);
	return words;
}

static bool is_ours(const char *name)
{
	return streq(name, GRUB_ALWAYS) || streq(name, GRUB_EVERYDAY);
}

// Whether all other variables have the values that they had.
static bool others_stay(const struct shell *before, const struct shell *after)
{
	for (size_t i = 0; i < before->count; i++) {
		const char *name = before->assignments[i].name;
		const struct shell_assignment *old = shell_last(before, name), *new = shell_last(after, name);
		if (!is_ours(name) && (!new || !streq(old->value, new->value)))
			return false;
	}
	return after->stray_count == before->stray_count;
}

//
// Where they can be changed
//

// The value of the next assignment of one of the variables in a text that ends behind a place.
static bool next_part(const char *text, const char *name, size_t from, struct raw_part *ret, unsigned *ret_line)
{
	struct shell_lexer lexer;
	struct shell_token token;
	shell_lexer_init(&lexer, text);
	do {
		token = shell_next(&lexer);
		size_t length = strlen(name), begin;
		if (token.kind != SHELL_WORD || token.length <= length || strncmp(token.text, name, length) != 0)
			continue;
		begin = token.text[length] == '+' ? length + 1 : length;
		if (begin >= token.length || token.text[begin] != '=')
			continue;
		*ret = (struct raw_part){ .begin = (size_t)(token.text - text) + begin + 1,
					  .end = (size_t)(token.text - text) + token.length,
					  .shell = true };
		*ret_line = token.line;
		if (ret->end > from)
			return true;
	} while (token.kind == SHELL_WORD || token.kind == SHELL_NEWLINE || token.kind == SHELL_OPERATOR);
	return false;
}

// Whether a draft with another text in one place gives other words.
static bool is_felt(struct draft *draft, size_t index, char *text, const char *words)
{
	char *kept = draft->texts[index];
	draft->texts[index] = text;
	CLEANUP_FREE char *after = draft_words(draft);
	draft->texts[index] = kept;
	return after && !streq(after, words);
}

// Changes words where they stand in one file in one variable, everywhere where that is felt.
static int change_in(struct draft *draft, size_t index, const char *name, const struct word_change *change)
{
	struct raw_part part;
	unsigned line;
	size_t at, from = 0;
	while (next_part(draft->texts[index], name, from, &part, &line)) {
		size_t length = raw_find(draft->texts[index], part, change->old, from, &at);
		if (length == 0) {
			from = part.end;
			continue;
		}
		CLEANUP_FREE char *words = draft_words(draft);
		char *text = raw_replace(draft->texts[index], part, at, length, change->new);
		if (!text)
			return -ENOMEM;
		if (words && is_felt(draft, index, text, words)) {
			free(draft->texts[index]);
			draft->texts[index] = text;
			from = at + strlen(change->new);
		} else {
			free(text);
			from = at + length;
		}
	}
	return 0;
}

static int change_all(struct draft *draft)
{
	const struct words_task *task = draft->task;
	int r = 0;
	for (size_t i = 0; i < task->count; i++)
		for (size_t k = 0; k < draft->count && r == 0 && task->changes[i].old[0]; k++) {
			if (!draft->texts[k])
				continue;
			r = change_in(draft, k, GRUB_ALWAYS, &task->changes[i]);
			if (r == 0)
				r = change_in(draft, k, GRUB_EVERYDAY, &task->changes[i]);
		}
	return r;
}

//
// Where they can be added
//

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// Behind all that are read: by the bytes of their names.
static bool dropin_path(const struct draft *draft, char *ret, size_t size)
{
	char name[64];
	snprintf(name, sizeof(name), DROPIN_NAME);
	for (size_t i = 1; i < draft->count; i++) {
		while (strcmp(base_name(draft->paths[i]), name) >= 0) {
			if (streq(base_name(draft->paths[i]), name) || name[0] != 'z' ||
			    strlen(name) + 2 > sizeof(name))
				return false;
			memmove(name + 1, name, strlen(name) + 1);
		}
	}
	snprintf(ret, size, "/" GRUB_DROPINS "/%s", name);
	return true;
}

static int try_dropin(struct draft *draft, const char *words)
{
	char path[128];
	if (!draft->task->dropins || draft->count >= WORDS_FILES_MAX || !dropin_path(draft, path, sizeof(path)))
		return 0;
	draft->paths[draft->count] = strdup(path);
	if (asprintf(&draft->texts[draft->count], DROPIN_HEAD GRUB_EVERYDAY "=\"$" GRUB_EVERYDAY " %s\"\n", words) < 0)
		draft->texts[draft->count] = NULL;
	draft->count++;
	return draft->paths[draft->count - 1] && draft->texts[draft->count - 1] ? 0 : -ENOMEM;
}

static void drop_last(struct draft *draft)
{
	draft->count--;
	free(draft->paths[draft->count]);
	free(draft->texts[draft->count]);
}

static bool is_right(const struct draft *draft, const char *expected)
{
	CLEANUP_FREE char *words = draft_words(draft);
	return words && words_are(words, expected, draft->task->changes, draft->task->count);
}

// The place of the assignment that counts.
static bool find_last(const struct draft *draft, const char *name, size_t *ret_index, struct raw_part *ret_part)
{
	struct shell shell;
	unsigned line = 0, at;
	bool found = false;
	*ret_index = 0;
	if (read_draft(&shell, draft) == 0) {
		const struct shell_assignment *last = shell_last(&shell, name);
		for (size_t i = 0; last && i < draft->count; i++)
			if (streq(draft->paths[i], last->place.file)) {
				*ret_index = i;
				line = last->place.line;
			}
	}
	shell_free(&shell);
	struct raw_part part;
	for (size_t from = 0; line > 0 && next_part(draft->texts[*ret_index], name, from, &part, &at) && at <= line;
	     from = part.end)
		if (at == line) {
			*ret_part = part;
			found = true;
		}
	return found;
}

static int add_in(struct draft *draft, const char *name, const char *words, const char *expected, bool *ret_added)
{
	size_t index;
	struct raw_part part;
	if (!find_last(draft, name, &index, &part))
		return 0;
	for (enum raw_way way = 0; way < RAW_WAYS && !*ret_added; way++) {
		char *text, *kept = draft->texts[index];
		int r = raw_add(kept, part, way, words, &text);
		if (r < 0 || !text) {
			if (r < 0)
				return r;
			continue;
		}
		draft->texts[index] = text;
		*ret_added = is_right(draft, expected);
		draft->texts[index] = *ret_added ? text : kept;
		free(*ret_added ? kept : text);
	}
	return 0;
}

static int add_all(struct draft *draft, const char *expected, bool *ret_added)
{
	CLEANUP_FREE char *words = added_words(draft->task);
	size_t count = draft->count;
	*ret_added = false;
	int r = words ? try_dropin(draft, words) : -ENOMEM;
	if (r < 0)
		return r;
	*ret_added = draft->count > count && is_right(draft, expected);
	if (!*ret_added && draft->count > count)
		drop_last(draft);
	if (!*ret_added)
		r = add_in(draft, GRUB_EVERYDAY, words, expected, ret_added);
	if (r == 0 && !*ret_added)
		r = add_in(draft, GRUB_ALWAYS, words, expected, ret_added);
	return r;
}

//
// GRUB's files
//

static void set_shell(struct words_edit *edit, enum words_trouble trouble, struct shell_trouble shell)
{
	edit->trouble = trouble;
	edit->shell = shell;
}

// The files that a trouble's place names may be freed before it is told.
static void own_place(const struct words_task *task, struct shell_trouble *trouble)
{
	for (size_t i = 0; trouble->place.file && i < task->texts->count; i++)
		if (streq(trouble->place.file + 1, task->texts->items[i].path)) {
			trouble->place.file = task->texts->items[i].path;
			return;
		}
	trouble->place.file = GRUB_FILE;
}

// What stands against it before anything is changed.
static char *judge_before(struct words_edit *edit, const struct draft *draft)
{
	struct shell shell;
	char *words = NULL;
	if (read_draft(&shell, draft) == 0) {
		const struct shell_assignment *always = shell_last(&shell, GRUB_ALWAYS),
					      *everyday = shell_last(&shell, GRUB_EVERYDAY);
		const struct shell_assignment *broken = always && strchr(always->value, '\n') ? always
			: everyday && strchr(everyday->value, '\n')                           ? everyday
											      : NULL;
		edit->doubt = shell.doubt;
		if (shell.failure.kind != SHELL_FINE)
			set_shell(edit, WORDS_FAIL, shell.failure);
		else if (broken)
			set_shell(edit, WORDS_LINES, (struct shell_trouble){ .place = broken->place });
		else if (!(words = words_of_grub(always ? always->value : "", everyday ? everyday->value : "")))
			set_shell(edit, WORDS_FAIL,
				  (struct shell_trouble){ .kind = SHELL_SYNTAX,
							  .what = "what GRUB does not take",
							  .place = everyday ? everyday->place
								  : always  ? always->place
									    : (struct shell_place){ .line = 0 } });
		own_place(draft->task, &edit->shell);
		own_place(draft->task, &edit->doubt);
	}
	shell_free(&shell);
	return words;
}

static bool draft_others_stay(const struct words_task *task, const struct draft *after)
{
	struct draft before;
	struct shell old, new;
	bool same = draft_begin(&before, task);
	int r = read_draft(&old, &before), s = read_draft(&new, after);
	same = same && r == 0 && s == 0 && others_stay(&old, &new);
	shell_free(&old);
	shell_free(&new);
	draft_free(&before);
	return same;
}

static bool is_too_long(const char *words)
{
	return strlen(words) > LINE_MAX_LENGTH;
}

// Of changes whose old words are all there: which could not be made.
static const struct word_change *not_made(const struct words_task *task, const char *words)
{
	for (size_t i = 0; i < task->count; i++)
		if (task->changes[i].old[0] && !streq(task->changes[i].old, task->changes[i].new) &&
		    words_have(words, task->changes[i].old))
			return &task->changes[i];
	return NULL;
}

static int edit_grub(struct words_edit *edit, struct draft *draft, const char *before)
{
	const struct words_task *task = draft->task;
	CLEANUP_FREE char *expected = words_change(before, task->changes, task->count, &edit->change);
	bool added = true;
	if (!expected)
		return -ENOMEM;
	if (edit->change) {
		edit->trouble = WORDS_NOT_THERE;
		return 0;
	}
	int r = change_all(draft);
	CLEANUP_FREE char *changed = r == 0 ? draft_words(draft) : NULL;
	if (r < 0 || !changed)
		return r < 0 ? r : -ENOMEM;
	if (!streq(changed, expected)) {
		edit->trouble = WORDS_NOT_THERE;
		edit->change = not_made(task, changed);
		return 0;
	}
	if (adds(task))
		r = add_all(draft, expected, &added);
	if (r < 0)
		return r;
	edit->words = draft_words(draft);
	if (!added || !edit->words || !draft_others_stay(task, draft))
		edit->trouble = WORDS_NO_WAY;
	else if (is_too_long(edit->words))
		edit->trouble = WORDS_TOO_LONG;
	return edit->trouble == WORDS_FINE ? take_draft(edit, draft) : 0;
}

static bool is_unreadable(struct words_edit *edit, const struct words_task *task)
{
	*edit = (struct words_edit){ .trouble = WORDS_FINE };
	if (!task->texts->trouble[0])
		return false;
	edit->trouble = WORDS_UNREADABLE;
	snprintf(edit->text, sizeof(edit->text), "%s", task->texts->trouble);
	return true;
}

int words_edit_grub(struct words_edit *edit, const struct words_task *task)
{
	struct draft draft;
	int r = -ENOMEM;
	if (is_unreadable(edit, task))
		return 0;
	if (draft_begin(&draft, task)) {
		CLEANUP_FREE char *before = judge_before(edit, &draft);
		r = before ? edit_grub(edit, &draft, before) : edit->trouble == WORDS_FINE ? -ENOMEM : 0;
	}
	draft_free(&draft);
	return r;
}

//
// /etc/kernel/cmdline
//

static bool gives_root(const char *words)
{
	for (const char *at = words; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (starts_with(at, "--\n"))
			return false;
		if (starts_with(at, "root=") && at[strlen("root=")] != '\n')
			return !memchr(at, ' ', strcspn(at, "\n"));
	}
	return false;
}

static struct raw_part first_line(const char *text)
{
	return (struct raw_part){ .end = strcspn(text, "\n") };
}

static char *line_words(const char *text)
{
	CLEANUP_FREE char *line = strndup(text, first_line(text).end);
	return line ? words_of_line(line) : NULL;
}

static int change_line(char **text, const struct words_task *task)
{
	for (size_t i = 0; i < task->count; i++) {
		const struct word_change *change = &task->changes[i];
		size_t at, from = 0, length;
		while (change->old[0] && (length = raw_find(*text, first_line(*text), change->old, from, &at)) > 0) {
			char *more = raw_replace(*text, first_line(*text), at, length, change->new);
			if (!more)
				return -ENOMEM;
			free(*text);
			*text = more;
			from = at + strlen(change->new);
		}
	}
	return 0;
}

static bool line_is_right(const char *text, const char *expected, const struct words_task *task)
{
	CLEANUP_FREE char *words = line_words(text);
	return words && words_are(words, expected, task->changes, task->count) && gives_root(words);
}

static int add_to_line(char **text, const char *expected, const struct words_task *task)
{
	CLEANUP_FREE char *words = added_words(task);
	if (!words)
		return -ENOMEM;
	for (enum raw_way way = 0; way < RAW_WAYS && !line_is_right(*text, expected, task); way++) {
		char *more;
		int r = raw_add(*text, first_line(*text), way, words, &more);
		if (r < 0)
			return r;
		if (more && line_is_right(more, expected, task)) {
			free(*text);
			*text = more;
			return 0;
		}
		free(more);
	}
	return 0;
}

static int edit_line(struct words_edit *edit, const struct words_task *task, const char *path, const char *before,
		     const char *from)
{
	char *text = strdup(from);
	CLEANUP_FREE char *words = line_words(from);
	CLEANUP_FREE char *expected = words ? words_change(words, task->changes, task->count, &edit->change) : NULL;
	int r = text && expected ? 0 : -ENOMEM;
	if (r == 0 && !gives_root(words))
		edit->trouble = WORDS_NO_ROOT;
	else if (r == 0 && edit->change)
		edit->trouble = WORDS_NOT_THERE;
	if (r == 0 && edit->trouble == WORDS_FINE)
		r = change_line(&text, task);
	if (r == 0 && edit->trouble == WORDS_FINE && adds(task))
		r = add_to_line(&text, expected, task);
	if (r == 0 && edit->trouble == WORDS_FINE) {
		edit->words = line_words(text);
		edit->change = edit->words ? not_made(task, edit->words) : NULL;
		if (edit->change)
			edit->trouble = WORDS_NOT_THERE;
		else if (!line_is_right(text, expected, task))
			edit->trouble = WORDS_NO_WAY;
		else if (is_too_long(edit->words))
			edit->trouble = WORDS_TOO_LONG;
		else if (!before || !streq(before, text))
			r = add_item(edit, path, before, text);
	}
	free(text);
	return r;
}

int words_edit_line(struct words_edit *edit, const struct words_task *task)
{
	const struct settings_text *file = &task->texts->items[0];
	CLEANUP_FREE char *made = NULL;
	if (is_unreadable(edit, task))
		return 0;
	if (!file->text && asprintf(&made, "%s\n", task->running) < 0) {
		made = NULL;
		return -ENOMEM;
	}
	return edit_line(edit, task, file->path, file->text, file->text ? file->text : made);
}
