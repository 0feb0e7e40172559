// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/grub_settings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/backup_name.h"
#include "base/file.h"

#define FILE_MAX   (256 * 1024)
#define FILES_MAX  64
#define SHELL_PATH "usr/bin/sh" // there wherever commands are

//
// GRUB's own parsing (grub-core/script/yylex.l, lib/cmdline.c)
//

struct line {
	const char *at;
	char *to;
	char *word; // where the present one begins in what is written
	bool blank; // the present one has a blank in it
	bool begun;
	const char *refused; // the first character that grub-script-check refuses
};

// A word with blanks is quoted as a whole.
static void end_word(struct line *line)
{
	if (line->begun && line->blank) {
		memmove(line->word + 1, line->word, (size_t)(line->to - line->word));
		*line->word = '"';
		line->to++;
		*line->to++ = '"';
	}
	line->begun = line->blank = false;
}

static void put(struct line *line, char c)
{
	if (!line->begun) {
		*line->to++ = ' ';
		line->word = line->to;
		line->begun = true;
	}
	line->blank |= c == ' ' || c == '\t' || c == '\n';
	*line->to++ = c;
}

// A variable of GRUB's own is not known here.
static void put_variable(struct line *line)
{
	put(line, SHELL_UNKNOWN);
	line->at += line->at[1] == '{' ? strcspn(line->at, "}") : 1;
	while (shell_is_name(*line->at) && shell_is_name(line->at[1]))
		line->at++;
}

static bool take_quoted(struct line *line, char quote)
{
	if (!line->begun) {
		put(line, ' ');
		line->to--;
		line->blank = false;
	}
	for (line->at++; *line->at != quote; line->at++) {
		if (!*line->at)
			return false;
		if (*line->at == '\\' && quote == '"' && line->at[1])
			line->at++;
		else if (*line->at == '$' && quote == '"' && (shell_is_name_start(line->at[1]) || line->at[1] == '{')) {
			put_variable(line);
			if (!*line->at)
				return false;
			continue;
		}
		put(line, *line->at);
	}
	return true;
}

static enum grub_line_end take_line(struct line *line)
{
	for (; *line->at; line->at++) {
		char c = *line->at;
		bool alone = !line->begun && strchr(" \t\n", line->at[1]);
		if (c == '\n')
			return GRUB_LINE_BREAK;
		if (c == ';' && line->at[1] != ';')
			return GRUB_LINE_COMMAND;
		if (c == '#' && !line->begun)
			return GRUB_LINE_COMMENT;
		bool refused = strchr("&|<>;", c) || (strchr("{}", c) && alone) || (c == '$' && line->at[1] == '(');
		if (refused && !line->refused)
			line->refused = line->at;
		if (c == ' ' || c == '\t')
			end_word(line);
		else if (c == '"' || c == '\'') {
			const char *quote = line->at;
			if (!take_quoted(line, c)) {
				line->refused = line->refused ? line->refused : quote;
				break;
			}
		} else if (c == '\\' && line->at[1]) {
			line->at++;
			if (*line->at != '\n')
				put(line, *line->at);
		} else if (c == '$' && (shell_is_name_start(line->at[1]) || line->at[1] == '{')) {
			put_variable(line);
			if (!*line->at)
				break;
		} else
			put(line, c);
	}
	return GRUB_LINE_WHOLE;
}

enum grub_line_end grub_line(const char *text, char *ret, size_t *ret_used)
{
	struct line line = { .at = text, .to = ret, .word = ret };
	enum grub_line_end end = take_line(&line);
	end_word(&line);
	*line.to = '\0';
	*ret_used = (size_t)((line.refused ? line.refused : line.at) - text);
	return line.refused ? GRUB_LINE_REFUSED : end;
}

//
// The files
//

// Where commands are. Without a shell the tree is none of a whole system, and nothing can be told.
int grub_has_command(void *data, const char *name)
{
	static const char *const dirs[] = { "usr/sbin", "usr/bin", "sbin", "bin", "usr/local/sbin", "usr/local/bin" };
	const struct root *root = data;
	if (!file_exists(root->fs, SHELL_PATH) || strlen(name) > NAME_MAX)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (file_existsf(root->fs, "%s/%s", dirs[i], name))
			return 1;
	return 0;
}

