// SPDX-License-Identifier: GPL-2.0-or-later
// Words that have to stand on the kernel command line: where they stand instead, and how they come there.
#include <errno.h>
#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "decide/check/near_miss.h"

// Why a word that is in the right file does not count: GRUB's menu says whether it was applied.
static enum cause why_inactive(const struct facts *facts, const char *name)
{
	const struct bootloader *bootloader = &facts->bootloader;
	if (bootloader->kind != BOOTLOADER_GRUB || bootloader->proxmox_boot_tool || !bootloader->menu[0])
		return PART_NOT_APPLIED;
	return strstr(bootloader->menu, name) ? PART_IN_MENU : PART_NOT_IN_MENU;
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
static const struct said *find_said(struct check *check, const struct said_list *list, const char *name,
				    const char *value)
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
static const struct said *best_said(struct check *check, const struct fix_of *of, const char *name, const char *value)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	const struct said *said = find_said(check, bootloader_said(bootloader, false), name, value);
	// Of several words the last wins, and it may say the contrary.
	if (said && said->how == SAID_USED && !cmdline_sets(bootloader_words(bootloader, false), name, value))
		return NULL;
	return said;
}

// A line that is no assignment to sh, or not the one that was meant.
static void fix_slip(const struct fix_of *of, const struct said *said, struct finding *finding)
{
	const char *meant = said->meant ? said->meant : "";
	bool exported = starts_with(meant, "export ");
	const char *name = meant + (exported ? strlen("export ") : 0);
	finding_value(finding, VALUE_VARIABLE, "%.*s", (int)strcspn(name, "="), name);
	bool fits = strlen(meant) < 280;
	finding_open_step(finding, JOINT_NONE, fits ? FIX_WRITE_LINE : FIX_WRITE_VALUE);
	finding_value(finding, VALUE_LINE, "%s", fits ? meant : "");
	finding_close(finding);
	fix_apply_behind(of, said->place, finding, JOINT_COMMA);
}

static void fix_name(const struct fix_of *of, const struct said *said, struct finding *finding)
{
	char file[PLACE_SIZE], renamed[PLACE_SIZE + 8], from[SH_WORD_SIZE], to[SH_WORD_SIZE];
	split_name(said->place, file, renamed, sizeof(file));
	fix_run(finding, JOINT_NONE, "mv %s %s", sh_word(file, from, sizeof(from)), sh_word(renamed, to, sizeof(to)));
	fix_apply(of, finding, JOINT_COMMA);
}

// A step that the finding's own values tell, and what follows.
static void fix_line(const struct fix_of *of, enum cause step, const char *place, struct finding *finding)
{
	finding_step(finding, JOINT_NONE, step);
	fix_apply_behind(of, place, finding, JOINT_COMMA);
}

// It stands in a file of the bootloader in use, but not so that it counts.
static void tell_lost(const struct fix_of *of, const struct said *said, const char *word, struct finding *finding)
{
	bool grub = of->facts->bootloader.kind == BOOTLOADER_GRUB;
	finding_value(finding, VALUE_BY, "%s", said->how == SAID_OVERRIDDEN ? said->by : "");
	if (said->how != SAID_BLANKS)
		finding_value(finding, VALUE_VARIABLE, "%s", said->variable);
	switch (said->how) {
	case SAID_OVERRIDDEN:
		finding->cause = CAUSE_LOST_OVERRIDDEN;
		fix_add(of, word, finding, JOINT_NONE);
		break;
	case SAID_BEHIND_END:
		finding->cause = grub ? CAUSE_LOST_BEHIND_END : CAUSE_LOST_SECOND_LINE;
		if (!grub && fix_is_first_line(of->facts))
			fix_add(of, word, finding, JOINT_NONE);
		else
			fix_line(of, grub ? FIX_ONE_LINE : FIX_MOVE_FIRST, "", finding);
		break;
	case SAID_BLANKS:
	case SAID_QUOTES:
		finding->cause = said->how == SAID_BLANKS ? CAUSE_LOST_BLANKS : CAUSE_LOST_QUOTES;
		fix_slip(of, said, finding);
		break;
	case SAID_OUTSIDE:
		finding->cause = CAUSE_LOST_OUTSIDE;
		finding_flag(finding, VALUE_FAILS, fix_grub_failure(of->facts));
		fix_line(of, FIX_INTO_QUOTES, said->place, finding);
		break;
	case SAID_UNUSED:
		finding->cause = CAUSE_LOST_UNUSED;
		fix_add(of, word, finding, JOINT_NONE);
		break;
	case SAID_MAYBE:
		finding->cause = CAUSE_LOST_MAYBE;
		finding_flag(finding, VALUE_NEXT, of->entry);
		fix_add(of, word, finding, JOINT_NONE);
		break;
	case SAID_FILE_UNUSED:
		finding->cause = CAUSE_LOST_FILE;
		fix_name(of, said, finding);
		break;
	case SAID_USED:
		break;
	}
}

