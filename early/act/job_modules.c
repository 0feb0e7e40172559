// SPDX-License-Identifier: GPL-2.0-or-later
// The job's modules: loads them in their order, a GPU's driver only after udev has processed the GPU, and finds out who
// loaded i915.
#include <stdio.h>

#include "act/job_state.h"
#include "act/join_events.h"
#include "act/udev_wait.h"
#include "base/clock.h"
#include "read/host/i915_loader.h"

// A GPU's driver is loaded only after udev has finished with the GPU, or has exited: a driver that hangs in its probe
// would hang udev too, and the boot waits for udev for some minutes. Returns as udev_wait() does.
static int wait_for_gpu_event(struct job_state *state, const char *address)
{
	uint64_t half = job_half_time(state);
	int r = state->udev < 0 ? state->udev : 0, join = job_join_events(state);
	while (r == 0 && !job_udev_has_ended(state) && !job_initrd_has_ended(state) &&
	       (state->job->joinable || clock_left_ms(half) > 0)) {
		r = udev_wait(state->udev, join, address, clock_now_us() + JOIN_POLL_MS * USEC_PER_MSEC);
		join_events_wait(join, 0);
	}
	return r;
}

static void wait_for_udev(struct job_state *state, const char *address)
{
	report_begin(state->report, "wait for udev");
	if (state->udev_was_first) {
		report_end(state->report, SEVERITY_HINT, "skipped: udev was started before gvt-early");
		return;
	}
	int r = wait_for_gpu_event(state, address);
	if (r > 0)
		report_end(state->report, SEVERITY_OK, "udev has processed %s", address);
	else if (r < 0)
		report_end(state->report, SEVERITY_HINT, "cannot listen to udev: %s; going on", strerror(-r));
	else
		report_end(state->report, SEVERITY_HINT,
			   job_udev_has_ended(state) ? "udev exited before it processed %s; going on"
						     : "udev did not process %s in time; going on",
			   address);
}

// The parameter's value as it is now, whatever set it.
static void tell_gvt(struct job_state *state, char *ret, size_t size)
{
	int on = module_bool_parameter(state->root, "i915", "enable_gvt");
	snprintf(ret, size, on < 0 ? ", without the parameter enable_gvt" : ", with enable_gvt=%d", on);
}

// Who loaded i915, if it was not us: then our options may have come too late.
static void tell_loader(struct job_state *state, char *ret, size_t size)
{
	const char *loader = state->loader;
	if (!loader[0])
		loader = loader_of_i915(state->root, &state->host.cmdline, udev_started(state->root));
	report_loader(state->report, loader);
	snprintf(ret, size, ", by %s", streq(loader, LOADER_UNKNOWN) ? "another program" : loader);
}

// Why the kernel refused a module. The kernel's answer to a damaged file is the same as to a bad parameter, to a module
// of another machine or, if it requires signatures, to an unsigned module.
static void tell_error(const struct job_state *state, const char *name, int error, char *ret, size_t size)
{
	char path[256];
	bool damaged = module_damaged(state->host.modules, name, path, sizeof(path)) > 0;
	report_cause(state->report, damaged ? CAUSE_MODULE_DAMAGED : CAUSE_MODULE_REFUSED, error);
	if (damaged)
		snprintf(ret, size, "%s is damaged", path);
	else
		snprintf(ret, size, "%s", module_error_text(error));
}

// Returns false when nothing further can work.
static bool load_one(struct job_state *state, const struct planned_module *module)
{
	bool is_i915 = names_equal(module->name, "i915");
	char by[64] = "", with[48] = "", why[300];
	int error = 0;
	report_begin(state->report, "load %s", module->name);
	const char *options = module->options ? module->options : "";
	switch (module_load(state->host.modules, state->root, module->name, module->options, &error)) {
	case LOAD_DONE:
		if (is_i915)
			report_loader(state->report, LOADER_US);
		report_end(state->report, SEVERITY_OK, "loaded%s%s", *options ? " with " : "", options);
		return true;
	case LOAD_ALREADY:
		if (is_i915)
			tell_loader(state, by, sizeof(by));
		report_end(state->report, SEVERITY_OK, "was loaded already%s", by);
		return true;
	case LOAD_MEANWHILE:
		if (is_i915) {
			tell_loader(state, by, sizeof(by));
			if (!module->for_vfs)
				tell_gvt(state, with, sizeof(with));
		}
		report_end(state->report, SEVERITY_OK, "was loaded meanwhile%s%s",
			   is_i915 ? by : ", by another program", with);
		return true;
	case LOAD_MISSING:
		report_cause(state->report, CAUSE_MODULE_MISSING, 0);
		report_end(state->report, module->required ? SEVERITY_FAILED : SEVERITY_HINT,
			   "kernel %s has no such module%s", state->host.release, module->required ? "" : "; skipped");
		return !module->required;
	case LOAD_BLACKLISTED:
		report_cause(state->report, CAUSE_MODULE_BLACKLISTED, 0);
		report_end(state->report, module->required ? SEVERITY_FAILED : SEVERITY_HINT,
			   "a blacklist names it; skipped");
		return !module->required;
	case LOAD_FAILED:
		break;
	}
	if (names_equal(module->name, "kvmgt"))
		state->host.gvt.kvmgt_error = error;
	tell_error(state, module->name, error, why, sizeof(why));
	report_end(state->report,
		   module->required            ? SEVERITY_FAILED
			   : state->job->guest ? SEVERITY_HINT
					       : SEVERITY_WARNING,
		   "%s (%s)", why, strerror(-error)); // no guest fails to start for want of another module
	return !module->required;
}

// The driver of a GPU is not loaded yet: then udev must have finished with the GPU.
static bool is_driver_to_come(const struct job_state *state, const struct planned_module *module)
{
	return module->gpu && state->job->early && module_state(state->root, module->name) == MODULE_NOT_LOADED;
}

void job_load_modules(struct job_state *state)
{
	for (size_t i = 0; i < state->plan.module_count && !job_is_over(state); i++) {
		const struct planned_module *module = &state->plan.modules[i];
		if (is_driver_to_come(state, module))
			wait_for_udev(state, module->gpu);
		if (!load_one(state, module) && !module->for_vfs)
			return;
		if (names_equal(module->name, "i915") && !module->for_vfs) {
			job_read_state(state);
			if (state->host.gvt.enable_gvt != 1)
				return; // the verification says so; kvmgt would find nothing
		}
	}
}
