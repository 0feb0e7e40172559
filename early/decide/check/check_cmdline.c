// SPDX-License-Identifier: GPL-2.0-or-later
// Words that have to stand on the kernel command line: where they stand instead, and how they come there.
#include <errno.h>
#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "decide/check/near_miss.h"

#define CLAUSE_SIZE 320

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

// The text that has the word and would have to count.
static const struct said *best_said(struct check *check, const struct cure_of *of, const char *name, const char *value)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	const struct said *said = find_said(check, bootloader_said(bootloader, false), name, value);
	// Of several words the last wins, and it may say the contrary.
	if (said && said->how == SAID_USED && !cmdline_sets(bootloader_words(bootloader, false), name, value))
		return NULL;
	return said;
}

// A line that is no assignment to sh, or not the one that was meant.
static void tell_slip(const struct cure_of *of, const struct said *said, const char *word, struct check_cause *ret)
{
	const char *meant = said->meant ? said->meant : "";
	bool exported = starts_with(meant, "export ");
	const char *name = meant + (exported ? strlen("export ") : 0);
	char apply[CLAUSE_SIZE];
	cure_apply_behind(of, said->place, apply, sizeof(apply));
	if (said->how == SAID_BLANKS)
		snprintf(ret->seen, sizeof(ret->seen),
			 "%s stands in %.120s, but blanks beside the '=' there make sh take '%.*s' for a command: no variable is set", word,
			 said->place, (int)strcspn(name, "="), name);
	else
		snprintf(ret->seen, sizeof(ret->seen),
			 "%s stands in %.120s, but the quotes there are those of a printed text, which sh does not take for quotes", word,
			 said->place);
	if (strlen(meant) < 280)
		snprintf(ret->cure, sizeof(ret->cure), "write %s in place of the line %.120s, %.200s", meant, said->place, apply);
	else
		snprintf(ret->cure, sizeof(ret->cure), "write that value in one line without blanks beside '=' and in \"...\", %.200s", apply);
}

// It stands in a file of the bootloader in use, but not so that it counts.
static void tell_lost(const struct cure_of *of, const struct said *said, const char *word, struct check_cause *ret)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	char apply[CLAUSE_SIZE], file[PLACE_SIZE], renamed[PLACE_SIZE + 8], from[SH_WORD_SIZE], to[SH_WORD_SIZE];
	char command[2 * SH_WORD_SIZE + 8], run[2 * SH_WORD_SIZE + 16];
	const char *place = said->place;
	cure_apply(of, apply, sizeof(apply));
	switch (said->how) {
	case SAID_OVERRIDDEN:
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but %.120s overrides %s without it", word, place, said->by,
			 said->variable);
		cure_add(of, word, ret->cure, sizeof(ret->cure));
		break;
	case SAID_BEHIND_END:
		if (bootloader->kind == BOOTLOADER_GRUB) {
			snprintf(ret->seen, sizeof(ret->seen), "%s stands in the value of %.120s behind a line break, ';' or ' #', and GRUB "
				 "ends the kernel command line there", word, place);
			snprintf(ret->cure, sizeof(ret->cure), "write all words of the value in %.120s in one line, without ';' and '#', %s",
				 place, apply);
		} else {
			snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but only the first line of that file is used", word, place);
			if (cure_is_first_line(of->facts))
				cure_add(of, word, ret->cure, sizeof(ret->cure));
			else
				snprintf(ret->cure, sizeof(ret->cure), "move %s to the first line of that file, %s", word, apply);
		}
		break;
	case SAID_BLANKS:
	case SAID_QUOTES:
		tell_slip(of, said, word, ret);
		break;
	case SAID_OUTSIDE:
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s outside of the quotes%s", word, place,
			 cure_grub_failure(of->facts) ? ", which makes the whole file fail" : ", and has no effect");
		snprintf(ret->cure, sizeof(ret->cure), "put %s inside the quotes of " GRUB_EVERYDAY ", %s", word,
			 cure_apply_behind(of, place, apply, sizeof(apply)));
		break;
	case SAID_UNUSED:
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s in the variable %s, which GRUB does not use for the everyday entry",
			 word, place, said->variable);
		cure_add(of, word, ret->cure, sizeof(ret->cure));
		break;
	case SAID_MAYBE:
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, where it depends on a condition, and not on %s kernel command "
			 "line", word, place, of->entry ? "that" : "this boot's");
		cure_add(of, word, ret->cure, sizeof(ret->cure));
		break;
	case SAID_FILE_UNUSED:
		split_name(place, file, renamed, sizeof(file));
		snprintf(command, sizeof(command), "mv %s %s", sh_word(file, from, sizeof(from)), sh_word(renamed, to, sizeof(to)));
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but only files there whose names end in .cfg are read", word, place);
		snprintf(ret->cure, sizeof(ret->cure), "%s, %s", sh_run(command, run, sizeof(run)), apply);
		break;
	case SAID_USED:
		break;
	}
}