static void tell_used(const struct fix_of *of, const char *word, const char *name, struct finding *finding)
{
	const struct facts *facts = of->facts;
	const struct shell_trouble *failure = fix_grub_failure(facts);
	if (failure) {
		finding->cause = CAUSE_LOST_BY_FAILURE;
		fix_add_failure(facts, failure, finding, VALUE_REASON);
	} else if (fix_is_first_line(facts)) {
		finding->cause = CAUSE_LOST_WITHOUT_ROOT;
		fix_add(of, word, finding, JOINT_NONE);
		return;
	} else if (of->entry) {
		finding->cause = CAUSE_LOST_UNAPPLIED;
	} else {
		finding->cause = CAUSE_LOST_IN_THIS_BOOT;
		finding_part(finding, VALUE_WHY, why_inactive(facts, name));
		finding_value(finding, VALUE_RELEASE, "%s", facts->host.release);
	}
	fix_apply(of, finding, JOINT_NONE);
}

bool check_find_lost(struct check *check, const struct fix_of *of, const char *name, const char *value, const char *as,
		     struct finding *ret)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	char word[96];
	snprintf(word, sizeof(word), "%s=%s", name, value);
	if (bootloader->kind == BOOTLOADER_UNKNOWN || cmdline_sets(&of->facts->host.cmdline, name, value))
		return false;
	const struct said *said = best_said(check, of, name, value);
	const struct said *other = find_said(check, bootloader_said(bootloader, true), name, value);
	bool is_other = other && other->how == SAID_USED;
	if (!said && !is_other)
		return false;
	bool of_other = is_other && !(said && said->how == SAID_USED);
	check_begin(ret, as, CAUSE_LOST_OTHER_LOADER);
	finding_value(ret, VALUE_WORD, "%s", word);
	finding_value(ret, VALUE_PLACE, "%s", of_other ? other->place : said->place);
	if (of_other) {
		finding_value(ret, VALUE_LOADER, "%s", bootloader->kind == BOOTLOADER_GRUB ? "GRUB" : "systemd-boot");
		fix_add(of, word, ret, JOINT_NONE);
	} else if (said->how == SAID_USED) {
		tell_used(of, word, name, ret);
	} else {
		tell_lost(of, said, word, ret);
	}
	return true;
}

bool check_not_active(struct check *check, enum requirement requirement, const struct facts *facts, const char *name,
		      const char *value)
{
	const struct fix_of of = { .facts = facts };
	struct finding finding;
	if (!check_find_lost(check, &of, name, value, "cmdline-not-active", &finding))
		return false;
	check_take(check, requirement, &finding);
	return true;
}

//
// Near misses
//

static const struct said *find_miss(struct check *check, const struct said_list *list, const char *name,
				    const char *value, struct near_miss *ret)
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

