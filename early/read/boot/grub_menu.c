// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/grub_menu.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define DEPTH_MAX  32 // of blocks and conditions in each other
#define WORD_SIZE  2048
#define VALUE_SIZE 512 // of a variable
#define NO_ENTRY   ((size_t)-1)

//
// Words. As in a shell: quotes, '\', '#', and commands end at a newline or ';'
//

// The variables that decide which entry it is.
enum variable { VARIABLE_DEFAULT, VARIABLE_NEXT_ENTRY, VARIABLE_SAVED_ENTRY, VARIABLE_PREV_SAVED_ENTRY, VARIABLES };

static const char *const variable_names[VARIABLES] = {
	[VARIABLE_DEFAULT] = "default",
	[VARIABLE_NEXT_ENTRY] = "next_entry",
	[VARIABLE_SAVED_ENTRY] = "saved_entry",
	[VARIABLE_PREV_SAVED_ENTRY] = "prev_saved_entry",
};

enum token { TOKEN_WORD, TOKEN_COMMAND_END, TOKEN_END };

struct word {
	char text[WORD_SIZE];
	bool known;  // no variable in it is another than those above; such a one is empty in text
	bool quoted; // in part at least: no keyword
};

struct menu {
	const char *at;
	char values[VARIABLES][VALUE_SIZE];
	bool by_next_entry; // what set 'default'
	bool by_saved_entry;
	struct item *items;
	size_t count;
	bool blscfg;
	int error;
};

static enum variable find_variable(const char *name, size_t length)
{
	enum variable i = 0;
	while (i < VARIABLES && !(strlen(variable_names[i]) == length && strncmp(variable_names[i], name, length) == 0))
		i++;
	return i;
}

static void put(struct word *word, size_t *used, const char *text, size_t length)
{
	for (size_t i = 0; i < length && *used + 1 < sizeof(word->text); i++)
		word->text[(*used)++] = text[i];
	word->text[*used] = '\0';
}

// $NAME or ${NAME} at text; returns its length, 0 when it is none.
static size_t put_variable(const struct menu *menu, struct word *word, size_t *used, const char *text)
{
	bool braces = text[1] == '{';
	const char *name = text + 1 + braces;
	size_t length = 0;
	while (isalnum((unsigned char)name[length]) || name[length] == '_')
		length++;
	if (length == 0 || (braces && name[length] != '}'))
		return 0;
	enum variable variable = find_variable(name, length);
	if (variable < VARIABLES)
		put(word, used, menu->values[variable], strlen(menu->values[variable]));
	else
		word->known = false;
	return 1 + length + 2 * (size_t)braces;
}

// The rest of a word that has begun.
static void take_word(struct menu *menu, struct word *word)
{
	const char *at = menu->at;
	char quote = '\0';
	size_t used = 0, length;
	*word = (struct word){ .known = true };
	for (; *at && (quote || !strchr(" \t\r\n;", *at)); at++) {
		if (*at == '\\' && quote != '\'' && at[1]) {
			at++;
			if (*at != '\n') // which joins two lines
				put(word, &used, at, 1);
		} else if (quote ? *at == quote : *at == '\'' || *at == '"') {
			quote = quote ? '\0' : *at;
			word->quoted = true;
		} else if (*at == '$' && quote != '\'' && (length = put_variable(menu, word, &used, at)) > 0) {
			at += length - 1;
		} else {
			put(word, &used, at, 1);
		}
	}
	menu->at = at;
}

static enum token next_token(struct menu *menu, struct word *word)
{
	for (;;) {
		menu->at += strspn(menu->at, " \t\r");
		if (menu->at[0] == '\\' && menu->at[1] == '\n')
			menu->at += 2;
		else if (*menu->at == '#')
			menu->at += strcspn(menu->at, "\n");
		else
			break;
	}
	if (!*menu->at)
		return TOKEN_END;
	if (*menu->at == '\n' || *menu->at == ';') {
		menu->at++;
		return TOKEN_COMMAND_END;
	}
	take_word(menu, word);
	return TOKEN_WORD;
}

static bool is(const struct word *word, const char *keyword)
{
	return !word->quoted && streq(word->text, keyword);
}

//
// Entries
//

struct item {
	size_t parent; // NO_ENTRY at the top
	char *title, *id;
	bool submenu;
	bool certain;                     // it is there under no condition
	const char *linux_at, *initrd_at; // in the menu: what follows these commands, NULL when it has none
};

static struct item *add_item(struct menu *menu, size_t parent, bool certain)
{
	struct item *more = realloc(menu->items, (menu->count + 1) * sizeof(*more));
	if (!more) {
		menu->error = -ENOMEM;
		return NULL;
	}
	menu->items = more;
	struct item *item = &menu->items[menu->count++];
	*item = (struct item){ .parent = parent, .certain = certain };
	return item;
}

