// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_decide.h"

#include <errno.h>
#include <stdio.h>

#include "act/setup/setup_guest_undo.h"
#include "act/setup/shell_check.h"
#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "decide/check/check.h"
#include "decide/check/first_line.h"
#include "decide/host_rules.h"
#include "decide/setup/setup_boot.h"
#include "decide/setup/setup_needs.h"
#include "decide/sriov/vf_plan.h"
#include "read/host/modules_load.h"
#include "read/boot/grub_settings.h"
#include "tell/setup_text.h"
#include "tell/words.h"

#define READ_LIMIT_MS 3500
#define NEXT_LIMIT_S  40

struct decision {
	const struct root *root;
	struct facts facts;
	struct setup_boot boot;
	struct setup_plan *plan;
	bool refused;
};

const char *setup_command(const struct setup_plan *plan)
{
	return plan->by_esps ? "proxmox-boot-tool refresh" : "update-grub";
}

static const char *file_of(enum setup_kind kind)
{
	static const char *const files[] = {
		[SETUP_GRUB] = GRUB_FILE, [SETUP_LINE] = SYSTEMD_BOOT_FILE, [SETUP_MODULES] = MODULE_LISTS_FILE
	};
	return files[kind];
}

static int read_facts(struct decision *decision)
{
	int r = facts_read(&decision->facts, decision->root, clock_now_us() + READ_LIMIT_MS * USEC_PER_MSEC);
	if (r == 0)
		r = facts_read_next(&decision->facts, decision->root, clock_now_us() + NEXT_LIMIT_S * USEC_PER_SEC);
	if (r == 0)
		setup_boot_judge(&decision->boot, &decision->facts);
	return r;
}

static int read_texts(struct settings_texts *texts, const struct decision *decision, enum setup_kind kind)
{
	return kind == SETUP_GRUB ? settings_texts_read_grub(texts, decision->root)
				  : settings_texts_read_file(texts, decision->root, SYSTEMD_BOOT_FILE);
}

static int make_edit(struct words_edit *edit, const struct words_task *task, enum setup_kind kind)
{
	return kind == SETUP_GRUB ? words_edit_grub(edit, task) : words_edit_line(edit, task);
}

// Nothing of a copy of another host is run: there what the reader does not understand is not known.
static int ask_shell(struct words_edit *edit, const struct words_task *task, const struct root *root)
{
	if (edit->trouble != WORDS_FINE || edit->count == 0)
		return 0;
	if (!root->path[0])
		return shell_check(edit, task);
	if (edit->doubt.kind != SHELL_FINE)
		edit->trouble = WORDS_DOUBT;
	return 0;
}

static struct setup_part *new_part(struct setup_plan *plan, enum setup_kind kind)
{
	struct setup_part *part = &plan->parts[plan->part_count++];
	*part = (struct setup_part){ .kind = kind };
	return part;
}

static void take_edits(struct setup_part *part, struct words_edit *edit)
{
	part->edits = edit->items;
	part->edit_count = edit->count;
	edit->items = NULL;
	edit->count = 0;
}

static void take_changes(struct setup_part *part, const struct word_change *changes, size_t count)
{
	for (size_t i = 0; i < count && part->change_count < CHANGES_MAX; i++)
		part->changes[part->change_count++] = changes[i];
}

//
// What is needed
//

static void tell_trouble(struct decision *decision, const struct words_edit *edit, const struct setup_part *part)
{
	setup_tell_trouble(edit, part->changes, part->change_count, file_of(part->kind), &decision->facts);
	decision->refused = true;
}

