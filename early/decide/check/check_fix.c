// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/check_fix.h"

#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/first_line.h"
#include "decide/check/near_miss.h"

void fix_place(char *ret, size_t size, struct shell_place place)
{
	if (place.line > 0)
		snprintf(ret, size, "%.120s:%u", place.file, place.line);
	else
		snprintf(ret, size, "%.120s", place.file);
}

const struct shell_trouble *fix_grub_failure(const struct facts *facts)
{
	const struct bootloader *bootloader = &facts->bootloader;
	if (bootloader->kind != BOOTLOADER_GRUB)
		return NULL;
	if (bootloader->grub.shell.failure.kind != SHELL_FINE)
		return &bootloader->grub.shell.failure;
	return bootloader->grub.menu.kind != SHELL_FINE ? &bootloader->grub.menu : NULL;
}

// What to say of a failure, and how it is mended: FIX_RUN stands for a command of its own.
static const struct {
	enum cause says, fix;
} failures[] = {
	[SHELL_FINE] = { PART_SYNTAX, FIX_CORRECT },
	[SHELL_QUOTE_OPEN] = { PART_QUOTE_OPEN, FIX_CLOSE_QUOTE },
	[SHELL_SUBSTITUTION_OPEN] = { PART_SUBSTITUTION_OPEN, FIX_CORRECT },
	[SHELL_SYNTAX] = { PART_SYNTAX, FIX_CORRECT },
	[SHELL_NO_COMMAND] = { PART_NO_COMMAND, FIX_QUOTE_ALL },
	[SHELL_BAD_NAME] = { PART_BAD_NAME, FIX_QUOTE_ALL },
	[SHELL_PLUS_ASSIGN] = { PART_PLUS_ASSIGN, FIX_PLUS_ASSIGN },
	[SHELL_BOM] = { PART_BOM, FIX_RUN },
	[SHELL_CR] = { PART_CR, FIX_RUN },
	[SHELL_EXIT] = { PART_EXIT, FIX_REMOVE_COMMAND },
	[SHELL_UNREADABLE] = { PART_SYNTAX, FIX_CORRECT },
	[SHELL_NOT_UNDERSTOOD] = { PART_SYNTAX, FIX_CORRECT },
};

void fix_add_failure(const struct facts *facts, const struct shell_trouble *failure, struct finding *finding,
		     enum value value)
{
	bool of_menu = failure == &facts->bootloader.grub.menu;
	char at[PLACE_SIZE];
	fix_place(at, sizeof(at), failure->place);
	finding_open(finding, value, of_menu ? PART_MENU_REFUSES : failures[failure->kind].says);
	finding_value(finding, VALUE_PLACE, "%s", at);
	finding_value(finding, VALUE_FILE, "%.120s", failure->place.file);
	finding_value(finding, VALUE_WHAT, "%s", failure->what);
	// Who reads GRUB's files on this host.
	if (facts->tools.has[TOOL_UPDATE_GRUB])
		finding_value(finding, VALUE_PROGRAM, "update-grub");
	else if (facts->tools.has[TOOL_GRUB_MKCONFIG])
		finding_value(finding, VALUE_PROGRAM, "grub-mkconfig");
	else
		finding_part(finding, VALUE_PROGRAM, PART_MAKING_MENU);
	finding_close(finding);
}

static void mend_failure(const struct shell_trouble *failure, struct finding *finding, enum joint joint)
{
	char at[PLACE_SIZE], path[SH_WORD_SIZE];
	fix_place(at, sizeof(at), failure->place);
	sh_word(failure->place.file, path, sizeof(path));
	if (failure->kind == SHELL_BOM) {
		fix_run(finding, joint, "sed -i \"1s/^\\xEF\\xBB\\xBF//\" %s", path);
	} else if (failure->kind == SHELL_CR) {
		fix_run(finding, joint, "sed -i \"s/\\r$//\" %s", path);
	} else {
		finding_open_step(finding, joint, failures[failure->kind].fix);
		finding_value(finding, VALUE_PLACE, "%s", at);
		finding_value(finding, VALUE_WHAT, "%s", streq(failure->what, "false") ? "false" : "exit");
		finding_close(finding);
	}
}

bool fix_mend(const struct facts *facts, const char *place, struct finding *finding, enum joint joint)
{
	const struct shell_trouble *failure = fix_grub_failure(facts);
	char at[PLACE_SIZE] = "";
	if (first_line_judge(facts) != FIRST_LINE_FINE) {
		(void)first_line_fix(facts, "", finding, joint);
		return true;
	}
	if (failure)
		fix_place(at, sizeof(at), failure->place);
	if (!failure || streq(at, place))
		return false;
	mend_failure(failure, finding, joint);
	return true;
}

