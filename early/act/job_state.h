// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of the job (job.c, job_*.c) share. No other file includes this.
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
	int udev; // listening descriptor, or a negative number
	bool udev_was_first;
	int join_events;                    // as of job_join_events(), 0 before it was asked for
	uint64_t given_us;                  // from the start to the deadline
	bool over;                          // it is too late to begin anything
	struct guest_lock_watch lock_watch; // of job->guest_lock, in the early stage
	char loader[32]; // the program that loaded i915, from the report of an earlier run of this boot, or ""
};

// It is too late to begin anything.
bool job_is_over(struct job_state *state);
// In CLOCK_BOOTTIME microseconds: waiting before the drivers are loaded leaves them half of the time.
uint64_t job_half_time(const struct job_state *state);

// Whether the initrd's udev has exited: the join says so.
bool job_udev_has_ended(const struct job_state *state);
// Whether the real root has taken over: the initrd is empty then.
bool job_initrd_has_ended(const struct job_state *state);

// The descriptor of join_events.h, or a negative errno.
int job_join_events(struct job_state *state);

// Reads again what modules and instances change on the host.
void job_read_state(struct job_state *state);

// Loads the planned modules, until a required one fails. In the initrd i915 is loaded only after udev has finished with
// the GPU. Reads the host again.
void job_load_modules(struct job_state *state);

// Waits until the initrd's udev has exited, and reports that. Nothing that a driver makes may appear before.
void job_wait_for_join(struct job_state *state);

// Makes the wanted virtual functions and gives those of guests to vfio-pci; in the initrd only after udev has exited.
// The report has all of it. Returns a negative errno only when out of memory.
MUST_CHECK int job_make_vfs(struct job_state *state);

// Removes and creates the planned instances; in the initrd only after udev has exited. The report has all of it.
void job_make_instances(struct job_state *state);