static int decide_words(struct decision *decision, enum setup_kind kind, const char *words, struct words_task *task)
{
	struct setup_part *part = new_part(decision->plan, kind);
	struct words_edit edit;
	struct setup_needs *needs = malloc(sizeof(*needs));
	int r = needs ? setup_needs_find(needs, &decision->facts, words) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < needs->count; i++)
		take_changes(part, &needs->items[i].change, 1);
	if (r == 0)
		setup_tell_needs(needs, &decision->facts);
	free(needs);
	if (r < 0)
		return r;
	task->changes = part->changes;
	task->count = part->change_count;
	r = make_edit(&edit, task, kind);
	if (r == 0 && kind == SETUP_GRUB)
		r = ask_shell(&edit, task, decision->root);
	if (r == 0 && edit.trouble != WORDS_FINE)
		tell_trouble(decision, &edit, part);
	else if (r == 0)
		take_edits(part, &edit);
	words_edit_free(&edit);
	return r;
}

static int decide_kind(struct decision *decision, enum setup_kind kind)
{
	struct settings_texts texts;
	struct words_edit base = { .count = 0 };
	struct root copy = *decision->root;
	int r = read_texts(&texts, decision, kind);
	struct words_task task = {
		.texts = &texts,
		.running = decision->facts.next->cmdline_file.words,
		.dropins = true,
		.has_command = grub_has_command,
		.data = &copy,
	};
	if (r == 0)
		r = make_edit(&base, &task, kind); // without a change: what they give now
	if (r == 0 && base.trouble != WORDS_FINE)
		tell_trouble(decision, &base, &(struct setup_part){ .kind = kind });
	else if (r == 0)
		r = decide_words(decision, kind, base.words, &task);
	words_edit_free(&base);
	settings_texts_free(&texts);
	return r;
}

// Whether an entry lacks what the files have by now: they were written, and not brought into force.
static int find_stale(struct decision *decision)
{
	const struct next_boot *next = decision->facts.next;
	CLEANUP_FREE struct setup_needs *needs = malloc(sizeof(*needs));
	int r = needs ? 0 : -ENOMEM;
	for (size_t i = 0; i < next->boot_count && r == 0 && !decision->plan->apply; i++) {
		if (next->boots[i]->trouble[0])
			continue;
		CLEANUP_FREE char *words = words_of_line(next->boots[i]->words);
		r = words ? setup_needs_find(needs, &decision->facts, words) : -ENOMEM;
		decision->plan->apply = r == 0 && needs->count > 0;
	}
	return r;
}

static size_t count_edits(const struct setup_plan *plan)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->part_count; i++)
		count += plan->parts[i].edit_count;
	return count;
}

// With GRUB on the ESPs, too, proxmox-boot-tool refuses while that file is there and has no root=.
static void judge_refresh(struct decision *decision)
{
	const struct words_edit edit = { .trouble = WORDS_NO_ROOT };
	if (decision->plan->apply && decision->plan->by_esps &&
	    first_line_judge(&decision->facts) == FIRST_LINE_REFUSED)
		tell_trouble(decision, &edit, &(struct setup_part){ .kind = SETUP_LINE });
}

static void tell_plan(const struct setup_plan *plan, const struct root *root)
{
	if (count_edits(plan) == 0 && !plan->apply) {
		if (plan->command_count == 0 && !plan->unseen)
			fprintf(output_stream(), "%s\n", plan->undo ? "Nothing to undo." : "Nothing to change.");
		return;
	}
	if (count_edits(plan) == 0)
		fputs("The files are right, but the bootloader's entries were not made of them yet.\n",
		      output_stream());
	putc('\n', output_stream());
	for (size_t i = 0; i < plan->part_count; i++)
		setup_tell_edits(plan->parts[i].edits, plan->parts[i].edit_count);
	if (plan->apply && !root->path[0])
		fprintf(output_stream(), "%sCommand to run: %s\n", count_edits(plan) > 0 ? "\n" : "",
			setup_command(plan));
}