static void add_reboot(const struct fix_of *of, struct finding *finding, enum joint joint)
{
	if (!of->entry)
		fix_reboot(finding, joint);
}

// Where nothing has to be mended before.
static void apply_at_once(const struct fix_of *of, struct finding *finding, enum joint joint)
{
	const struct facts *facts = of->facts;
	const char *release = of->entry && of->entry->release[0] ? of->entry->release : facts->host.release;
	fix_apply_bootloader(finding, joint, &facts->bootloader, &facts->tools, release);
	add_reboot(of, finding, JOINT_AND);
}

void fix_apply_behind(const struct fix_of *of, const char *place, struct finding *finding, enum joint joint)
{
	bool mended = fix_mend(of->facts, place, finding, joint);
	apply_at_once(of, finding, mended ? JOINT_COMMA : joint);
}

void fix_apply(const struct fix_of *of, struct finding *finding, enum joint joint)
{
	fix_apply_behind(of, "", finding, joint);
}

//
// Where a word stands
//

static bool is_same_word(const struct cmdline_word *a, const struct cmdline_word *b)
{
	return streq(a->name, b->name) && !a->value == !b->value && (!a->value || streq(a->value, b->value));
}

static size_t count_word(const char *text, const struct cmdline_word *word)
{
	struct cmdline words;
	size_t count = 0;
	if (cmdline_parse(&words, text) < 0)
		return 0;
	for (size_t i = 0; i < words.count; i++)
		count += is_same_word(&words.words[i], word);
	cmdline_free(&words);
	return count;
}

// Whether a text has the word itself, and not only by the variable's former value: VAR="$VAR ...".
static bool is_written(const struct said_list *list, size_t at, const struct cmdline_word *word)
{
	const struct said *said = &list->items[at];
	size_t count = count_word(said->text, word), former = 0;
	for (size_t i = 0; i < at; i++)
		if (list->items[i].how == SAID_USED && streq(list->items[i].variable, said->variable) &&
		    said->variable[0])
			former = count_word(list->items[i].text, word);
	return count > former;
}

// All places of the bootloader's files where a word stands and counts; each is added to the finding, unless that is
// NULL. Returns how many.
static size_t add_places(const struct facts *facts, const struct cmdline_word *word, struct finding *finding)
{
	const struct said_list *list = bootloader_said(&facts->bootloader, false);
	size_t count = 0;
	if (facts->bootloader.kind == BOOTLOADER_UNKNOWN)
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].how != SAID_USED || !is_written(list, i, word))
			continue;
		count++;
		if (finding)
			finding_value(finding, VALUE_PLACE, "%.120s", list->items[i].place);
	}
	return count;
}

bool fix_has_word(const struct facts *facts, const struct cmdline_word *word)
{
	return add_places(facts, word, NULL) > 0;
}

//
// What is to be written
//

// Where GRUB's words for everyday boots belong: to the assignment that the later ones keep.
static void find_grub_file(const struct facts *facts, char ret[static PLACE_SIZE])
{
	const struct said_list *said = &facts->bootloader.grub.said;
	snprintf(ret, PLACE_SIZE, "/" GRUB_FILE);
	for (size_t i = 0; i < said->count; i++)
		if (said->items[i].how == SAID_USED && streq(said->items[i].variable, GRUB_EVERYDAY)) {
			snprintf(ret, PLACE_SIZE, "%.*s", (int)strcspn(said->items[i].place, ":"),
				 said->items[i].place);
			return;
		}
}

// The files that systemd-boot's entries are made of are known.
static bool has_cmdline_file(const struct facts *facts)
{
	return facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] || facts->bootloader.kernel_install;
}

bool fix_is_first_line(const struct facts *facts)
{
	return facts->bootloader.kind == BOOTLOADER_SYSTEMD_BOOT && first_line_judge(facts) != FIRST_LINE_FINE;
}

static void add_step(struct finding *finding, enum joint joint, enum cause step, const char *word, const char *file,
		     bool several)
{
	finding_open_step(finding, joint, step);
	finding_value(finding, VALUE_WORD, "%s", word);
	finding_value(finding, VALUE_FILE, "%s", file);
	finding_flag(finding, VALUE_SEVERAL, several);
	finding_close(finding);
}

