// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of the job (job.c, job_*.c) share; nobody else needs it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "act/job.h"
#include "decide/plan.h"
#include "read/config/config.h"
#include "read/host/host.h"
#include "read/host/modules.h"
#include "read/proxmox/guest_lock.h"
#include "tell/report.h"

#define JOIN_POLL_MS 10

struct job_state {
	struct job *job;
	const struct root *root;
	struct report *report;
	struct host host;
	struct config config;
	struct plan plan;
	int udev;          // listening descriptor, or a negative number
	bool udev_was_first;
	uint64_t given_us; // from the start to the deadline
	bool over;         // it is too late to begin anything
	struct guest_lock_watch lock_watch; // of job->guest_lock, in the early stage
	char loader[32];   // of i915, as an earlier run of this boot has told it, or ""
};

// It is too late to begin anything.
bool job_is_over(struct job_state *state);
// In CLOCK_BOOTTIME microseconds: what is waited for before the drivers leaves half of the time to them.
uint64_t job_half_time(const struct job_state *state);

// The initrd's udev has ended, as the join says.
bool job_udev_has_ended(const struct job_state *state);
// The real root has taken over, and the initrd is emptied.
bool job_initrd_has_ended(const struct job_state *state);

// Reads anew what modules and instances change of the host.
void job_read_state(struct job_state *state);

// Loads the planned modules until one fails without which there are no vGPUs; i915 of the initrd only when udev has finished with
// the GPU. Reads the host again.
void job_load_modules(struct job_state *state);

// Removes and makes what is planned; what an initrd makes only when its udev has ended. All of it is in the report.
void job_make_instances(struct job_state *state);
