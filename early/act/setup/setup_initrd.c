// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_initrd.h"

#include <stdio.h>

#include "base/finding.h"
#include "decide/check/check.h"
#include "tell/command.h"

// Only what is known to do nothing but this is run.
static bool is_known(const char *command)
{
	static const char *const begins[] = { "update-initramfs -", "dracut --", "proxmox-boot-tool refresh",
					      "update-grub" };
	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (starts_with(command, begins[i]))
			return !strpbrk(command, "'\"\\$`;&|<>");
	return false;
}

// A step's command, or NULL.
static const char *command_of(const struct finding_record *step)
{
	const char *at = step->inner;
	struct finding_record value;
	while (at && finding_next_record(&at, step->inner_end, &value))
		if (value.value == VALUE_COMMAND && value.text && is_known(value.text))
			return value.text;
	return NULL;
}

static bool has(const struct setup_plan *plan, const struct setup_command *command)
{
	for (size_t i = 0; i < plan->command_count; i++) {
		bool same = plan->commands[i].count == command->count;
		for (size_t k = 0; k < command->count && same; k++)
			same = streq(plan->commands[i].words[k], command->words[k]);
		if (same)
			return true;
	}
	return false;
}

static void add(struct setup_plan *plan, const char *text)
{
	struct setup_command command = { .count = 0 };
	for (size_t length; *text && command.count < SETUP_WORDS_MAX - 1; text += length) {
		text += strspn(text, " ");
		length = strcspn(text, " ");
		snprintf(command.words[command.count++], SETUP_WORD_SIZE, "%.*s", (int)length, text);
	}
	if (plan->command_count < COMMANDS_MAX && !has(plan, &command))
		plan->commands[plan->command_count++] = command;
}

// The steps of a finding, if each of them is such a command.
static void take_steps(struct setup_plan *plan, const struct finding *finding)
{
	struct finding_record record;
	for (int pass = 0; pass < 2; pass++) {
		const char *at = finding->values, *end = at + finding->used;
		while (finding_next_record(&at, end, &record)) {
			if (record.value != VALUE_FIX)
				continue;
			const char *command = command_of(&record);
			if (!command)
				return;
			if (pass == 1)
				add(plan, command);
		}
	}
}

static bool take_commands(void *data, const struct check *check)
{
	struct setup_plan *plan = data;
	for (size_t i = 0; i < CHECKS; i++)
		for (size_t k = 0; k < check->items[i].count; k++)
			if (streq(check->items[i].findings[k].name, "next-initrd"))
				take_steps(plan, &check->items[i].findings[k]);
	plan->decided = plan->command_count > 0;
	return plan->decided;
}

int setup_initrd_check(struct setup_plan *plan, const struct root *root)
{
	const struct options options = { .next_boot = true };
	return command_check_unless(root, &options, take_commands, plan);
}