// Whether the host's GPU can be split, or could but for the admin's word, by the kernel that runs or one that boots
// next; told where it cannot.
static bool can_be_split(const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = gpu_list_default(&host->gpus), *other = vf_plan_gpu(host, &facts->config);
	struct gpu_way way = { .way = WAY_GVT }, next;
	char text[TEXT_SIZE];
	if (gpu && gpu->verdict != GPU_SUPPORTED && other)
		gpu_way_choose(&way, host, other);
	else
		judge_gpus(&way.finding, &host->gpus);
	for (size_t i = 0; i < facts->next->boot_count && way.way == WAY_NONE; i++)
		if (check_next_way(&next, facts, facts->next->boots[i]) && way_is_sriov(next.way))
			return true;
	if (way.finding.severity != SEVERITY_FAILED)
		return true;
	log_line(LOG_ERR, "nothing was changed: %s", finding_text(&way.finding, text, sizeof(text)));
	return false;
}

static int decide_setup(struct decision *decision)
{
	struct setup_plan *plan = decision->plan;
	config_tell(&decision->facts.config);
	if (!can_be_split(&decision->facts))
		return EXIT_DEGRADED;
	if (decision->boot.foreign != FOREIGN_NOT) {
		CLEANUP_FREE struct setup_needs *needs = malloc(sizeof(*needs));
		CLEANUP_FREE char *words = words_of_line(decision->facts.next->host.words);
		if (!needs || !words || setup_needs_find(needs, &decision->facts, words) < 0)
			return -ENOMEM;
		setup_tell_foreign(&decision->boot, needs, &decision->facts);
		return EXIT_DEGRADED;
	}
	setup_tell_boot(&decision->boot);
	int r = decision->boot.grub ? decide_kind(decision, SETUP_GRUB) : 0;
	if (r == 0 && decision->boot.line)
		r = decide_kind(decision, SETUP_LINE);
	plan->apply = count_edits(plan) > 0;
	if (r == 0)
		r = find_stale(decision);
	judge_refresh(decision);
	if (r < 0 || decision->refused)
		return r < 0 ? r : EXIT_DEGRADED;
	plan->decided = true;
	tell_plan(plan, decision->root);
	return EXIT_ALL_WELL;
}

//
// Undoing it
//

static bool apply_to_texts(struct settings_texts *texts, const struct words_edit *edit)
{
	for (size_t i = 0; i < edit->count; i++)
		for (size_t k = 0; k < texts->count; k++)
			if (streq(texts->items[k].path, edit->items[i].path)) {
				free(texts->items[k].text);
				texts->items[k].text = edit->items[i].after ? strdup(edit->items[i].after) : NULL;
				if (edit->items[i].after && !texts->items[k].text)
					return false;
			}
	return true;
}

// What stands between what was written and what is there.
static void tell_conflict(struct decision *decision, const struct words_edit *edit, const struct setup_part *part,
			  const struct settings_texts *texts)
{
	tell_trouble(decision, edit, part);
	for (size_t i = 0; i < part->edit_count; i++)
		for (size_t k = 0; k < texts->count && edit->trouble == WORDS_CHANGED; k++)
			if (streq(part->edits[i].path, edit->text) && streq(texts->items[k].path, edit->text))
				setup_tell_edits(&(struct text_edit){ part->edits[i].path, part->edits[i].after,
								      texts->items[k].text },
						 1);
}

static int undo_parts(struct decision *decision, struct setup_part *into, const struct setup_plan *record,
		      struct settings_texts *now, const struct words_task *task)
{
	int r = 0;
	for (size_t i = record->part_count; i-- > 0 && r == 0 && !decision->refused;) {
		const struct setup_part *part = &record->parts[i];
		struct words_edit edit;
		struct word_change changes[CHANGES_MAX];
		size_t count;
		if (part->kind != into->kind)
			continue;
		r = setup_undo(&edit, changes, &count, part, task);
		if (r == 0 && edit.trouble != WORDS_FINE)
			tell_conflict(decision, &edit, part, now);
		else if (r == 0 && !apply_to_texts(now, &edit))
			r = -ENOMEM;
		if (r == 0)
			take_changes(into, changes, count);
		words_edit_free(&edit);
	}
	return r;
}

