// SPDX-License-Identifier: GPL-2.0-or-later
// The job itself: read, decide, load, verify, create, tell. It may block for ever in the kernel at any step, so it runs in
// a process that somebody else can give up on (worker.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/root.h"
#include "base/util.h"
#include "tell/report.h"

// What the join gives the instances at least, however late it comes: a root may take minutes until somebody has typed its
// passphrase.
#define JOIN_LEAST_US (2 * USEC_PER_SEC)

struct job {
	const struct root *root;
	char run_name[RUN_NAME_SIZE]; // its name in the report
	int report;            // descriptor of the report's copy in memory, or -1
	volatile bool published; // the report stands in the run's file
	bool early;            // in the initrd: with the snapshot, before udev, guarded
	unsigned guest;        // only for this guest of Proxmox VE, which is about to start; 0 for everything
	volatile int guest_lock; // descriptor of the guest's lock that is held just now (guest_lock.h), or -1
	const char *resume;    // the device that the initrd would resume from hibernation from, or NULL
	uint64_t started_us;   // the deadline counts from here
	uint64_t deadline_us;  // the built-in one; the job puts the configured one here, or what the join gives
	bool joinable;         // ready() could tell the others where this worker is
	// Called when the deadline is known and whatever must stand before udev starts stands; also before leaving early.
	void (*ready)(struct job *job);
	void *data; // for ready()
};

// Returns the exit code of the program (exitcode.h).
int job_run(struct job *job);
