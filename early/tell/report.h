// SPDX-License-Identifier: GPL-2.0-or-later
// What a run did: a line a step in the log, and a file in /run/gvt-early: report.json for "boot", apply.json for
// "apply", guest-100.json for "apply --guest 100". The file is replaced as a whole when the run begins and ends; at
// each step a line is added to its journal (run_journal.h), so that a process that times out on a hung worker sees its
// step. A run that waits for another run does not touch that run's file until it has the lock. past_run.h reads it
// back.
//
// The format is described in gvt-early(8), REPORT; REPORT_VERSION changes with it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/paths.h"
#include "base/root.h"
#include "base/util.h"
#include "decide/plan.h"
#include "read/boot/past_run.h"
#include "read/host/host.h"

#define REPORT_VERSION PAST_RUN_VERSION

#define STEP_NAME_SIZE (MODULE_NAME_SIZE + 16)

struct report;

// Starts the report of a run. It is kept in a file in memory if copy is its descriptor (else -1), and in the run's own
// file from report_publish() on. deadline_us is a moment (clock.h). root and run must outlive it. NULL when out of
// memory. If /run is not writable, there are only log lines; this is reported once.
struct report *report_new(const struct root *root, const char *run_name, uint64_t deadline_us, int copy);
void report_free(struct report *report);
void report_publish(struct report *report);

// From now on the current step is noted in the lock's file, too (lock_note.h). lock may be -1.
void report_note_steps(struct report *report, int lock);

// Names the boot and the kernel; called when the host has been read.
void report_host(struct report *report, const struct host *host);

// Notes the deadline, once the configuration has been read.
void report_deadline(struct report *report, uint64_t deadline_us);

// A step begins, is noted as the current one, and ends with a result. Steps do not nest. report_finding() is both at
// once, for what was only checked.
//
// The end is saved with the next step's begin, which follows at once, or by report_flush(). Call that before anything
// that may block between two steps: whoever finds this process blocked shall not read that it is in the step before.
void report_begin(struct report *report, const char *format, ...) PRINTF(2, 3);
void report_end(struct report *report, enum severity severity, const char *format, ...) PRINTF(3, 4);
void report_finding(struct report *report, const struct finding *finding);
void report_flush(struct report *report);

// Why the current step fails, as data beside its words, for the step and for the instance that it is for. cause is one
// of the names that gvt-early(8) lists, and must stay valid; error is the kernel's answer, a negative errno, or 0.
void report_cause(struct report *report, const char *cause, int error);

// Begins a step that only reads: it ends with the next step or finding, and is reported only if it never ends.
void report_read_step(struct report *report, const char *name);

// Whether a step changes something: loads a module, makes or removes an instance, enables or binds virtual functions.
bool report_step_acts(const char *step);

// Notes all wanted instances and virtual functions as pending, and which GPU they are for.
void report_plan(struct report *report, const struct plan *plan, const struct host *host);
// The parent on which an instance is created, if it is not the planned one.
void report_parent(struct report *report, size_t index, const char *parent);
// The result of an instance; index as in the plan. result is one of created, existing, conflict, failed, busy. Proxmox
// VE handles a busy instance, so it is not missing.
void report_instance(struct report *report, size_t index, const char *result, const char *detail);

// The result of a virtual function, by its address: created, existing or failed; and the driver that is bound, "" for
// none.
void report_vf(struct report *report, const char *address, const char *result, const char *driver, const char *detail);

// Ends it. state is done, left or late. Instances and virtual functions still pending become not-made.
void report_finish(struct report *report, const char *state);

// The worst severity so far.
enum severity report_severity(const struct report *report);

// After a timeout on a worker, or its death: rewrites the report that it left in its file, or in the file in memory
// (copy, or -1), with the state gave-up or crashed and its last step, and logs one line. where may name what the worker
// waits for, or be NULL. publish: writes the run's file, too. If the worker has finished meanwhile, nothing is changed.
struct report_closing {
	const char *state, *where;
	uint64_t waited_us;
	bool publish;
	char step[STEP_NAME_SIZE], gpu[PCI_ADDRESS_SIZE]; // returned, "" when not known
};
void report_close_for(const struct root *root, const char *run_name, int copy, struct report_closing *end);

// Records who loaded i915 (i915_loader.h). The end of the current step saves it.
void report_loader(struct report *report, const char *loader);

// Notes the name of the snapshot's content (booted_initrd.h).
void report_snapshot(struct report *report, const char *id);

// The content of the file in memory. The caller frees it.
MUST_CHECK int report_read_copy(int copy, char **ret_text);
