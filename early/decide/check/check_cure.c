// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/check_cure.h"

#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/first_line.h"
#include "decide/check/near_miss.h"

#define CLAUSE_SIZE 320

void cure_place(char *ret, size_t size, struct shell_place place)
{
	if (place.line > 0)
		snprintf(ret, size, "%.120s:%u", place.file, place.line);
	else
		snprintf(ret, size, "%.120s", place.file);
}

const struct shell_trouble *cure_grub_failure(const struct facts *facts)
{
	const struct bootloader *bootloader = &facts->bootloader;
	if (bootloader->kind != BOOTLOADER_GRUB)
		return NULL;
	if (bootloader->grub.shell.failure.kind != SHELL_FINE)
		return &bootloader->grub.shell.failure;
	return bootloader->grub.menu.kind != SHELL_FINE ? &bootloader->grub.menu : NULL;
}

// Who reads GRUB's files on this host.
static const char *mkconfig(const struct facts *facts)
{
	if (facts->tools.has[TOOL_UPDATE_GRUB])
		return "update-grub";
	return facts->tools.has[TOOL_GRUB_MKCONFIG] ? "grub-mkconfig" : "the making of GRUB's menu";
}

void cure_say_failure(const struct facts *facts, const struct shell_trouble *failure, char *ret, size_t size)
{
	char at[PLACE_SIZE];
	const char *program = mkconfig(facts);
	cure_place(at, sizeof(at), failure->place);
	if (failure == &facts->bootloader.grub.menu) {
		snprintf(ret, size, "GRUB does not accept '%s' in the value of %s, so %s fails", failure->what, at, program);
		return;
	}
	switch (failure->kind) {
	case SHELL_QUOTE_OPEN:
		snprintf(ret, size, "the quote that opens in %s is not closed, so %s fails", at, program);
		break;
	case SHELL_SUBSTITUTION_OPEN:
		snprintf(ret, size, "a substitution (%s) that begins in %s is not closed, so %s fails", failure->what, at, program);
		break;
	case SHELL_NO_COMMAND:
		snprintf(ret, size, "%s runs '%s' as a command, and there is none, so %s fails", at, failure->what, program);
		break;
	case SHELL_BAD_NAME:
		snprintf(ret, size, "%s exports or unsets '%s', which is no name of a variable, so %s fails", at, failure->what, program);
		break;
	case SHELL_PLUS_ASSIGN:
		snprintf(ret, size, "%s uses '+=', which sh does not have, so %s fails", at, program);
		break;
	case SHELL_BOM:
		snprintf(ret, size, "%.120s begins with a byte order mark, so %s fails", failure->place.file, program);
		break;
	case SHELL_CR:
		snprintf(ret, size, "%.120s has the line ends of Windows, so %s fails", failure->place.file, program);
		break;
	case SHELL_EXIT:
		snprintf(ret, size, "%s ends %s before the menu is written", at, program);
		break;
	case SHELL_SYNTAX:
	case SHELL_FINE:
	case SHELL_UNREADABLE:
	case SHELL_NOT_UNDERSTOOD:
		snprintf(ret, size, "%s has '%s' where sh does not expect it, so %s fails", at, failure->what, program);
		break;
	}
}

