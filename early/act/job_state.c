// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/job_state.h"

#include "act/join_events.h"
#include "base/clock.h"
#include "base/file.h"

// At the deadline the boot stops waiting, but a slow driver is no hung one: for as long again the worker goes on, and
// the instances still come before the guests. After that nothing is begun: a guest's start that finds its instance half
// made fails (proxmox.md).
bool job_is_over(struct job_state *state)
{
	if (!state->over && clock_left_ms(state->job->deadline_us + state->given_us) == 0)
		state->over = true;
	return state->over;
}

uint64_t job_half_time(const struct job_state *state)
{
	return (state->job->started_us + state->job->deadline_us) / 2;
}

void job_read_state(struct job_state *state)
{
	report_flush(state->report);
	(void)!host_read(&state->host, state->root, HOST_STATE, HOST_UNBOUNDED);
}

bool job_udev_has_ended(const struct job_state *state)
{
	return file_exists(state->root->run, JOIN_FILE);
}

int job_join_events(struct job_state *state)
{
	if (state->join_events == 0)
		state->join_events = join_events_open(state->root);
	return state->join_events;
}

bool job_initrd_has_ended(const struct job_state *state)
{
	return !file_exists(state->root->fs, CONFIG_SNAPSHOT);
}
