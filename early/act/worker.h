// SPDX-License-Identifier: GPL-2.0-or-later
// The process that does the job, and those that wait for it. A worker that hangs in the kernel cannot be
// killed: these processes time out, and nothing on the host waits for the worker.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Starts the job in the background, as the early stage of the boot. Returns when the worker has prepared what must
// exist before udev starts, if it has nothing to do, or after 2 s; the exit code for the command. resume is as in
// job.h.
int worker_start(const struct root *root, const char *resume, char **argv);

// Tells the worker of worker_start() that the initrd's udev has exited and that it may create the instances. Then waits
// for the worker: until its deadline, but at least JOIN_LEAST_US (job.h). Returns the exit code for the command.
int worker_join(const struct root *root);

// Does the job and waits for it, until its deadline, on a running host; for one guest, or with 0 for everything.
// Returns the exit code; *ret_report becomes the report, the caller's to free, or NULL.
int worker_run(const struct root *root, unsigned guest, char **argv, char **ret_report);

// Runs a function that may block for ever in another process, until a moment; its return value is the exit code. If a
// file does not answer, standard error names it, and the function runs again without that file: *ret_without. At the
// end of the time, standard error names the file that was being read, and EXIT_DEGRADED is returned. Call
// reading_share() before.
int worker_bounded(const struct root *root, int (*function)(const void *data), const void *data, uint64_t until_us,
		   char **argv, bool *ret_without);