void fix_add(const struct fix_of *of, const char *what, struct finding *finding, enum joint joint)
{
	const struct facts *facts = of->facts;
	const struct bootloader *bootloader = &facts->bootloader;
	char file[PLACE_SIZE];
	if (facts->tools.has[TOOL_NIXOS_REBUILD]) {
		add_step(finding, joint, FIX_ADD_NIXOS, what, "", false);
	} else if (bootloader->kind == BOOTLOADER_GRUB) {
		find_grub_file(facts, file);
		add_step(finding, joint, FIX_ADD_GRUB, what, file, false);
	} else if (fix_is_first_line(facts) && first_line_fits(facts, what)) {
		(void)first_line_fix(facts, what, finding, joint);
		apply_at_once(of, finding, JOINT_COMMA);
		return;
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT && has_cmdline_file(facts)) {
		add_step(finding, joint, FIX_ADD_LINE, what, bootloader_file(bootloader, false),
			 bootloader->systemd_boot_said.count > 1);
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT) {
		add_step(finding, joint, FIX_ADD_SYSTEMD_BOOT, what, "", false);
		add_reboot(of, finding, JOINT_AND);
		return;
	} else {
		add_step(finding, joint, FIX_ADD_SOMEWHERE, what, "", false);
		add_reboot(of, finding, JOINT_COMMA_AND);
		return;
	}
	fix_apply(of, finding, JOINT_COMMA);
}

// Where a word stands in the files, as far as that is known. WHERE_NOWHERE: no file has it.
enum where { WHERE_NOWHERE, WHERE_NIXOS, WHERE_PLACES, WHERE_SOMEWHERE, WHERE_GRUB, WHERE_ENTRY };

static enum where find_where(const struct fix_of *of, const struct cmdline_word *word)
{
	const struct facts *facts = of->facts;
	const struct bootloader *bootloader = &facts->bootloader;
	if (facts->tools.has[TOOL_NIXOS_REBUILD])
		return WHERE_NIXOS;
	if (fix_has_word(facts, word))
		return WHERE_PLACES;
	if (bootloader->kind == BOOTLOADER_UNKNOWN)
		return WHERE_SOMEWHERE;
	if (bootloader->kind == BOOTLOADER_GRUB && bootloader->grub.shell.doubt.kind != SHELL_FINE)
		return WHERE_GRUB;
	if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT && !has_cmdline_file(facts))
		return WHERE_ENTRY;
	return WHERE_NOWHERE;
}

// Adds that to the step which is open, and closes it; then what follows.
static void close_where(const struct fix_of *of, enum where where, const struct cmdline_word *word,
			struct finding *finding)
{
	static const enum cause parts[] = {
		[WHERE_NOWHERE] = CAUSE_NONE,          [WHERE_NIXOS] = PART_AT_NIXOS, [WHERE_PLACES] = PART_AT_PLACES,
		[WHERE_SOMEWHERE] = PART_AT_SOMEWHERE, [WHERE_GRUB] = PART_AT_GRUB,   [WHERE_ENTRY] = PART_AT_ENTRY,
	};
	char at[PLACE_SIZE];
	finding_part(finding, VALUE_WHERE, parts[where]);
	if (where == WHERE_PLACES)
		(void)add_places(of->facts, word, finding);
	if (where == WHERE_GRUB) {
		fix_place(at, sizeof(at), of->facts->bootloader.grub.shell.doubt.place);
		finding_value(finding, VALUE_PLACE, "%s", at);
	}
	if (where == WHERE_ENTRY)
		finding_value(finding, VALUE_FROM, "%s", of->entry ? of->entry->words_from : "");
	finding_close(finding);
	if (where == WHERE_SOMEWHERE || where == WHERE_ENTRY)
		add_reboot(of, finding, JOINT_COMMA_AND);
	else
		fix_apply(of, finding, JOINT_COMMA);
}

static void put_word(char *ret, size_t size, const struct cmdline_word *word)
{
	snprintf(ret, size, "%s%s%s", word->name, word->value ? "=" : "", word->value ? word->value : "");
}

// Whether the bootloader's files give a word already.
static bool is_in_files(const struct facts *facts, const char *text)
{
	const struct cmdline *words = bootloader_words(&facts->bootloader, false);
	char word[160];
	for (size_t i = 0; i < words->count; i++) {
		put_word(word, sizeof(word), &words->words[i]);
		if (streq(word, text))
			return true;
	}
	return false;
}

void fix_remove(const struct fix_of *of, const struct cmdline_word *word, const char *item, struct finding *finding,
		enum joint joint)
{
	bool whole = !item[0] || !word->value || !strchr(word->value, ',');
	enum where where = find_where(of, word);
	char text[160], right[NEAR_MISS_RIGHT_SIZE];
	struct near_miss miss;
	// The runlevel for repair may be left of "NAME = 1".
	if (streq(word->name, "1") &&
	    near_miss_find_value(&miss, &of->facts->host.cmdline, word->name, right, sizeof(right)) &&
	    where != WHERE_NOWHERE) {
		finding_open_step(finding, joint, FIX_WRITE_QUOTED);
		finding_value(finding, VALUE_RIGHT, "%s", right);
		finding_value(finding, VALUE_WORD, "%s", miss.word);
		close_where(of, where, word, finding);
		return;
	}
	if (where == WHERE_NOWHERE) { // what is left to do
		fix_apply(of, finding, joint);
		finding_open_step(finding, JOINT_COLON, whole ? FIX_NONE_HAS : FIX_NONE_HAS_ITEM);
	} else {
		finding_open_step(finding, joint, whole ? FIX_REMOVE_WORD : FIX_REMOVE_ITEM);
	}
	put_word(text, sizeof(text), word);
	finding_value(finding, VALUE_WORD, "%s", text);
	finding_value(finding, VALUE_ITEM, "%s", item);
	finding_value(finding, VALUE_PARAMETER, "%s", word->name);
	if (where == WHERE_NOWHERE)
		finding_close(finding);
	else
		close_where(of, where, word, finding);
}