static int read_lists(struct settings_texts *texts, const struct root *root, const struct setup_plan *record)
{
	int r = 0;
	*texts = (struct settings_texts){ .count = 0 };
	for (size_t i = 0; i < record->part_count; i++)
		for (size_t k = 0; r == 0 && k < record->parts[i].edit_count && record->parts[i].kind == SETUP_MODULES;
		     k++)
			r = settings_texts_add_file(texts, root, record->parts[i].edits[k].path);
	return r;
}

static int read_recorded(struct settings_texts *texts, const struct decision *decision, const struct setup_plan *record,
			 enum setup_kind kind)
{
	return kind == SETUP_MODULES ? read_lists(texts, decision->root, record) : read_texts(texts, decision, kind);
}

static int undo_kind(struct decision *decision, const struct setup_plan *record, enum setup_kind kind)
{
	struct settings_texts before = { .count = 0 }, now = { .count = 0 };
	struct words_edit edit = { .count = 0 };
	struct root copy = *decision->root;
	struct setup_part *part = new_part(decision->plan, kind);
	int r = read_recorded(&before, decision, record, kind), s = read_recorded(&now, decision, record, kind);
	const struct words_task task = {
		.texts = &now,
		.running = decision->facts.next->cmdline_file.words,
		.has_command = grub_has_command,
		.data = &copy,
	};
	r = r < 0 || s < 0 ? -ENOMEM : undo_parts(decision, part, record, &now, &task);
	if (r == 0 && !decision->refused)
		r = settings_texts_compare(&edit, &before, &now);
	if (r == 0 && kind == SETUP_GRUB && edit.count > 0 && !decision->root->path[0])
		r = shell_check_end(&edit, &(struct words_task){ .texts = &now });
	if (r == 0 && edit.trouble != WORDS_FINE)
		tell_trouble(decision, &edit, part);
	take_edits(part, &edit);
	words_edit_free(&edit);
	settings_texts_free(&before);
	settings_texts_free(&now);
	return r;
}

// Of everything, or of what one guest was given.
static int decide_undo(struct decision *decision, unsigned guest)
{
	struct setup_plan *plan = decision->plan;
	struct setup_plan *record = calloc(1, sizeof(*record));
	int r = record ? setup_record_read(record, decision->root) : -ENOMEM;
	plan->undo = true;
	if (r < 0 && r != -ENOMEM) {
		log_line(LOG_ERR, "/" SETUP_RECORD " cannot be used: %s",
			 r == -EBADMSG ? "it is damaged" : strerror(-r));
		free(record);
		return EXIT_INTERNAL;
	}
	for (enum setup_kind kind = 0; kind < SETUP_KINDS && r == 0 && !guest; kind++)
		r = undo_kind(decision, record, kind);
	// What an undo before this one has written, and could not bring into force, is left to be.
	for (size_t i = 0; r == 0 && !guest && i < record->part_count; i++) {
		plan->files = true;
		plan->apply |= record->parts[i].kind != SETUP_MODULES;
	}
	if (r == 0 && !decision->refused)
		setup_guest_undo(plan, record, decision->root, guest);
	if (record)
		setup_plan_free(record);
	free(record);
	if (r < 0 || decision->refused)
		return r < 0 ? r : EXIT_DEGRADED;
	plan->apply = plan->apply && decision->boot.foreign == FOREIGN_NOT;
	plan->decided = true;
	tell_plan(plan, decision->root);
	setup_tell_commands(plan->commands, plan->command_count);
	return EXIT_ALL_WELL;
}

int setup_decide(struct setup_plan *plan, const struct root *root, const struct options *options)
{
	CLEANUP_FREE struct decision *decision = calloc(1, sizeof(*decision));
	*plan = (struct setup_plan){ .part_count = 0 };
	int r = -ENOMEM;
	if (decision) {
		decision->root = root;
		decision->plan = plan;
		r = read_facts(decision);
		plan->by_esps = decision->boot.by_esps;
		if (r == 0)
			r = options->undo ? decide_undo(decision, options->guest) : decide_setup(decision);
		facts_free(&decision->facts);
	}
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : r;
}

//
// Reading it back
//

