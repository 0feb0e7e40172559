// SPDX-License-Identifier: GPL-2.0-or-later
// What a run that works has changed since its report (past_run.h) was last written: a JSON object a line, appended at
// each step. To replace the report as a whole each time would cost more than all else that a run does by itself.
//
// A line has "started_us" (whose run it is), what of the report's top level changes ("current" is there only while a
// step is running), "steps" with those from the index "from" on, and "instances" and "vfs" if they have changed. A line
// may be met twice, or be cut off where the run was killed.
#pragma once

#include <jansson.h>

#include "base/paths.h"
#include "base/util.h"

// Its file below /run.
#define RUN_JOURNAL_FILE_SIZE (sizeof(STATE_DIR) + RUN_NAME_SIZE + 8)
void run_journal_file(const char *run_name, char ret[static RUN_JOURNAL_FILE_SIZE]);

// Brings a report up to the last whole line that is of its run. Of a report whose state is not "running" nothing
// changes: who has closed it knew the lines.
void run_journal_apply(json_t *report, const char *lines);

// A report with its lines behind it, as a run keeps them in memory. A new reference, or NULL when it is no object.
json_t *run_journal_parse(const char *text);
