// SPDX-License-Identifier: GPL-2.0-or-later
// What a run did: a line a step in the log, and a file in /run/gvt-early: report.json for "boot", apply.json for "apply",
// guest.json for "apply --guest". The file is replaced as a whole at each step, so that whoever gives up on a hung worker sees where it stands.
//
// The format is described in gvt-early(8), REPORT; REPORT_VERSION changes with it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "host.h"
#include "plan.h"
#include "root.h"
#include "util.h"

#define REPORT_VERSION 1
#define STATE_DIR      "gvt-early" // below /run
#define JOIN_FILE      STATE_DIR "/join" // there once the join has begun: the initrd's udev has ended

#define COMMAND_BOOT  "boot"
#define COMMAND_APPLY "apply"
#define COMMAND_GUEST "guest"

#define STEP_NAME_SIZE (MODULE_NAME_SIZE + 16)

struct report;

// Starts the report of a command. deadline_us is a moment (clock.h). root must outlive it. NULL when out of memory. Without
// a writable /run the log lines are all there is; that is told once.
struct report *report_new(const struct root *root, const char *command, uint64_t deadline_us);
void report_free(struct report *report);

// Names the boot and the kernel; called when the host has been read.
void report_host(struct report *report, const struct host *host);

// Notes the deadline, once the configuration has been read.
void report_deadline(struct report *report, uint64_t deadline_us);

// A step begins, is noted as the current one, and ends with a result. Steps do not nest. report_finding() is both at
// once, for what was looked at.
void report_begin(struct report *report, const char *format, ...) PRINTF(2, 3);
void report_end(struct report *report, enum severity severity, const char *format, ...) PRINTF(3, 4);
void report_finding(struct report *report, const struct finding *finding);

// Notes all wanted instances as pending, and which GPU they are for.
void report_plan(struct report *report, const struct plan *plan, const struct host *host);
// On which parent one is made, if not on the planned one.
void report_parent(struct report *report, size_t index, const char *parent);
// What became of one; index as in the plan. result is one of created, existing, conflict, failed, busy. One that is busy is
// Proxmox VE's matter, and not missing.
void report_instance(struct report *report, size_t index, const char *result, const char *detail);

// Ends it. state is done, left or late. Instances still pending become not-made.
void report_finish(struct report *report, const char *state);

// The worst severity so far.
enum severity report_severity(const struct report *report);

// After giving up on a worker, or finding it dead: rewrites the file that it left, with the state gave-up or crashed and
// what its current step was, and logs one line. ret_step gets the step's name, ret_gpu the GPU's address, both "" when not
// known.
void report_close_for(const struct root *root, const char *command, const char *state, uint64_t waited_us, char *ret_step, size_t step_size,
		      char *ret_gpu, size_t gpu_size);

// Notes who has loaded i915 (loader.h). The step that this belongs to saves it.
void report_loader(struct report *report, const char *loader);

// Notes the name of the snapshot's content (initrd.h).
void report_snapshot(struct report *report, const char *id);

// A text at the top level of a command's file, "" when it is not there, cut to size; -ENOENT when there is no file.
MUST_CHECK int report_read_text(const struct root *root, const char *command, const char *key, char *ret, size_t size);

// The file's content as it is, for --json. The caller frees it.
MUST_CHECK int report_read(const struct root *root, const char *command, char **ret_text);