static void set_place(char place[static PLACE_SIZE], struct shell_place from)
{
	if (from.line > 0)
		snprintf(place, PLACE_SIZE, "%.140s:%u", from.file, from.line);
	else
		snprintf(place, PLACE_SIZE, "%.140s", from.file);
}

static const char *keep_name(struct grub_settings *settings, const char *path)
{
	char **more = realloc(settings->files, (settings->file_count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	settings->files = more;
	if (asprintf(&more[settings->file_count], "/%s", path) < 0)
		return NULL;
	return more[settings->file_count++];
}

static int read_file(struct grub_settings *settings, struct shell *shell, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	const char *name = keep_name(settings, path);
	if (!name)
		return -ENOMEM;
	int r = file_read(root->fs, path, FILE_MAX, &text, &length);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (r != -ENOENT)
			shell_unreadable(shell, name, strerror(-r));
		return 0;
	}
	return shell_read(shell, text, name);
}

// What a drop-in says that is not read because of its name.
static int add_unused_file(struct grub_settings *settings, const struct root *root, const char *path)
{
	struct shell shell;
	shell_init(&shell, NULL, NULL);
	int r = read_file(settings, &shell, root, path);
	for (size_t i = 0; r == 0 && i < shell.count; i++) {
		const struct shell_assignment *from = &shell.assignments[i];
		if (!streq(from->name, GRUB_ALWAYS) && !streq(from->name, GRUB_EVERYDAY))
			continue;
		struct said *said = said_add(&settings->said, SAID_FILE_UNUSED, from->value, strlen(from->value));
		if (said)
			set_place(said->place, from->place);
	}
	shell_free(&shell);
	return r;
}

static int read_files(struct grub_settings *settings, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	int r = read_file(settings, &settings->shell, root, GRUB_FILE);
	int count = dir_names(root->fs, GRUB_DROPINS, &names);
	if (count < 0 && count != -ENOENT)
		shell_unreadable(&settings->shell, "/" GRUB_DROPINS, strerror(-count));
	for (int i = 0; r == 0 && i < count; i++) {
		char path[320];
		size_t length = strlen(names[i]);
		snprintf(path, sizeof(path), GRUB_DROPINS "/%s", names[i]);
		bool used = length > 4 && streq(names[i] + length - 4, ".cfg") && names[i][0] != '.';
		if (settings->file_count >= FILES_MAX)
			shell_unreadable(&settings->shell, "/" GRUB_DROPINS, "too many files");
		else if (used)
			r = read_file(settings, &settings->shell, root, path);
		else if (!is_backup_name(names[i]))
			r = add_unused_file(settings, root, path);
	}
	return r;
}

//
// What becomes of what they say
//

static bool is_used(const char *name)
{
	return streq(name, GRUB_ALWAYS) || streq(name, GRUB_EVERYDAY);
}

// The assignment that makes an earlier one of the same variable not count, or NULL.
static const struct shell_assignment *overriding(const struct shell *shell, size_t at)
{
	for (size_t i = at + 1; i < shell->count; i++)
		if (!shell->assignments[i].keeps && !shell->assignments[i].maybe &&
		    streq(shell->assignments[i].name, shell->assignments[at].name))
			return &shell->assignments[i];
	return NULL;
}

// Of a value that is used, what stands behind the end of GRUB's line.
static void add_used(struct said_list *list, const struct shell_assignment *from)
{
	size_t used = strlen(from->value);
	CLEANUP_FREE char *line = malloc(2 * used + 3);
	enum grub_line_end end = line ? grub_line(from->value, line, &used) : GRUB_LINE_WHOLE;
	const char *text = line ? line : from->value;
	struct said *said = said_add(list, SAID_USED, text, strlen(text));
	if (said) {
		set_place(said->place, from->place);
		snprintf(said->variable, sizeof(said->variable), "%s", from->name);
	}
	if (end == GRUB_LINE_WHOLE || end == GRUB_LINE_REFUSED)
		return;
	const char *rest = from->value + used + 1;
	said = said_add(list, SAID_BEHIND_END, rest, strlen(rest));
	if (said)
		set_place(said->place, from->place);
}

static void add_assignment(struct said_list *list, const struct shell *shell, size_t at)
{
	const struct shell_assignment *from = &shell->assignments[at];
	const struct shell_assignment *by = is_used(from->name) ? overriding(shell, at) : NULL;
	enum said_how how = !is_used(from->name) ? SAID_UNUSED
		: by                             ? SAID_OVERRIDDEN
		: from->maybe                    ? SAID_MAYBE
						 : SAID_USED;
	if (how == SAID_USED) {
		add_used(list, from);
		return;
	}
	struct said *said = said_add(list, how, from->value, strlen(from->value));
	if (!said)
		return;
	set_place(said->place, from->place);
	snprintf(said->variable, sizeof(said->variable), "%s", from->name);
	if (by)
		set_place(said->by, by->place);
}

static void collect(struct grub_settings *settings)
{
	const struct shell *shell = &settings->shell;
	for (size_t i = 0; i < shell->count; i++)
		add_assignment(&settings->said, shell, i);
	for (size_t i = 0; i < shell->stray_count; i++) {
		static const enum said_how how[] = {
			[STRAY_BESIDE] = SAID_OUTSIDE, [STRAY_BLANKS] = SAID_BLANKS, [STRAY_QUOTES] = SAID_QUOTES
		};
		const struct shell_stray *stray = &shell->strays[i];
		struct said *said = said_add(&settings->said, how[stray->kind], stray->word, strlen(stray->word));
		if (!said)
			continue;
		set_place(said->place, stray->place);
		said->meant = stray->meant ? strdup(stray->meant) : NULL;
	}
}

static void drop_unknown(struct cmdline *words)
{
	size_t count = 0;
	for (size_t i = 0; i < words->count; i++) {
		const struct cmdline_word *word = &words->words[i];
		if (!strchr(word->name, SHELL_UNKNOWN) && !(word->value && strchr(word->value, SHELL_UNKNOWN)))
			words->words[count++] = *word;
	}
	words->count = count;
}

static void refuse(struct grub_settings *settings, const struct shell_assignment *from, const char *text)
{
	settings->menu = (struct shell_trouble){ .kind = SHELL_SYNTAX, .place = from->place };
	snprintf(settings->menu.what, sizeof(settings->menu.what), "%.1s", text);
}

// The everyday entry's line: one value behind the other, so that what ends the first line ends both.
static int make_words(struct grub_settings *settings)
{
	const struct shell_assignment *always = shell_last(&settings->shell, GRUB_ALWAYS);
	const struct shell_assignment *everyday = shell_last(&settings->shell, GRUB_EVERYDAY);
	CLEANUP_FREE char *all = NULL;
	if (asprintf(&all, "%s %s", always ? always->value : "", everyday ? everyday->value : "") < 0)
		return -ENOMEM;
	size_t used, first = always ? strlen(always->value) : 0;
	CLEANUP_FREE char *line = malloc(2 * strlen(all) + 3);
	if (!line)
		return -ENOMEM;
	if (grub_line(all, line, &used) == GRUB_LINE_REFUSED)
		refuse(settings, used <= first && always ? always : everyday, all + used);
	int r = cmdline_parse(&settings->words, line);
	if (r == -E2BIG) {
		line[CMDLINE_MAX] = '\0';
		r = cmdline_parse(&settings->words, line);
	}
	drop_unknown(&settings->words);
	return r;
}

int grub_settings_read(struct grub_settings *settings, const struct root *root)
{
	*settings = (struct grub_settings){ .file_count = 0 };
	struct root copy = *root;
	shell_init(&settings->shell, grub_has_command, &copy);
	int r = read_files(settings, root);
	settings->shell.data = NULL;
	settings->shell.has_command = NULL;
	if (r < 0)
		return r;
	collect(settings);
	return make_words(settings);
}

void grub_settings_free(struct grub_settings *settings)
{
	shell_free(&settings->shell);
	for (size_t i = 0; i < settings->file_count; i++)
		free(settings->files[i]);
	free(settings->files);
	said_free(&settings->said);
	cmdline_free(&settings->words);
	*settings = (struct grub_settings){ .file_count = 0 };
}
