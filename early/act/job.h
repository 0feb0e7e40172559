// SPDX-License-Identifier: GPL-2.0-or-later
// The job itself: read, decide, load, verify, create, tell. It may block for ever in the kernel at any step, so it runs
// in a process of its own, on which its parent can time out (worker.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/root.h"
#include "base/util.h"
#include "tell/report.h"

// The least time that the instances get after the join (worker_join()), however late the join is: a root file system
// may wait for minutes for its passphrase.
#define JOIN_LEAST_US (2 * USEC_PER_SEC)

struct job {
	const struct root *root;
	char run_name[RUN_NAME_SIZE]; // its name in the report
	int report;                   // descriptor of the report's copy in memory, or -1
	volatile bool published;      // the report has been written to the run's file
	bool early;                   // in the initrd: with the snapshot, before udev, guarded
	unsigned guest;               // only for this guest of Proxmox VE, which is about to start; 0 for everything
	volatile int guest_lock;      // descriptor of the guest's lock that the job holds now (guest_lock.h), or -1
	const char *resume;           // the device that the initrd would resume from hibernation from, or NULL
	uint64_t started_us;          // the deadline is relative to this moment
	uint64_t deadline_us; // the built-in deadline; the job writes the configured one here, or the later one of the
			      // join
	bool joinable; // ready() could write the file by which 'gvt-early wait' finds this worker
	// Called when the deadline is known and everything that must exist before udev starts exists; also if the job
	// ends before that.
	void (*ready)(struct job *job);
	void *data; // for ready()
};

// Returns the exit code of the program (exitcode.h).
int job_run(struct job *job);