static void mend_failure(const struct shell_trouble *failure, char *ret, size_t size)
{
	char at[PLACE_SIZE], command[SH_WORD_SIZE + 48], path[SH_WORD_SIZE];
	cure_place(at, sizeof(at), failure->place);
	sh_word(failure->place.file, path, sizeof(path));
	switch (failure->kind) {
	case SHELL_QUOTE_OPEN:
		snprintf(ret, size, "close the quote in %s", at);
		break;
	case SHELL_NO_COMMAND:
	case SHELL_BAD_NAME:
		snprintf(ret, size, "put all words of %s inside the quotes, without blanks around '='", at);
		break;
	case SHELL_PLUS_ASSIGN:
		snprintf(ret, size, "write NAME=\"$NAME ...\" instead of NAME+= in %s", at);
		break;
	case SHELL_BOM:
		snprintf(command, sizeof(command), "sed -i \"1s/^\\xEF\\xBB\\xBF//\" %s", path);
		sh_run(command, ret, size);
		break;
	case SHELL_CR:
		snprintf(command, sizeof(command), "sed -i \"s/\\r$//\" %s", path);
		sh_run(command, ret, size);
		break;
	case SHELL_EXIT:
		snprintf(ret, size, "remove '%s' from %s", streq(failure->what, "false") ? "false" : "exit", at);
		break;
	case SHELL_SUBSTITUTION_OPEN:
	case SHELL_SYNTAX:
	case SHELL_FINE:
	case SHELL_UNREADABLE:
	case SHELL_NOT_UNDERSTOOD:
		snprintf(ret, size, "correct %s", at);
		break;
	}
}

const char *cure_mend(const struct facts *facts, const char *place, char *ret, size_t size)
{
	const struct shell_trouble *failure = cure_grub_failure(facts);
	char mend[CLAUSE_SIZE], at[PLACE_SIZE] = "";
	ret[0] = '\0';
	if (first_line_judge(facts) != FIRST_LINE_FINE) {
		first_line_cure(facts, "", mend, sizeof(mend));
		snprintf(ret, size, "%s, ", mend);
		return ret;
	}
	if (failure)
		cure_place(at, sizeof(at), failure->place);
	if (!failure || streq(at, place))
		return ret;
	mend_failure(failure, mend, sizeof(mend));
	snprintf(ret, size, "%s, ", mend);
	return ret;
}

// Where nothing has to be mended before.
static const char *apply_at_once(const struct cure_of *of, char *ret, size_t size)
{
	const struct facts *facts = of->facts;
	const char *release = of->entry && of->entry->release[0] ? of->entry->release : facts->host.release;
	char apply[TOOL_TEXT_SIZE];
	snprintf(ret, size, "%s%s", bootloader_apply(&facts->bootloader, &facts->tools, release, apply, sizeof(apply)),
		 of->entry ? "" : " and reboot");
	return ret;
}

const char *cure_apply_behind(const struct cure_of *of, const char *place, char *ret, size_t size)
{
	char mend[CLAUSE_SIZE], apply[TOOL_TEXT_SIZE + 16];
	snprintf(ret, size, "%s%s", cure_mend(of->facts, place, mend, sizeof(mend)), apply_at_once(of, apply, sizeof(apply)));
	return ret;
}

const char *cure_apply(const struct cure_of *of, char *ret, size_t size)
{
	return cure_apply_behind(of, "", ret, size);
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
		if (list->items[i].how == SAID_USED && streq(list->items[i].variable, said->variable) && said->variable[0])
			former = count_word(list->items[i].text, word);
	return count > former;
}

// All places of the bootloader's files where a word stands and counts, as "FILE:LINE and FILE:LINE". Returns how many.
static size_t find_places(const struct facts *facts, const struct cmdline_word *word, char *ret, size_t size)
{
	const struct said_list *list = bootloader_said(&facts->bootloader, false);
	size_t count = 0;
	ret[0] = '\0';
	if (facts->bootloader.kind == BOOTLOADER_UNKNOWN)
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].how != SAID_USED || !is_written(list, i, word))
			continue;
		size_t used = strlen(ret);
		snprintf(ret + used, size - used, "%s%.120s", count++ ? " and " : "", list->items[i].place);
	}
	return count;
}

bool cure_has_word(const struct facts *facts, const struct cmdline_word *word)
{
	char places[2 * PLACE_SIZE];
	return find_places(facts, word, places, sizeof(places)) > 0;
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
			snprintf(ret, PLACE_SIZE, "%.*s", (int)strcspn(said->items[i].place, ":"), said->items[i].place);
			return;
		}
}

// The files that systemd-boot's entries are made of are known.
static bool has_cmdline_file(const struct facts *facts)
{
	return facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] || facts->bootloader.kernel_install;
}

