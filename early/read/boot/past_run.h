// SPDX-License-Identifier: GPL-2.0-or-later
// What a run of this boot has left behind: its report (report.h), read back.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/paths.h"
#include "base/root.h"
#include "base/util.h"

// Why something failed, in words and as data.
struct past_run_failure {
	const char *detail;
	const char *cause; // CAUSE_* (paths.h), "" when the report names none
	const char *error; // what the kernel answered, such as "ENODEV"; "" likewise
	bool dated;        // of a report of version 1, in which only the words are
};

struct past_run_step {
	const char *name, *detail;
	struct past_run_failure why;
	enum severity severity;
	uint64_t at_us, duration_us;
};

struct past_run_instance {
	const char *uuid, *type, *parent, *source, *result, *detail;
	struct past_run_failure why;
	uint64_t made_at_us; // 0 when it was not made then
};

// A virtual function (VF).
struct past_run_vf {
	const char *address, *parent, *source, *driver, *result, *detail;
	struct past_run_failure why;
};

// Texts are never NULL; they live as long as the whole.
#define PAST_RUN_VERSION 2 // of reports, the last that is known; 1 had no causes

struct past_run {
	json_t *json;      // NULL when there is no such report, or it cannot be read
	bool damaged;      // it is there, and json is NULL
	long long foreign; // then: its version, where that is one which this program does not know, else 0
	const char *state, *result, *kernel, *boot_id, *gpu, *i915_loaded_by, *release;
	const char *current; // the step that was not finished, or ""
	uint64_t started_us, finished_us;
	struct past_run_step *steps;
	size_t step_count;
	struct past_run_instance *instances;
	size_t instance_count;
	struct past_run_vf *vfs; // only where any were wanted
	size_t vf_count;
};

// Reads the report of a run (paths.h). Returns a negative errno only when out of memory.
MUST_CHECK int past_run_read(struct past_run *past, const struct root *root, const char *run_name);
// The same, but of another boot it is as if there were none.
MUST_CHECK int past_run_read_of(struct past_run *past, const struct root *root, const char *run_name,
				const char *boot_id);
// As if there were no report.
void past_run_none(struct past_run *past);
void past_run_free(struct past_run *past);

// How many instances and VFs it wanted, and how many of them were there at its end.
size_t past_run_wanted(const struct past_run *past);
size_t past_run_there(const struct past_run *past);

// What it says of an instance, or of the VF at an address; or NULL.
const struct past_run_instance *past_run_find(const struct past_run *past, const char *uuid);
const struct past_run_vf *past_run_find_vf(const struct past_run *past, const char *address);

// The last step that has ended, or "".
const char *past_run_last_step(const struct past_run *past);
// Why a step failed, the last one of that name; NULL when none did.
const struct past_run_failure *past_run_failed(const struct past_run *past, const char *step);
// Whether a failure is of that cause, and whether the kernel answered with that error (an errno, positive); false for
// NULL.
bool past_run_is(const struct past_run_failure *why, const char *cause);
bool past_run_has_error(const struct past_run_failure *why, int error);

// The same file for those who want less. Its name below /run:
#define PAST_RUN_FILE_SIZE (sizeof(STATE_DIR) + RUN_NAME_SIZE + 8)
void past_run_file(const char *run_name, char ret[static PAST_RUN_FILE_SIZE]);

// Its content, with what a run that works has noted since (run_journal.h): a new reference, NULL when it cannot be
// parsed. A negative errno when the file cannot be read.
#define PAST_RUN_MAX (1024 * 1024)
MUST_CHECK int past_run_load(const struct root *root, const char *run_name, json_t **ret);

// A text at its top level, "" when it is not there, cut to size; -ENOENT when there is no report.
MUST_CHECK int past_run_read_text(const struct root *root, const char *run_name, const char *key, char *ret,
				  size_t size);
