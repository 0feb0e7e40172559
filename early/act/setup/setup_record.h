// SPDX-License-Identifier: GPL-2.0-or-later
// What "setup" is to write, as one process tells it another, and what it has written, as the next run finds it: JSON.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "decide/setup/setup_part.h"

#define SETUP_DIR    "var/lib/gvt-early/setup"
#define SETUP_RECORD SETUP_DIR "/record.json"
#define PARTS_MAX    32
#define COMMANDS_MAX 64
#define GIVEN_MAX    (COMMANDS_MAX - 2)
#define RECORD_MAX   (16 * 1024 * 1024)

// What a guest was given.
struct setup_given {
	unsigned vmid, index;
	char value[SETUP_WORD_SIZE]; // of hostpciN, "" for none
	bool hookscript;
	unsigned command; // of an undo, the number of the one that takes it back, from 1; 0 when nothing of it is left
};

struct setup_plan {
	struct setup_part parts[PARTS_MAX];
	size_t part_count;
	struct setup_command commands[COMMANDS_MAX]; // of the guests
	size_t command_count;
	struct setup_given given[GIVEN_MAX]; // is to be given; of an undo: is to be forgotten
	size_t given_count;
	bool undo;
	bool apply;   // what was written has to be brought into force, or something was before and has not been
	bool by_esps; // by proxmox-boot-tool
	bool files;   // of an undo: the record has files
	bool unseen;  // of an undo: a guest could not be looked at, and keeps what it was given
	bool decided; // there is a plan
};

void setup_plan_free(struct setup_plan *plan);

// Adds a command of a guest: count words, which are copied.
void setup_plan_add(struct setup_plan *plan, const char *const *words, size_t count);

// Both return a negative errno, -EBADMSG for what is no such text.
MUST_CHECK int setup_plan_print(const struct setup_plan *plan, char **ret_text);
MUST_CHECK int setup_plan_parse(struct setup_plan *plan, const char *text);

// The record; without one plan is empty, and 0 returned.
MUST_CHECK int setup_record_read(struct setup_plan *plan, const struct root *root);
