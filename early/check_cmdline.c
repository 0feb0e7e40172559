// SPDX-License-Identifier: GPL-2.0-or-later
// Words that have to stand on the kernel command line: where they stand instead, and how they come there.
#include <errno.h>
#include <stdio.h>

#include "check.h"
#include "near_miss.h"

#define CLAUSE_SIZE 320

static void print_place(char *ret, size_t size, struct shell_place place)
{
	if (place.line > 0)
		snprintf(ret, size, "%.120s:%u", place.file, place.line);
	else
		snprintf(ret, size, "%.120s", place.file);
}

// Why update-grub writes no menu of the files as they are, or NULL.
static const struct shell_trouble *grub_failure(const struct facts *facts)
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

// What is wrong, to follow "but"; at is where.
static void say_failure(const struct facts *facts, const struct shell_trouble *failure, const char *at, char *ret, size_t size)
{
	const char *program = mkconfig(facts);
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

static void cure_failure(const struct shell_trouble *failure, const char *at, char *ret, size_t size)
{
	switch (failure->kind) {
	case SHELL_QUOTE_OPEN:
		snprintf(ret, size, "close the quote in %s", at);
		break;
	case SHELL_NO_COMMAND:
		snprintf(ret, size, "put all words of %s inside the quotes, without blanks around '='", at);
		break;
	case SHELL_PLUS_ASSIGN:
		snprintf(ret, size, "write NAME=\"$NAME ...\" instead of NAME+= in %s", at);
		break;
	case SHELL_BOM:
		snprintf(ret, size, "run 'sed -i \"1s/^\\xEF\\xBB\\xBF//\" %.120s'", failure->place.file);
		break;
	case SHELL_CR:
		snprintf(ret, size, "run 'sed -i \"s/\\r$//\" %.120s'", failure->place.file);
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

void check_cure_apply(const struct facts *facts, char *ret, size_t size)
{
	const struct shell_trouble *failure = grub_failure(facts);
	char at[PLACE_SIZE], mend[CLAUSE_SIZE] = "", apply[TOOL_TEXT_SIZE];
	if (failure) {
		print_place(at, sizeof(at), failure->place);
		cure_failure(failure, at, mend, sizeof(mend));
	}
	snprintf(ret, size, "%s%s%s and reboot", mend, mend[0] ? ", " : "",
		 bootloader_apply(&facts->bootloader, &facts->tools, apply, sizeof(apply)));
}

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

void check_cure_cmdline(const struct facts *facts, char *ret, size_t size)
{
	const struct bootloader *bootloader = &facts->bootloader;
	char apply[CLAUSE_SIZE], file[PLACE_SIZE];
	check_cure_apply(facts, apply, sizeof(apply));
	if (facts->tools.has[TOOL_NIXOS_REBUILD]) {
		snprintf(ret, size, "to boot.kernelParams in the configuration of NixOS, run 'nixos-rebuild boot' and reboot");
	} else if (bootloader->kind == BOOTLOADER_GRUB) {
		find_grub_file(facts, file);
		snprintf(ret, size, "to " GRUB_EVERYDAY " in %.140s, %s", file, apply);
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT && (facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] || bootloader->kernel_install)) {
		snprintf(ret, size, "to the %sline in %s, %s", bootloader->systemd_boot_said.count > 1 ? "first " : "",
			 bootloader_file(bootloader, false), apply);
	} else if (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT) {
		snprintf(ret, size, "to the kernel command line, in the settings of which this host's systemd-boot entries are made, and reboot");
	} else {
		snprintf(ret, size, "to the kernel command line, in the settings of this host's bootloader (which one that is cannot be "
				    "determined), and reboot");
	}
}

// Why a word that is in the right file does not count: GRUB's menu says whether it was applied.
static const char *why_inactive(const struct facts *facts, const char *name)
{
	const struct bootloader *bootloader = &facts->bootloader;
	if (bootloader->kind != BOOTLOADER_GRUB || bootloader->proxmox_boot_tool || !bootloader->menu[0])
		return "was not applied, or the host was not rebooted since";
	return strstr(bootloader->menu, name) ? "is in /" GRUB_MENU " too: the host was not rebooted since, or another entry (an older "
						"kernel) was booted"
					      : "is not in /" GRUB_MENU ": it was not applied";
}

static bool sets(struct check *check, const char *text, const char *name, const char *value)
{
	struct cmdline words;
	int r = cmdline_parse(&words, text);
	if (r == -ENOMEM)
		check->error = r;
	if (r < 0)
		return false;
	bool found = cmdline_sets(&words, name, value);
	cmdline_free(&words);
	return found;
}

// The text that has the word: of all of them the one that comes nearest to the kernel, and of these the last.
static const struct said *find_said(struct check *check, const struct said_list *list, const char *name, const char *value)
{
	const struct said *best = NULL;
	for (size_t i = 0; i < list->count; i++)
		if ((!best || list->items[i].how <= best->how) && sets(check, list->items[i].text, name, value))
			best = &list->items[i];
	return best;
}

// "/etc/default/grub.d/gvt.conf:3" -> "/etc/default/grub.d/gvt.conf", and what it has to be called.
static void split_name(const char *place, char *file, char *renamed, size_t size)
{
	const char *slash = strrchr(place, '/');
	const char *dot = strrchr(slash ? slash : place, '.');
	int length = (int)strcspn(place, ":");
	snprintf(file, size, "%.*s", length, place);
	snprintf(renamed, size, "%.*s.cfg", dot && dot > slash + 1 ? (int)(dot - place) : length, place);
}

// It stands in a file of the bootloader in use, but not so that it counts.
static void tell_lost(struct check *check, enum requirement requirement, const struct facts *facts, const struct said *said,
		      const char *word)
{
	const struct bootloader *bootloader = &facts->bootloader;
	char cure[CURE_SIZE], apply[CLAUSE_SIZE], file[PLACE_SIZE], renamed[PLACE_SIZE + 8];
	const char *place = said->place;
	check_cure_cmdline(facts, cure, sizeof(cure));
	check_cure_apply(facts, apply, sizeof(apply));
	switch (said->how) {
	case SAID_OVERRIDDEN:
		check_find(check, requirement, "cmdline-not-active", "%s stands in %.120s, but %.120s overrides %s without it" CURE
			   "add it there, %s", word, place, said->by, said->variable, apply);
		break;
	case SAID_BEHIND_END:
		if (bootloader->kind == BOOTLOADER_GRUB)
			check_find(check, requirement, "cmdline-not-active",
				   "%s stands in the value of %.120s behind a line break, ';' or ' #', and GRUB ends the kernel command "
				   "line there" CURE "write all words of that value in one line, without ';' and '#', %s", word, place, apply);
		else
			check_find(check, requirement, "cmdline-not-active",
				   "%s stands in %.120s, but only the first line of that file is used" CURE "move it to the first line, %s",
				   word, place, apply);
		break;
	case SAID_OUTSIDE:
		check_find(check, requirement, "cmdline-not-active", "%s stands in %.120s outside of the quotes%s" CURE
			   "put it inside the quotes of " GRUB_EVERYDAY ", %s and reboot", word, place,
			   grub_failure(facts) ? ", which makes the whole file fail" : ", and has no effect",
			   bootloader_apply(bootloader, &facts->tools, apply, sizeof(apply)));
		break;
	case SAID_UNUSED:
		check_find(check, requirement, "cmdline-not-active",
			   "%s stands in %.120s in the variable %s, which GRUB does not use for the everyday entry" CURE "add it %s", word,
			   place, said->variable, cure);
		break;
	case SAID_MAYBE:
		check_find(check, requirement, "cmdline-not-active",
			   "%s stands in %.120s, where it depends on a condition, and not on this boot's kernel command line" CURE
			   "add it without a condition %s", word, place, cure);
		break;
	case SAID_FILE_UNUSED:
		split_name(place, file, renamed, sizeof(file));
		check_find(check, requirement, "cmdline-not-active",
			   "%s stands in %.120s, but only files there whose names end in .cfg are read" CURE
			   "run 'mv %.120s %.120s', %s", word, place, file, renamed, apply);
		break;
	case SAID_USED:
		break;
	}
}

static void tell_used(struct check *check, enum requirement requirement, const struct facts *facts, const struct said *said,
		      const char *word, const char *name)
{
	const struct shell_trouble *failure = grub_failure(facts);
	char apply[CLAUSE_SIZE], at[PLACE_SIZE], clause[CLAUSE_SIZE];
	check_cure_apply(facts, apply, sizeof(apply));
	if (failure) {
		print_place(at, sizeof(at), failure->place);
		say_failure(facts, failure, at, clause, sizeof(clause));
		check_find(check, requirement, "cmdline-not-active", "%s stands in %.120s, but %s" CURE "%s", word, said->place, clause, apply);
	} else {
		check_find(check, requirement, "cmdline-not-active",
			   "%s stands in %.120s, but not on this boot's kernel command line: it %s (running: %s)" CURE "%s", word,
			   said->place, why_inactive(facts, name), facts->host.release, apply);
	}
}

bool check_not_active(struct check *check, enum requirement requirement, const struct facts *facts, const char *name,
		      const char *value)
{
	const struct bootloader *bootloader = &facts->bootloader;
	char word[96], cure[CURE_SIZE];
	snprintf(word, sizeof(word), "%s=%s", name, value);
	if (bootloader->kind == BOOTLOADER_UNKNOWN || cmdline_sets(&facts->host.cmdline, name, value))
		return false;
	const struct said *said = find_said(check, bootloader_said(bootloader, false), name, value);
	const struct said *other = find_said(check, bootloader_said(bootloader, true), name, value);
	// Of several words the last wins, and it may say the contrary.
	if (said && said->how == SAID_USED && !cmdline_sets(bootloader_words(bootloader, false), name, value))
		said = NULL;
	if (said && (said->how == SAID_USED || !other || other->how != SAID_USED)) {
		if (said->how == SAID_USED)
			tell_used(check, requirement, facts, said, word, name);
		else
			tell_lost(check, requirement, facts, said, word);
		return true;
	}
	if (!other || other->how != SAID_USED)
		return false;
	check_cure_cmdline(facts, cure, sizeof(cure));
	check_find(check, requirement, "cmdline-not-active",
		   "%s stands in %.120s, but this host boots with %s, which does not read that file" CURE "add it %s", word, other->place,
		   bootloader->kind == BOOTLOADER_GRUB ? "GRUB" : "systemd-boot", cure);
	return true;
}

//
// Near misses
//

static const struct said *find_miss(struct check *check, const struct said_list *list, const char *name, const char *value,
				    struct near_miss *ret)
{
	const struct said *best = NULL;
	for (size_t i = 0; i < list->count; i++) {
		struct cmdline words;
		struct near_miss miss;
		if (best && list->items[i].how > best->how)
			continue;
		int r = cmdline_parse(&words, list->items[i].text);
		if (r == -ENOMEM)
			check->error = r;
		if (r < 0)
			continue;
		if (near_miss_find(&miss, &words, name, value)) {
			best = &list->items[i];
			*ret = miss;
		}
		cmdline_free(&words);
	}
	return best;
}

bool check_near_miss(struct check *check, enum requirement requirement, const struct facts *facts, const char *finding,
		     const char *seen, const char *name, const char *value)
{
	const struct bootloader *bootloader = &facts->bootloader;
	struct near_miss running, written;
	char why[CLAUSE_SIZE], cure[CURE_SIZE], apply[CLAUSE_SIZE];
	bool runs = near_miss_find(&running, &facts->host.cmdline, name, value);
	const struct said *said = bootloader->kind == BOOTLOADER_UNKNOWN ?
					  NULL :
					  find_miss(check, bootloader_said(bootloader, false), name, value, &written);
	if (!runs && !said)
		return false;
	near_miss_explain(runs ? &running : &written, name, value, why, sizeof(why));
	check_cure_apply(facts, apply, sizeof(apply));
	if (said && (!runs || streq(running.word, written.word)))
		snprintf(cure, sizeof(cure), "write %s=%s instead in %.120s, %.280s", name, value, said->place, apply);
	else {
		char add[CURE_SIZE];
		check_cure_cmdline(facts, add, sizeof(add));
		snprintf(cure, sizeof(cure), "remove it and add %s=%s %.220s", name, value, add);
	}
	check_find(check, requirement, finding, "%.140s: \"%s\" %s%.120s %s" CURE "%s", seen, runs ? running.word : written.word,
		   runs ? "on the kernel command line" : "in ", runs ? "" : said->place, why, cure);
	return true;
}

void check_unsure(const struct facts *facts, char *ret, size_t size)
{
	const struct bootloader *bootloader = &facts->bootloader;
	const struct shell_trouble *doubt = &bootloader->grub.shell.doubt;
	char at[PLACE_SIZE];
	ret[0] = '\0';
	if (bootloader->kind != BOOTLOADER_GRUB || doubt->kind == SHELL_FINE)
		return;
	print_place(at, sizeof(at), doubt->place);
	if (doubt->kind == SHELL_UNREADABLE)
		snprintf(ret, size, " that can be read (%s: %s)", at, doubt->what);
	else
		snprintf(ret, size, " that can be read (%s is not understood: '%s')", at, doubt->what);
}