static void tell_used(const struct cure_of *of, const struct said *said, const char *word, const char *name, struct check_cause *ret)
{
	const struct facts *facts = of->facts;
	const struct shell_trouble *failure = cure_grub_failure(facts);
	char clause[CLAUSE_SIZE];
	if (failure) {
		cure_say_failure(facts, failure, clause, sizeof(clause));
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but %s", word, said->place, clause);
	} else if (cure_is_first_line(facts)) {
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but a host that boots with that line does not find its root file system",
			 word, said->place);
		cure_add(of, word, ret->cure, sizeof(ret->cure));
		return;
	} else if (of->entry) {
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but it was not applied", word, said->place);
	} else {
		snprintf(ret->seen, sizeof(ret->seen),
			 "%s stands in %.120s, but not on this boot's kernel command line: it %s (running: %s)", word, said->place,
			 why_inactive(facts, name), facts->host.release);
	}
	cure_apply(of, ret->cure, sizeof(ret->cure));
}

bool check_lost_word(struct check *check, const struct cure_of *of, const char *name, const char *value, struct check_cause *ret)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	char word[96];
	snprintf(word, sizeof(word), "%s=%s", name, value);
	if (bootloader->kind == BOOTLOADER_UNKNOWN || cmdline_sets(&of->facts->host.cmdline, name, value))
		return false;
	const struct said *said = best_said(check, of, name, value);
	const struct said *other = find_said(check, bootloader_said(bootloader, true), name, value);
	if (said && said->how == SAID_USED) {
		tell_used(of, said, word, name, ret);
	} else if (said && (!other || other->how != SAID_USED)) {
		tell_lost(of, said, word, ret);
	} else if (other && other->how == SAID_USED) {
		snprintf(ret->seen, sizeof(ret->seen), "%s stands in %.120s, but this host boots with %s, which does not read that file", word,
			 other->place, bootloader->kind == BOOTLOADER_GRUB ? "GRUB" : "systemd-boot");
		cure_add(of, word, ret->cure, sizeof(ret->cure));
	} else {
		return false;
	}
	return true;
}

bool check_not_active(struct check *check, enum requirement requirement, const struct facts *facts, const char *name,
		      const char *value)
{
	const struct cure_of of = { .facts = facts };
	struct check_cause cause;
	if (!check_lost_word(check, &of, name, value, &cause))
		return false;
	check_find(check, requirement, "cmdline-not-active", "%s" CURE "%s", cause.seen, cause.cure);
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
		// The first of those that come nearest: the later ones may have it from there.
		if (best && list->items[i].how >= best->how)
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

// What has to be written for a word of a file, as the beginning of a cure.
static void say_right(const struct near_miss *miss, const char *word, const char *place, char *ret, size_t size)
{
	char right[NEAR_MISS_RIGHT_SIZE];
	if (miss->kind == MISS_FOR_INIT)
		snprintf(ret, size, "move %s before the \"--\" in %.120s", word, place);
	else if (near_miss_is_quoted(miss))
		snprintf(ret, size, "remove the inner quotation marks of \"%s\" in %.120s", miss->word, place);
	else if (near_miss_right(miss, word, right, sizeof(right)))
		snprintf(ret, size, "write \"%s\" instead of \"%s\" in %.120s", right, miss->word, place);
	else
		snprintf(ret, size, "put a blank before and behind %s in %.120s", word, place);
}

bool check_near_miss(struct check *check, const struct cure_of *of, const char *name, const char *value, struct check_cause *ret)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	struct near_miss given, written;
	char why[CLAUSE_SIZE], right[512], word[96], apply[CLAUSE_SIZE];
	bool is_given = near_miss_find(&given, &of->facts->host.cmdline, name, value);
	const struct said *said = bootloader->kind == BOOTLOADER_UNKNOWN ?
					  NULL :
					  find_miss(check, bootloader_said(bootloader, false), name, value, &written);
	if (!is_given && !said)
		return false;
	snprintf(word, sizeof(word), "%s=%s", name, value);
	near_miss_explain(is_given ? &given : &written, name, value, why, sizeof(why));
	snprintf(ret->seen, sizeof(ret->seen), "\"%s\" %s%.120s %s", is_given ? given.word : written.word,
		 is_given ? "on the kernel command line" : "in ", is_given || !said ? "" : said->place, why);
	if (said && !cure_is_first_line(of->facts) && (!is_given || streq(given.word, written.word))) {
		say_right(&written, word, said->place, right, sizeof(right));
		snprintf(ret->cure, sizeof(ret->cure), "%.300s, %s", right, cure_apply(of, apply, sizeof(apply)));
	} else {
		cure_add(of, word, ret->cure, sizeof(ret->cure));
	}
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
	cure_place(at, sizeof(at), doubt->place);
	if (doubt->kind == SHELL_UNREADABLE)
		snprintf(ret, size, " that can be read (%s: %s)", at, doubt->what);
	else
		snprintf(ret, size, " that can be read (%s is not understood: '%s')", at, doubt->what);
}