static void set_text(struct menu *menu, char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	if (!*to)
		menu->error = -ENOMEM;
}

// "menuentry TITLE [--class CLASS]... [--id ID] {": up to the '{'. grub-mkconfig writes $menuentry_id_option for --id.
static void take_entry(struct menu *menu, size_t parent, bool submenu, bool certain)
{
	struct word word;
	struct item *item = add_item(menu, parent, certain);
	bool id_follows = false;
	if (!item)
		return;
	item->submenu = submenu;
	set_text(menu, &item->title, "");
	set_text(menu, &item->id, "");
	for (unsigned i = 0; menu->error == 0; i++) {
		menu->at += strspn(menu->at, " \t\r");
		bool option = starts_with(menu->at, "$menuentry_id_option") || starts_with(menu->at, "--id ");
		if (next_token(menu, &word) != TOKEN_WORD || is(&word, "{"))
			return;
		if (i == 0) {
			set_text(menu, &item->title, word.text);
			set_text(menu, &item->id, word.text); // unless it says another
		} else if (id_follows) {
			set_text(menu, &item->id, word.text);
		} else if (starts_with(word.text, "--id=")) {
			set_text(menu, &item->id, word.text + strlen("--id="));
		}
		id_follows = option;
	}
}

// "linux PATH WORDS". GRUB hands a word with blanks on in quotes (lib/cmdline.c).
static void take_linux(struct menu *menu, struct boot_entry *entry)
{
	struct word word;
	bool quoted;
	*entry = (struct boot_entry){ .trouble = "" };
	for (unsigned i = 0; next_token(menu, &word) == TOKEN_WORD; i++) {
		quoted = word.text[strcspn(word.text, " \t\n")] != '\0';
		if (i == 0) {
			boot_entry_set_kernel(entry, word.text);
			continue;
		}
		if (!word.text[0])
			continue;
		if (quoted)
			boot_entry_add_words(entry, "\"");
		size_t used = strlen(entry->words);
		if (quoted)
			snprintf(entry->words + used, sizeof(entry->words) - used, "%s\"", word.text);
		else
			boot_entry_add_words(entry, word.text);
	}
	// A line's end would end the value that it stands in.
	for (char *c = entry->words; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

static void take_initrd(struct menu *menu, struct boot_entry *entry)
{
	struct word word;
	while (next_token(menu, &word) == TOKEN_WORD)
		snprintf(entry->initrd, sizeof(entry->initrd), "%.255s", word.text);
}

//
// The script: blocks and conditions
//

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

enum block { BLOCK_IF, BLOCK_LOOP, BLOCK_FUNCTION, BLOCK_ENTRY };

struct level {
	enum block block;
	enum answer runs;  // of a condition's branch that is being read
	enum answer taken; // whether one of its branches before has run
	size_t item;       // of an entry
};

struct script {
	struct menu *menu;
	struct level levels[DEPTH_MAX];
	size_t depth;
	size_t too_deep; // levels that are not kept
};

static void push(struct script *script, struct level level)
{
	if (script->depth < DEPTH_MAX)
		script->levels[script->depth++] = level;
	else
		script->too_deep++;
}

static void pop(struct script *script)
{
	if (script->too_deep > 0)
		script->too_deep--;
	else if (script->depth > 0)
		script->depth--;
}

static struct level *top(struct script *script)
{
	return script->depth > 0 ? &script->levels[script->depth - 1] : NULL;
}

// Whether what is being read is run.
static enum answer runs(const struct script *script)
{
	enum answer all = script->too_deep ? ANSWER_UNKNOWN : ANSWER_YES;
	for (size_t i = 0; i < script->depth; i++) {
		const struct level *level = &script->levels[i];
		if (level->block == BLOCK_FUNCTION || (level->block == BLOCK_IF && level->runs == ANSWER_NO))
			return ANSWER_NO;
		if (level->block == BLOCK_LOOP || (level->block == BLOCK_IF && level->runs == ANSWER_UNKNOWN))
			all = ANSWER_UNKNOWN;
	}
	return all;
}

// The entry that is being read, or NO_ENTRY.
static size_t current_item(const struct script *script)
{
	for (size_t i = script->depth; i-- > 0;)
		if (script->levels[i].block == BLOCK_ENTRY)
			return script->levels[i].item;
	return NO_ENTRY;
}

// "[ WORD ]" and "[ WORD = WORD ]"; all else is not known.
static enum answer take_condition(struct menu *menu)
{
	struct word words[5];
	size_t count = 0;
	struct word word;
	while (next_token(menu, &word) == TOKEN_WORD)
		if (count < ARRAY_SIZE(words))
			words[count++] = word;
	if (count < 3 || !is(&words[0], "[") || !words[1].known)
		return ANSWER_UNKNOWN;
	if (count == 3 && is(&words[2], "]"))
		return words[1].text[0] ? ANSWER_YES : ANSWER_NO;
	if (count == 5 && is(&words[4], "]") && words[3].known && (is(&words[2], "=") || is(&words[2], "==")))
		return streq(words[1].text, words[3].text) ? ANSWER_YES : ANSWER_NO;
	return ANSWER_UNKNOWN;
}

static void begin_branch(struct level *level, enum answer condition)
{
	if (!level || level->block != BLOCK_IF)
		return;
	if (level->taken == ANSWER_YES)
		level->runs = ANSWER_NO;
	else if (level->taken == ANSWER_UNKNOWN && condition != ANSWER_NO)
		level->runs = ANSWER_UNKNOWN;
	else
		level->runs = condition;
	if (level->runs != ANSWER_NO)
		level->taken = level->runs;
}

static void assign(struct script *script, const struct word *word)
{
	struct menu *menu = script->menu;
	const char *equal = strchr(word->text, '=');
	enum variable variable = equal ? find_variable(word->text, (size_t)(equal - word->text)) : VARIABLES;
	if (variable == VARIABLES || runs(script) == ANSWER_NO || current_item(script) != NO_ENTRY)
		return;
	snprintf(menu->values[variable], VALUE_SIZE, "%s", equal + 1);
	if (variable != VARIABLE_DEFAULT || !equal[1])
		return;
	menu->by_next_entry = streq(equal + 1, menu->values[VARIABLE_NEXT_ENTRY]);
	menu->by_saved_entry = !menu->by_next_entry && streq(equal + 1, menu->values[VARIABLE_SAVED_ENTRY]);
}

static void skip_command(struct menu *menu)
{
	struct word word;
	while (next_token(menu, &word) == TOKEN_WORD)
		;
}

static void take_block(struct script *script, const struct word *word)
{
	struct menu *menu = script->menu;
	bool submenu = is(word, "submenu");
	enum answer certain = runs(script);
	size_t parent = current_item(script);
	if (is(word, "function")) {
		skip_command(menu);
		push(script, (struct level){ .block = BLOCK_FUNCTION });
	} else if (certain == ANSWER_NO) {
		skip_command(menu);
		push(script, (struct level){ .block = BLOCK_FUNCTION }); // nothing in it counts
	} else {
		take_entry(menu, parent, submenu, certain == ANSWER_YES);
		push(script, (struct level){ .block = BLOCK_ENTRY, .item = menu->count ? menu->count - 1 : NO_ENTRY });
	}
}

// A command of an entry, of which only what it boots matters; the last counts.
static void take_boot(struct script *script, const struct word *word)
{
	struct menu *menu = script->menu;
	size_t index = current_item(script);
	struct item *item = index != NO_ENTRY && runs(script) != ANSWER_NO ? &menu->items[index] : NULL;
	if (item && starts_with(word->text, "linux"))
		item->linux_at = menu->at;
	else if (item)
		item->initrd_at = menu->at;
	skip_command(menu);
}

// The command that a word begins. Returns false when the next word begins a command again.
static void take_command(struct script *script, struct word *word)
{
	static const char *const boots[] = { "linux", "linux16", "linuxefi", "initrd", "initrd16", "initrdefi" };
	struct menu *menu = script->menu;
	for (size_t i = 0; i < ARRAY_SIZE(boots); i++)
		if (is(word, boots[i])) {
			take_boot(script, word);
			return;
		}
	if (is(word, "if")) {
		push(script, (struct level){ .block = BLOCK_IF, .taken = ANSWER_NO });
		begin_branch(top(script), take_condition(menu));
	} else if (is(word, "elif")) {
		begin_branch(top(script), take_condition(menu));
	} else if (is(word, "else")) {
		begin_branch(top(script), ANSWER_YES);
	} else if (is(word, "while") || is(word, "until") || is(word, "for")) {
		push(script, (struct level){ .block = BLOCK_LOOP });
		skip_command(menu);
	} else if (is(word, "fi") || is(word, "done") || is(word, "}")) {
		pop(script);
	} else if (is(word, "menuentry") || is(word, "submenu") || is(word, "function")) {
		take_block(script, word);
	} else if (is(word, "then") || is(word, "do") || is(word, "{")) {
		return;
	} else if (is(word, "blscfg")) {
		menu->blscfg = true;
	} else if (is(word, "set")) {
		if (next_token(menu, word) == TOKEN_WORD) {
			assign(script, word);
			skip_command(menu);
		}
	} else {
		if (!word->quoted || strchr(word->text, '='))
			assign(script, word);
		skip_command(menu);
	}
}

static void read_script(struct menu *menu)
{
	struct script *script = calloc(1, sizeof(*script));
	struct word word;
	enum token token;
	if (!script) {
		menu->error = -ENOMEM;
		return;
	}
	script->menu = menu;
	while (menu->error == 0 && (token = next_token(menu, &word)) != TOKEN_END)
		if (token == TOKEN_WORD)
			take_command(script, &word);
	free(script);
}

//
// The default
//

// What of a path of titles is for this level, with ">>" as '>'. Returns what follows the first single '>', or "".
static const char *split(const char *path, char *ret, size_t size)
{
	size_t used = 0;
	for (; *path; path++) {
		if (*path == '>' && path[1] != '>')
			break;
		path += *path == '>';
		if (used + 1 < size)
			ret[used++] = *path;
	}
	ret[used] = '\0';
	return *path ? path + 1 : path;
}

// The entry of a level that a default names: by its number, which leading digits are, by title or id; else the first.
// NO_ENTRY when there is none, or when it cannot be told.
static size_t find_entry(const struct menu *menu, size_t parent, const char *name, bool *ret_certain)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(name, &end, 0);
	bool by_number = isdigit((unsigned char)name[strspn(name, " \t")]) && errno == 0, met_condition = false;
	size_t first = NO_ENTRY, index = 0, found = NO_ENTRY;
	bool first_certain = true;
	for (size_t i = 0; i < menu->count && found == NO_ENTRY; i++) {
		const struct item *item = &menu->items[i];
		if (item->parent != parent)
			continue;
		met_condition |= !item->certain;
		if (first == NO_ENTRY) {
			first = i;
			first_certain = item->certain;
		}
		if (by_number ? index == number : name[0] && (streq(item->title, name) || streq(item->id, name))) {
			found = i;
			*ret_certain &= by_number ? !met_condition : item->certain;
		}
		index++;
	}
	if (found == NO_ENTRY)
		*ret_certain &= first_certain;
	return found != NO_ENTRY ? found : first;
}

static PRINTF(2, 3) void trouble(struct boot_entry *ret, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(ret->trouble, sizeof(ret->trouble), format, args);
	va_end(args);
}

static void choose(struct menu *menu, struct boot_entry *ret)
{
	const struct item *item;
	char part[VALUE_SIZE], from[sizeof(ret->words_from)];
	const char *path = menu->values[VARIABLE_DEFAULT];
	size_t at = NO_ENTRY;
	bool certain = true;
	do {
		path = split(path, part, sizeof(part));
		at = find_entry(menu, at, part, &certain);
	} while (at != NO_ENTRY && menu->items[at].submenu);
	if (at == NO_ENTRY)
		ret->nothing = !menu->blscfg;
	if (at == NO_ENTRY)
		trouble(ret,
			menu->blscfg ? "GRUB takes its entries from loader/entries (blscfg)"
				     : "GRUB's menu has no entry");
	else if (!certain)
		trouble(ret, "GRUB's default '%.80s' depends on conditions in its menu",
			menu->values[VARIABLE_DEFAULT]);
	else if (!menu->items[at].linux_at)
		trouble(ret, "GRUB's default entry '%.80s' starts no Linux kernel itself", menu->items[at].title);
	if (ret->trouble[0])
		return;
	strcpy(from, ret->words_from);
	item = &menu->items[at];
	menu->at = item->linux_at;
	take_linux(menu, ret);
	menu->at = item->initrd_at ? item->initrd_at : "";
	take_initrd(menu, ret);
	strcpy(ret->words_from, from);
	snprintf(ret->chosen_by, sizeof(ret->chosen_by), "%s",
		 menu->by_next_entry            ? "GRUB's next_entry, for one boot"
			 : menu->by_saved_entry ? "GRUB's saved entry"
						: "GRUB's default");
}

// grubenv: "NAME=VALUE", a line each.
static void take_environment(struct menu *menu, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n"), name = strcspn(text, "=\n");
		enum variable variable = name < length ? find_variable(text, name) : VARIABLES;
		if (variable < VARIABLES)
			snprintf(menu->values[variable], VALUE_SIZE, "%.*s", (int)(length - name - 1), text + name + 1);
		text += length + (text[length] == '\n');
	}
}

int grub_menu_choose(const char *text, const char *environment, struct boot_entry *ret)
{
	struct menu menu = { .at = text };
	ret->trouble[0] = '\0';
	take_environment(&menu, environment);
	menu.values[VARIABLE_DEFAULT][0] = '\0';
	read_script(&menu);
	if (menu.error == 0)
		choose(&menu, ret);
	for (size_t i = 0; i < menu.count; i++) {
		free(menu.items[i].title);
		free(menu.items[i].id);
	}
	free(menu.items);
	return menu.error;
}