void fix_remove_blamed(const struct fix_of *of, struct finding *finding, enum joint joint)
{
	fix_remove(of, finding->word, finding->item, finding, joint);
}

void fix_write(const struct fix_of *of, const char *right, const struct cmdline_word *word, struct finding *finding,
	       enum joint joint)
{
	char text[160];
	enum where where = find_where(of, word);
	put_word(text, sizeof(text), word);
	if (where == WHERE_NOWHERE && !is_in_files(of->facts, right)) {
		fix_add(of, right, finding, joint);
		return;
	}
	if (where == WHERE_NOWHERE)
		fix_apply(of, finding, joint);
	finding_open_step(finding, where == WHERE_NOWHERE ? JOINT_COLON : joint,
			  where == WHERE_NOWHERE ? FIX_FILE_HAS : FIX_WRITE_WORD);
	finding_value(finding, VALUE_RIGHT, "%s", right);
	finding_value(finding, VALUE_WORD, "%s", text);
	if (where == WHERE_NOWHERE)
		finding_close(finding);
	else
		close_where(of, where, word, finding);
}

//
// modprobe.d
//

// What has to go of a line: the option, or the item of its list, where more stands there; else the line.
struct line_part {
	enum cause part;
	char text[96]; // the line, or the value
};

static void judge_line(const struct modprobe_line *line, const char *option, const char *item, struct line_part *ret)
{
	size_t length = 0;
	const char *value = option ? module_option_value(line->rest, option, &length) : NULL;
	ret->text[0] = '\0';
	if (!option) {
		ret->part = PART_LINE;
		snprintf(ret->text, sizeof(ret->text), "%s %s%s%.40s", line->command, line->module,
			 line->rest[0] ? " " : "", line->rest);
	} else if (item[0] && memchr(value, ',', length)) {
		ret->part = PART_OPTION_ITEM;
	} else {
		ret->part = PART_OPTION;
		snprintf(ret->text, sizeof(ret->text), "%.*s", (int)(length < 60 ? length : 60), value);
	}
}

// Whether a line is to go, or part of it.
static bool is_meant(const struct modprobe_line *line, const char *command, const char *module, const char *option,
		     const char *item)
{
	size_t length;
	if (!streq(line->command, command) || !names_equal(line->module, module))
		return false;
	const char *value = option ? module_option_value(line->rest, option, &length) : NULL;
	if (!option)
		return true;
	return value && (item[0] ? strstr(line->rest, item) != NULL : kernel_bool(value) == 0);
}

bool fix_modprobe(const struct fix_of *of, const char *command, const char *module, const char *option,
		  const char *item, struct finding *finding, enum joint joint)
{
	const struct modprobe_lines *lines = &of->facts->modprobe;
	struct line_part part, last = { .part = CAUSE_NONE };
	for (size_t i = 0; i < lines->count; i++) {
		const struct modprobe_line *line = &lines->items[i];
		if (!is_meant(line, command, module, option, item))
			continue;
		judge_line(line, option, item, &part);
		if (last.part == CAUSE_NONE) {
			finding_open_step(finding, joint, FIX_REMOVE_LINES);
		} else if (part.part != last.part || !streq(part.text, last.text)) {
			finding_close(finding);
			last.part = CAUSE_NONE;
		}
		if (last.part == CAUSE_NONE) {
			finding_open(finding, VALUE_LINES, part.part);
			finding_value(finding, part.part == PART_LINE ? VALUE_LINE : VALUE_VALUE, "%s", part.text);
			finding_value(finding, VALUE_OPTION, "%s", option ? option : "");
			finding_value(finding, VALUE_ITEM, "%s", item);
		}
		finding_value(finding, VALUE_PLACE, "%.140s", line->place);
		last = part;
	}
	if (last.part == CAUSE_NONE)
		return false;
	finding_close(finding);
	finding_close(finding);
	fix_renew_initrd(finding, JOINT_COMMA, &of->facts->tools, NULL);
	add_reboot(of, finding, JOINT_AND);
	return true;
}
