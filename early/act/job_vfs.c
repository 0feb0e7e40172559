// SPDX-License-Identifier: GPL-2.0-or-later
// The job's virtual functions (VFs): those of a GPU are enabled all at once, by its driver; then each one of a guest is
// given to vfio-pci by its driver_override. Never by an ID: the GPU itself has the same.
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "act/job_state.h"
#include "act/vf_write.h"
#include "base/clock.h"
#include "base/log.h"
#include "decide/sriov/sriov_rules.h"
#include "tell/words.h"

#define DRIVER_POLL_MS 20
#define RETRY_POLL_MS  50

// Intel's own values for each VF (sriov.md, section 4).
#define FAIR_QUANTUM_MS 25
#define FAIR_TIMEOUT_US 500000

static const struct gpu *gpu_of(const struct job_state *state, const struct planned_pf *pf)
{
	return &state->host.gpus.items[pf->gpu];
}

static const struct sriov *sriov_of(const struct job_state *state, const struct planned_pf *pf)
{
	return &state->host.sriov.gpus[pf->gpu];
}

static const struct vf *there(const struct job_state *state, const struct planned_pf *pf, const struct planned_vf *vf)
{
	return sriov_vf(sriov_of(state, pf), vf->number);
}

// None of a GPU's VFs can be had, for one reason.
static void fail_all(struct job_state *state, const struct planned_pf *pf, const char *detail)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		if (!there(state, pf, &pf->vfs[i]))
			report_vf(state->report, pf->vfs[i].address, "failed", "", detail);
}

static void fail_all_for(struct job_state *state, const struct planned_pf *pf, const struct finding *finding)
{
	char text[SENTENCE_SIZE];
	report_finding(state->report, finding);
	fail_all(state, pf, finding_text(finding, text, sizeof(text)));
}

// The module is there, and its probe may go on.
static bool wait_for_driver(struct job_state *state, const struct planned_pf *pf)
{
	const struct gpu *gpu = gpu_of(state, pf);
	report_begin(state->report, "wait for driver of %s", gpu->address);
	while (!gpu->driver[0] && !job_is_over(state) && clock_left_ms(state->job->deadline_us) > 0) {
		(void)poll(NULL, 0, DRIVER_POLL_MS);
		gpu_read_driver(&state->host.gpus.items[pf->gpu], state->root);
	}
	if (gpu->driver[0]) {
		report_end(state->report, SEVERITY_OK, "%s is bound", gpu->driver);
		job_read_state(state);
		return true;
	}
	char text[TEXT_SIZE];
	snprintf(
		text, sizeof(text),
		"%s is loaded but did not bind the GPU (its probe failed, or it does not support the GPU); the kernel log "
		"may say why: dmesg | grep -E 'i915|xe'",
		pf->way.driver);
	report_cause(state->report, "sriov-silent", 0);
	report_end(state->report, SEVERITY_FAILED, "%s", text);
	fail_all(state, pf, text);
	return false;
}

// The driver may still be busy with its start.
static int enable_patiently(struct job_state *state, const char *pf, unsigned count)
{
	int r;
	while ((r = vf_enable(state->root, pf, count)) == -EBUSY || r == -EAGAIN) {
		if (job_is_over(state) || clock_left_ms(state->job->deadline_us) == 0)
			break;
		(void)poll(NULL, 0, RETRY_POLL_MS);
	}
	return r;
}

// No driver takes a VF before it is known whose it is. Whatever happens, the kernel looks for drivers again afterwards:
// with that switched off nobody could bind a VF (kernel: pci_device_can_probe()).
static bool enable(struct job_state *state, const struct planned_pf *pf)
{
	const char *address = gpu_of(state, pf)->address;
	char text[TEXT_SIZE];
	report_begin(state->report, STEP_ENABLE_VFS "%s", address);
	int quiet = vf_autoprobe(state->root, address, false);
	int r = enable_patiently(state, address, pf->enable);
	int loud = quiet == 0 ? vf_autoprobe(state->root, address, true) : 0;
	if (quiet < 0 || loud < 0)
		log_line(LOG_WARNING, STEP_ENABLE_VFS "%s: sriov_drivers_autoprobe cannot be written: %s", address,
			 strerror(quiet < 0 ? -quiet : -loud));
	job_read_state(state);
	unsigned count = sriov_of(state, pf)->count;
	if (r == 0 && count >= pf->enable) {
		report_end(state->report, SEVERITY_OK, "%u, for %s", count, pf->source);
		return true;
	}
	if (r == 0)
		snprintf(text, sizeof(text), "the kernel reported success, but there are %u of %u virtual functions",
			 count, pf->enable);
	else
		snprintf(text, sizeof(text), "%u virtual functions: %s (%s)", pf->enable, vf_error_text(r),
			 strerror(-r));
	report_cause(state->report, "vf-enable-failed", r);
	report_end(state->report, SEVERITY_FAILED, "%s", text);
	fail_all(state, pf, text);
	return count > 0;
}

