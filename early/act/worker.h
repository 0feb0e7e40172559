// SPDX-License-Identifier: GPL-2.0-or-later
// The process that does the job, and those that wait for it. A worker can hang in the kernel for ever and cannot be killed
// then: it is given up, and nothing of the host waits for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Starts the job in the background, as the early stage of the boot. Returns when the worker has prepared what must stand
// before udev starts, has nothing to do, or after 2 s; the exit code for the command. resume is as in job.h.
int worker_start(const struct root *root, const char *resume, char **argv);

// Tells the worker that worker_start() left behind that the initrd's udev has ended, so that it may make the instances, and
// waits for it: until its deadline, JOIN_LEAST_US (job.h) at least. Returns the exit code for the command.
int worker_join(const struct root *root);

// Does the job and waits for it, until its deadline, on a running host; for one guest, or with 0 for everything. Returns the exit
// code; *ret_report becomes the report, the caller's to free, or NULL.
int worker_run(const struct root *root, unsigned guest, char **argv, char **ret_report);

// Runs a function that may block for ever in another process, until a moment; its return value is the exit code. What does not
// answer is told on standard error, and the function is run again without it: *ret_without. When the time is over, it is told what was
// being read, and EXIT_DEGRADED returned. reading_share() comes before.
int worker_bounded(const struct root *root, int (*function)(const void *data), const void *data, uint64_t until_us, char **argv,
		   bool *ret_without);