bool cure_is_first_line(const struct facts *facts)
{
	return facts->bootloader.kind == BOOTLOADER_SYSTEMD_BOOT && first_line_judge(facts) != FIRST_LINE_FINE;
}

const char *cure_add(const struct cure_of *of, const char *what, char *ret, size_t size)
{
	const struct facts *facts = of->facts;
	const struct bootloader *bootloader = &facts->bootloader;
	const char *reboot = of->entry ? "" : " and reboot";
	char apply[CLAUSE_SIZE], file[PLACE_SIZE], line[CLAUSE_SIZE];
	cure_apply(of, apply, sizeof(apply));
	if (facts->tools.has[TOOL_NIXOS_REBUILD]) {
		snprintf(ret, size, "add %s to boot.kernelParams in the configuration of NixOS, %s", what, apply);
	} else if (bootloader->kind == BOOTLOADER_GRUB) {
		find_grub_file(facts, file);
		snprintf(ret, size, "add %s to " GRUB_EVERYDAY " in %.140s, %s", what, file, apply);
	} else if (cure_is_first_line(facts) && first_line_cure(facts, what, line, sizeof(line))) {
		snprintf(ret, size, "%s, %s", line, apply_at_once(of, apply, sizeof(apply)));
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT && has_cmdline_file(facts)) {
		snprintf(ret, size, "add %s to the %sline in %s, %s", what, bootloader->systemd_boot_said.count > 1 ? "first " : "",
			 bootloader_file(bootloader, false), apply);
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT) {
		snprintf(ret, size, "add %s to the kernel command line, in the settings of which this host's systemd-boot entries are made%s",
			 what, reboot);
	} else {
		snprintf(ret, size, "add %s to the kernel command line, in the settings of this host's bootloader (which one that is cannot be "
				    "determined)%s", what, of->entry ? "" : ", and reboot");
	}
	return ret;
}

// Where a word goes from, and what follows, as the end of "remove WORD"; from is "from" or "in". False where no file has it.
static bool say_place(const struct cure_of *of, const struct cmdline_word *word, const char *from, char *ret, size_t size)
{
	const struct facts *facts = of->facts;
	const struct bootloader *bootloader = &facts->bootloader;
	const struct shell_trouble *doubt = &bootloader->grub.shell.doubt;
	char apply[CLAUSE_SIZE], places[2 * PLACE_SIZE], at[PLACE_SIZE];
	cure_apply(of, apply, sizeof(apply));
	if (facts->tools.has[TOOL_NIXOS_REBUILD]) {
		snprintf(ret, size, "%s boot.kernelParams in the configuration of NixOS, %s", from, apply);
	} else if (find_places(facts, word, places, sizeof(places)) > 0) {
		snprintf(ret, size, "%s %.310s, %s", from, places, apply);
	} else if (bootloader->kind == BOOTLOADER_UNKNOWN) {
		snprintf(ret, size, "%s the kernel command line, in the settings of this host's bootloader (which one that is cannot be "
				    "determined)%s", from, of->entry ? "" : ", and reboot");
	} else if (bootloader->kind == BOOTLOADER_GRUB && doubt->kind != SHELL_FINE) {
		cure_place(at, sizeof(at), doubt->place);
		snprintf(ret, size, "%s the settings of GRUB (what %s comes to is not known), %s", from, at, apply);
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT && !has_cmdline_file(facts)) {
		snprintf(ret, size, "%s the options of %s%s", from, of->entry ? of->entry->words_from : "the loader entry that was booted",
			 of->entry ? "" : ", and reboot");
	} else {
		return false;
	}
	return true;
}

static void put_word(char *ret, size_t size, const struct cmdline_word *word)
{
	snprintf(ret, size, "%s%s%s", word->name, word->value ? "=" : "", word->value ? word->value : "");
}