// Gives a VF its driver.
static void bind_vf(struct job_state *state, const struct planned_pf *pf, const struct planned_vf *vf)
{
	const struct vf *now = there(state, pf, vf);
	const char *driver = vf->host ? NULL : VF_GUEST_DRIVER;
	char text[TEXT_SIZE];
	if (!now)
		return;
	if (now->driver[0]) {
		report_vf(state->report, vf->address, vf->step == VF_MAKE ? "created" : "existing", now->driver, "");
		return;
	}
	report_begin(state->report, "bind %s", vf->address);
	int r = vf_bind(state->root, vf->address, driver);
	job_read_state(state);
	now = there(state, pf, vf);
	if (now && now->driver[0]) {
		report_vf(state->report, vf->address, vf->step == VF_MAKE ? "created" : "existing", now->driver, "");
		report_end(state->report, SEVERITY_OK, "%s%s%s", now->driver, vf->claim ? ", for " : "",
			   vf->claim ? vf->claim->source : "");
		return;
	}
	snprintf(text, sizeof(text), "%s did not bind it%s%s%s", driver ? driver : "the host's driver",
		 r < 0 ? " (" : "", r < 0 ? strerror(-r) : "", r < 0 ? ")" : "");
	report_cause(state->report, "vf-bind-failed", r);
	report_vf(state->report, vf->address, vf->host ? "existing" : "failed", "", text);
	// A container that has no driver for its VF is one thing less; a guest takes its VF by itself.
	report_end(state->report, SEVERITY_WARNING, "%s", text);
}

static int set_fair(struct job_state *state, const char *pf, unsigned number)
{
	int r = sriov_set_profile(state->root, pf, number, "exec_quantum_ms", FAIR_QUANTUM_MS);
	return r < 0 ? r : sriov_set_profile(state->root, pf, number, "preempt_timeout_us", FAIR_TIMEOUT_US);
}

static void schedule(struct job_state *state, const struct planned_pf *pf)
{
	const char *address = gpu_of(state, pf)->address;
	int r = 0;
	if (!pf->fair || !sriov_of(state, pf)->admin)
		return;
	report_begin(state->report, "schedule VFs of %s", address);
	for (size_t i = 0; r == 0 && i < pf->vf_count; i++)
		if (there(state, pf, &pf->vfs[i]))
			r = set_fair(state, address, pf->vfs[i].number);
	if (r < 0)
		report_end(state->report, SEVERITY_HINT, "the driver's own values stay: %s", strerror(-r));
	else
		report_end(state->report, SEVERITY_OK, "%u ms each, stopped after %u us", FAIR_QUANTUM_MS,
			   FAIR_TIMEOUT_US);
}

// What cannot be had in this boot, and what is odd.
static void tell_vf(struct job_state *state, const struct planned_vf *vf)
{
	char text[SENTENCE_SIZE];
	if (!vf->finding.name)
		return;
	report_finding(state->report, &vf->finding);
	if (vf->step == VF_LATER || vf->step == VF_HOPELESS)
		report_vf(state->report, vf->address, "failed", "", finding_text(&vf->finding, text, sizeof(text)));
}

static void make_vfs(struct job_state *state, const struct planned_pf *pf)
{
	bool met = planned_pf_is_met(pf), enabled = true;
	if (!met && state->job->early)
		job_wait_for_join(state);
	for (size_t i = 0; i < pf->vf_count; i++)
		tell_vf(state, &pf->vfs[i]);
	if (pf->enable > 0)
		enabled = enable(state, pf);
	if (!enabled)
		return;
	for (size_t i = 0; i < pf->vf_count && !job_is_over(state); i++)
		bind_vf(state, pf, &pf->vfs[i]);
	if (!met)
		schedule(state, pf);
}

int job_make_vfs(struct job_state *state)
{
	if (state->plan.vfs.count == 0)
		return 0;
	report_read_step(state->report, "read host again");
	job_read_state(state);
	for (size_t i = 0; i < state->plan.vfs.count; i++)
		if (state->plan.vfs.pfs[i].stance == STANCE_ACT && !gpu_of(state, &state->plan.vfs.pfs[i])->driver[0])
			(void)wait_for_driver(state, &state->plan.vfs.pfs[i]);

	vf_plan_free(&state->plan.vfs);
	int r = vf_plan_make(&state->plan.vfs, &state->host, &state->config);
	for (size_t i = 0; r == 0 && i < state->plan.vfs.count && !job_is_over(state); i++) {
		const struct planned_pf *pf = &state->plan.vfs.pfs[i];
		if (pf->stance != STANCE_ACT)
			fail_all_for(state, pf, &pf->leave);
		else if (gpu_of(state, pf)->driver[0])
			make_vfs(state, pf);
	}
	return r;
}
