// SPDX-License-Identifier: GPL-2.0-or-later
// The commands: what they have in common, and those that only read.
#pragma once

#include <stdbool.h>

#include "base/root.h"

#define CHECK_LIMIT_S      5  // "check" answers within this time, even if something hangs
#define CHECK_NEXT_LIMIT_S 60 // "check --next-boot", which unpacks initrds
#define CONTENTS_LIMIT_S   40 // "contents": it unpacks an initrd, and compresses some megabytes
#define LOOK_LIMIT_S       10 // for each other command that "capture" runs: each ends within this time by itself
#define CAPTURE_LIMIT_S    (CHECK_NEXT_LIMIT_S + 5 * LOOK_LIMIT_S) // all of them, and the archive

struct options {
	const char *root;     // --root, or NULL
	const char *output;   // --output, or NULL for standard output
	const char *resume;   // --resume, or NULL
	const char *kernel;   // --kernel, or NULL for the running one
	const char *snapshot; // --snapshot, or NULL
	const char *into;     // --into, or NULL
	const char *word;     // the command's argument, or NULL
	unsigned guest;       // --guest, or 0
	bool json;            // --json
	bool metrics;         // --metrics
	bool next_boot;       // --next-boot
	bool dry_run;         // --dry-run
	bool yes;             // --yes
	bool undo;            // --undo
	bool clean;           // --clean
	bool hookscript;      // --hookscript
	const char *type;     // --type, or NULL
};

// Each returns the program's exit code (exitcode.h).
int command_check(const struct root *root, const struct options *options);
// The same, but nothing is printed where takes says of the outcome that it is another one's.
struct check;
typedef bool (*check_taker)(void *data, const struct check *check);
int command_check_unless(const struct root *root, const struct options *options, check_taker takes, void *data);
int command_plan(const struct root *root, const struct options *options);
int command_types(const struct root *root, const struct options *options);
int command_status(const struct root *root, const struct options *options);
int command_capture(const struct root *root, const struct options *options);
int command_snapshot(const struct root *root, const struct options *options);
int command_gate(const struct root *root, const struct options *options);
int command_contents(const struct root *root, const struct options *options);