// The files are right, or no file has the word any more: what is left to do.
static const char *only_apply(const struct cure_of *of, const char *why, const char *word, char *ret, size_t size)
{
	char apply[CLAUSE_SIZE];
	snprintf(ret, size, "%s: %s %s", cure_apply(of, apply, sizeof(apply)), why, word);
	return ret;
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

const char *cure_remove(const struct cure_of *of, const struct cmdline_word *word, const char *item, char *ret, size_t size)
{
	bool whole = !item[0] || !word->value || !strchr(word->value, ',');
	char text[160], where[2 * CLAUSE_SIZE], right[NEAR_MISS_RIGHT_SIZE];
	struct near_miss miss;
	// The runlevel for repair may be left of "NAME = 1".
	if (streq(word->name, "1") && near_miss_find_value(&miss, &of->facts->host.cmdline, word->name, right, sizeof(right)) &&
	    say_place(of, word, "in", where, sizeof(where))) {
		snprintf(ret, size, "write \"%s\" instead of \"%s\" %s", right, miss.word, where);
		return ret;
	}
	if (whole)
		put_word(text, sizeof(text), word);
	else
		snprintf(text, sizeof(text), "%s from %s=", item, word->name);
	if (!say_place(of, word, whole ? "from" : "in", where, sizeof(where)))
		return only_apply(of, "no file of the bootloader has it any more:", text, ret, size);
	snprintf(ret, size, "remove %s %s", text, where);
	return ret;
}

const char *cure_write(const struct cure_of *of, const char *right, const struct cmdline_word *word, char *ret, size_t size)
{
	char text[160], where[2 * CLAUSE_SIZE];
	put_word(text, sizeof(text), word);
	if (!say_place(of, word, "in", where, sizeof(where)))
		return is_in_files(of->facts, right) ? only_apply(of, "the bootloader's file has", right, ret, size) :
						       cure_add(of, right, ret, size);
	snprintf(ret, size, "write %s instead of %s %s", right, text, where);
	return ret;
}

// What has to go of a line: the option, or the item of its list, where more stands there; else the line. With "from" or "in" behind it.
static void say_line(const struct modprobe_line *line, const char *option, const char *item, char *ret, size_t size)
{
	size_t length = 0;
	const char *value = option ? module_option_value(line->rest, option, &length) : NULL;
	if (!option)
		snprintf(ret, size, "'%s %s%s%.40s' from", line->command, line->module, line->rest[0] ? " " : "", line->rest);
	else if (item[0] && memchr(value, ',', length))
		snprintf(ret, size, "%s from %s= in", item, option);
	else
		snprintf(ret, size, "'%s=%.*s' from", option, (int)(length < 60 ? length : 60), value);
}

const char *cure_modprobe(const struct cure_of *of, const char *command, const char *module, const char *option, const char *item, char *ret,
			  size_t size)
{
	const struct modprobe_lines *lines = &of->facts->modprobe;
	char all[2 * CLAUSE_SIZE] = "", part[96], last[96] = "", renew[TOOL_TEXT_SIZE];
	ret[0] = '\0';
	for (size_t i = 0; i < lines->count; i++) {
		const struct modprobe_line *line = &lines->items[i];
		size_t length, used = strlen(all);
		if (!streq(line->command, command) || !names_equal(line->module, module) ||
		    (option && !module_option_value(line->rest, option, &length)))
			continue;
		if (option && (item[0] ? !strstr(line->rest, item) : kernel_bool(module_option_value(line->rest, option, &length)) != 0))
			continue;
		say_line(line, option, item, part, sizeof(part));
		if (streq(part, last))
			snprintf(all + used, sizeof(all) - used, " and %.140s", line->place);
		else
			snprintf(all + used, sizeof(all) - used, "%s%s %.140s", used ? " and " : "", part, line->place);
		strcpy(last, part);
	}
	if (all[0])
		snprintf(ret, size, "remove %s, %s%s", all, tools_renew_initrd(&of->facts->tools, NULL, renew, sizeof(renew)),
			 of->entry ? "" : " and reboot");
	return ret;
}