// Whether an entry has the words that its file has, as far as they were changed.
static bool is_applied(const char *entry, const char *file, const struct setup_part *part)
{
	for (size_t i = 0; i < part->change_count; i++) {
		const struct word_change *change = &part->changes[i];
		const char *const words[] = { change->old, change->new };
		for (size_t k = 0; k < ARRAY_SIZE(words); k++)
			if (*words[k] && words_have(entry, words[k]) != words_have(file, words[k]))
				return false;
	}
	return true;
}

static char *file_words(const struct decision *decision, enum setup_kind kind)
{
	struct settings_texts texts;
	struct words_edit edit = { .count = 0 };
	struct root copy = *decision->root;
	char *words = NULL;
	const struct words_task task = {
		.texts = &texts,
		.running = decision->facts.next->cmdline_file.words,
		.has_command = grub_has_command,
		.data = &copy,
	};
	if (read_texts(&texts, decision, kind) == 0 && make_edit(&edit, &task, kind) == 0 && edit.words)
		words = strdup(edit.words);
	words_edit_free(&edit);
	settings_texts_free(&texts);
	return words;
}

static bool is_made_of(const struct decision *decision, const struct boot_entry *entry, enum setup_kind kind)
{
	const struct esp_list *esps = &decision->facts.next->esps;
	for (size_t i = 0; i < esps->count; i++)
		if (&esps->items[i].entry == entry)
			return esps->items[i].grub == (kind == SETUP_GRUB);
	return decision->boot.grub == (kind == SETUP_GRUB);
}

static bool judge_entry(const struct decision *decision, const struct boot_entry *entry)
{
	const struct setup_plan *plan = decision->plan;
	CLEANUP_FREE char *words = words_of_line(entry->words);
	CLEANUP_FREE struct setup_needs *needs = malloc(sizeof(*needs));
	bool good = words && needs;
	for (size_t i = 0; good && i < plan->part_count; i++) {
		if (!is_made_of(decision, entry, plan->parts[i].kind))
			continue;
		CLEANUP_FREE char *file = file_words(decision, plan->parts[i].kind);
		good = file && is_applied(words, file, &plan->parts[i]);
	}
	if (good && !plan->undo)
		good = setup_needs_find(needs, &decision->facts, words) == 0 && needs->count == 0;
	return good;
}

static bool read_entries_back(const struct decision *decision)
{
	const struct next_boot *next = decision->facts.next;
	bool good = next->boot_count > 0;
	for (size_t i = 0; i < next->esps.count; i++)
		if (!next->esps.items[i].readable) {
			log_line(LOG_ERR, "not read back: the ESP %s: %s", next->esps.items[i].uuid,
				 next->esps.items[i].reason);
			good = false;
		}
	for (size_t i = 0; i < next->boot_count; i++) {
		const struct boot_entry *entry = next->boots[i];
		if (entry == &next->host && next->inferred)
			continue; // what should be on an ESP that was told above
		if (entry->trouble[0]) {
			log_line(LOG_ERR, "not read back: %s: %s", entry->words_from, entry->trouble);
			good = false;
		} else if (judge_entry(decision, entry)) {
			fprintf(output_stream(), "Read back:  %s %s\n", entry->words_from,
				decision->plan->undo ? "is as the files are" : "has what is needed");
		} else {
			log_line(LOG_ERR, "read back: %s does not have the words of the files", entry->words_from);
			good = false;
		}
	}
	return good;
}

int setup_read_back(const struct setup_plan *plan, const struct root *root)
{
	CLEANUP_FREE struct decision *decision = calloc(1, sizeof(*decision));
	CLEANUP_FREE struct setup_plan *copy = calloc(1, sizeof(*copy));
	if (!decision || !copy)
		return EXIT_INTERNAL;
	*copy = *plan;
	decision->root = root;
	decision->plan = copy;
	int r = read_facts(decision);
	int code = r < 0 ? EXIT_INTERNAL : read_entries_back(decision) ? EXIT_ALL_WELL : EXIT_DEGRADED;
	facts_free(&decision->facts);
	return code;
}