static enum cause why_missed(const struct near_miss *miss)
{
	static const enum cause parts[] = {
		[MISS_NONE] = CAUSE_NONE,
		[MISS_PREFIX] = PART_MISS_PREFIX,
		[MISS_OTHER] = PART_MISS_OTHER,
		[MISS_CAPITALS] = PART_MISS_CAPITALS,
		[MISS_NO_VALUE] = PART_MISS_NO_VALUE,
		[MISS_BLANKS] = PART_MISS_BLANKS,
		[MISS_VALUE] = PART_MISS_VALUE,
		[MISS_TYPO] = PART_MISS_TYPO,
		[MISS_INSIDE] = PART_MISS_INSIDE,
		[MISS_QUOTES] = PART_MISS_QUOTES,
		[MISS_FOR_INIT] = PART_MISS_FOR_INIT,
	};
	return near_miss_is_quoted(miss) ? PART_MISS_QUOTED : parts[miss->kind];
}

// What has to be written for a word of a file, as a step.
static void fix_miss(const struct near_miss *miss, const char *word, const char *place, struct finding *finding)
{
	char right[NEAR_MISS_RIGHT_SIZE] = "";
	enum cause step = FIX_PUT_BLANKS;
	if (miss->kind == MISS_FOR_INIT)
		step = FIX_MOVE_BEFORE;
	else if (near_miss_is_quoted(miss))
		step = FIX_UNQUOTE;
	else if (near_miss_right(miss, word, right, sizeof(right)))
		step = FIX_WRITE_RIGHT;
	finding_open_step(finding, JOINT_NONE, step);
	finding_value(finding, VALUE_PLACE, "%s", place);
	finding_value(finding, VALUE_FOUND, "%s", miss->word);
	finding_value(finding, VALUE_RIGHT, "%s", step == FIX_WRITE_RIGHT ? right : "");
	finding_close(finding);
}

bool check_find_miss(struct check *check, const struct fix_of *of, const char *name, const char *value, const char *as,
		     struct finding *ret)
{
	const struct bootloader *bootloader = &of->facts->bootloader;
	struct near_miss given, written;
	char word[96];
	bool is_given = near_miss_find(&given, &of->facts->host.cmdline, name, value);
	const struct said *said = bootloader->kind == BOOTLOADER_UNKNOWN
		? NULL
		: find_miss(check, bootloader_said(bootloader, false), name, value, &written);
	if (!is_given && !said)
		return false;
	const struct near_miss *miss = is_given ? &given : &written;
	const char *dot = strchr(name, '.');
	snprintf(word, sizeof(word), "%s=%s", name, value);
	check_begin(ret, as, CAUSE_NEAR_MISS);
	finding_value(ret, VALUE_FOUND, "%s", miss->word);
	finding_value(ret, VALUE_PLACE, "%s", said && !is_given ? said->place : "");
	finding_value(ret, VALUE_WORD, "%s", word);
	finding_value(ret, VALUE_VALUE, "%s", value);
	finding_value(ret, VALUE_MODULE, "%.*s", dot ? (int)(dot - name) : 0, name);
	finding_part(ret, VALUE_WHY, why_missed(miss));
	if (said && !fix_is_first_line(of->facts) && (!is_given || streq(given.word, written.word))) {
		fix_miss(&written, word, said->place, ret);
		fix_apply(of, ret, JOINT_COMMA);
	} else {
		fix_add(of, word, ret, JOINT_NONE);
	}
	return true;
}

void check_add_unsure(const struct facts *facts, struct finding *finding)
{
	const struct bootloader *bootloader = &facts->bootloader;
	const struct shell_trouble *doubt = &bootloader->grub.shell.doubt;
	char at[PLACE_SIZE];
	if (bootloader->kind != BOOTLOADER_GRUB || doubt->kind == SHELL_FINE)
		return;
	fix_place(at, sizeof(at), doubt->place);
	finding_open(finding, VALUE_UNSURE, doubt->kind == SHELL_UNREADABLE ? PART_UNREAD : PART_NOT_UNDERSTOOD);
	finding_value(finding, VALUE_PLACE, "%s", at);
	finding_value(finding, VALUE_WHAT, "%s", doubt->what);
	finding_close(finding);
}
