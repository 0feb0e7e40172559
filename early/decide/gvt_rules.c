// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/gvt_rules.h"

#include <errno.h>

#include "decide/module_rules.h"

void gvt_judge_gpu(struct finding *finding, const struct gpu *gpu)
{
	static const struct {
		const char *name;
		enum cause cause;
	} verdicts[] = {
		[GPU_SUPPORTED] = { "gpu", CAUSE_GPU_ABLE },
		[GPU_TOO_NEW] = { "gpu-too-new", CAUSE_GPU_TOO_NEW },
		[GPU_TOO_OLD] = { "gpu-too-old", CAUSE_GPU_TOO_OLD },
		[GPU_UNSUPPORTED_ATOM] = { "gpu-atom", CAUSE_GPU_ATOM },
		[GPU_DISCRETE] = { "gpu-discrete", CAUSE_GPU_DISCRETE },
		[GPU_UNKNOWN] = { "gpu-unknown", CAUSE_GPU_UNKNOWN },
	};
	finding_make(finding, verdicts[gpu->verdict].name,
		     gpu->verdict == GPU_SUPPORTED ? SEVERITY_OK : SEVERITY_FAILED, verdicts[gpu->verdict].cause);
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_DEVICE, "%04x", gpu->device_id);
	finding_value(finding, VALUE_MODEL, "%s", gpu->name);
	finding_value(finding, VALUE_APERTURE, "%u", (unsigned)(gpu->aperture / MIB));
	finding_flag(finding, VALUE_OTHER, gpu->verdict == GPU_TOO_NEW && gpu->platform); // another way
}

// The driver offers types: that i915 has GVT-g, and that it is switched on, needs no other proof.
static bool is_proven(const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	return gpu && host->i915_state == MODULE_LIVE && host_types(host, gpu->address)->count > 0;
}

// A file that is no module: the kernel refuses it, and why is told then.
static bool is_damaged(int error)
{
	return error == -EINVAL || error == -ENOEXEC;
}

// An i915 that did not come with the kernel, and has no GVT-g. By its parameter: the loaded one's own goes before the
// file's. And i915-sriov-dkms had the parameter before it had kvmgt: the kernel's own kvmgt does not fit it ("disagrees
// about version of symbol").
static bool lacks_gvt(struct finding *leave, const struct host *host)
{
	const struct module_policy *policy = &host->i915_policy;
	bool live = host->i915_state == MODULE_LIVE;
	bool absent = live ? host->gvt.enable_gvt == -ENOENT && host->gvt.i915_gvt <= 0 : host->gvt.i915_gvt == 0;
	enum cause cause;
	if (!policy->foreign || is_proven(host))
		return false;
	if (absent)
		cause = CAUSE_I915_FOREIGN;
	else if (policy->dkms && !host->gvt.kvmgt_policy.foreign && host->gvt.kvmgt_state != MODULE_LIVE)
		cause = CAUSE_I915_FOREIGN_ALONE;
	else if (!live && host->gvt.i915_gvt < 0 && !is_damaged(host->gvt.i915_gvt))
		cause = CAUSE_I915_FOREIGN_UNREAD;
	else
		return false;
	finding_make(leave, "i915-blocked", SEVERITY_WARNING, cause);
	finding_flag(leave, VALUE_DKMS, policy->dkms);
	finding_value(leave, VALUE_FILE, "%s", live ? "" : policy->file);
	finding_flag(leave, VALUE_NO_INFO, host->gvt.i915_gvt == -ENODATA);
	leave->error = cause == CAUSE_I915_FOREIGN_UNREAD ? -host->gvt.i915_gvt : 0;
	return true;
}

enum stance gvt_judge_i915(struct finding *ret_leave, const struct host *host)
{
	if (lacks_gvt(ret_leave, host))
		return STANCE_ADMIN;
	return module_judge(ret_leave, "i915-blocked", host, "i915", host->i915_state, &host->i915_policy);
}

enum stance gvt_judge_kvmgt(struct finding *ret_leave, const struct host *host)
{
	return module_judge(ret_leave, "i915-blocked", host, "kvmgt", host->gvt.kvmgt_state, &host->gvt.kvmgt_policy);
}

enum stance gvt_judge_switch(struct finding *leave, const struct host *host)
{
	const struct cmdline_word *enable = cmdline_last(&host->cmdline, "i915.enable_gvt");
	const struct cmdline_word *modeset = cmdline_last(&host->cmdline, "i915.modeset");
	size_t length = 0;
	const char *option = module_option_value(host->i915_policy.options, "enable_gvt", &length);
	size_t mode_length = 0;
	const char *mode =
		module_option_value(host->i915_policy.options, "modeset", &mode_length); // the kernel command line wins

	if (is_proven(host) || (host->i915_state == MODULE_LIVE && host->gvt.enable_gvt == 1))
		return STANCE_ACT;
	if (enable && kernel_bool(enable->value) == 0) {
		finding_make(leave, "gvt-switched-off", SEVERITY_WARNING, CAUSE_GVT_OFF_BY_WORD);
		finding_value(leave, VALUE_VALUE, "%s", enable->value);
		finding_blame(leave, enable, "");
	} else if (!enable && option && length > 0 && kernel_bool(option) == 0) {
		finding_make(leave, "gvt-switched-off", SEVERITY_WARNING, CAUSE_GVT_OFF_BY_OPTION);
		finding_value(leave, VALUE_VALUE, "%.*s", (int)length, option);
	} else if (modeset && modeset->value && streq(modeset->value, "0")) {
		finding_make(leave, "i915-blocked", SEVERITY_WARNING, CAUSE_I915_OFF_BY_WORD);
		finding_blame(leave, modeset, "");
	} else if (!modeset && mode && mode_length == 1 && mode[0] == '0') {
		finding_make(leave, "i915-blocked", SEVERITY_WARNING, CAUSE_I915_OFF_BY_OPTION);
	} else {
		return STANCE_ACT;
	}
	return STANCE_ADMIN;
}

// What i915 says of itself once it is loaded. Returns true when there cannot be any types.
static bool judge_parameter(struct finding *finding, const struct host *host)
{
	if (host->i915_state != MODULE_LIVE || host->gvt.enable_gvt == 1 || is_proven(host))
		return false;
	if (host->gvt.enable_gvt < 0 && host->gvt.enable_gvt != -ENOENT)
		return false; // only root can read it
	if (host->gvt.enable_gvt == 0)
		finding_make(finding, "gvt-param-off", SEVERITY_FAILED, CAUSE_PARAMETER_OFF);
	else
		finding_make(finding, "i915-no-gvt", SEVERITY_FAILED, CAUSE_PARAMETER_ABSENT);
	finding_flag(finding, VALUE_FOREIGN, host->i915_policy.foreign);
	return true;
}

enum stance gvt_judge_loaded(struct finding *ret_leave, const struct host *host)
{
	return judge_parameter(ret_leave, host) ? STANCE_UNABLE : STANCE_ACT;
}

static enum stance judge_hung(struct finding *leave, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	bool coming = host->i915_state == MODULE_COMING || host->gvt.kvmgt_state == MODULE_COMING;
	finding_make(leave, "gvt-hung", SEVERITY_FAILED, coming ? CAUSE_DRIVER_COMING : CAUSE_DRIVER_SILENT);
	if (coming)
		finding_value(leave, VALUE_MODULE, "%s", host->i915_state == MODULE_COMING ? "i915" : "kvmgt");
	finding_value(leave, VALUE_ADDRESS, "%s", gpu ? gpu->address : "");
	return STANCE_UNABLE;
}

enum stance gvt_judge_kernel(struct finding *leave, const struct host *host)
{
	if (host->gpus.hung)
		return judge_hung(leave, host);
	if (host->i915_state == MODULE_LIVE && host->gvt.kvmgt_state == MODULE_LIVE)
		return STANCE_ACT;
	if (host->modules_trouble[0])
		finding_make(leave, "modules-missing", SEVERITY_FAILED, CAUSE_MODULES_UNFOUND);
	else if (host->gvt.kvmgt_state != MODULE_LIVE && !host->gvt.kvmgt_policy.available)
		finding_make(leave, "kvmgt-missing", SEVERITY_FAILED, CAUSE_KVMGT_ABSENT);
	else if (host->i915_state != MODULE_LIVE && !host->i915_policy.available)
		finding_make(leave, "i915-missing", SEVERITY_FAILED, CAUSE_I915_ABSENT);
	else
		return STANCE_ACT;
	finding_value(leave, VALUE_RELEASE, "%s", host->release);
	finding_value(leave, VALUE_REASON, "%s", host->modules_trouble);
	return STANCE_UNABLE;
}

static void judge_offers(struct finding *finding, const struct host *host, const struct gpu *gpu)
{
	const struct type_list *types = host_types(host, gpu->address);
	if (host->i915_state != MODULE_LIVE)
		finding_make(finding, "i915-missing", SEVERITY_FAILED, CAUSE_I915_NOT_LOADED);
	else if (!streq(gpu->driver, "i915"))
		finding_make(finding, "gvt-silent", SEVERITY_FAILED, CAUSE_GPU_NOT_TAKEN);
	else if (host->gvt.kvmgt_state != MODULE_LIVE && host->gvt.kvmgt_error == -ENODEV) // before 5.19
		finding_make(finding, "gvt-silent", SEVERITY_FAILED, CAUSE_GVT_NOT_STARTED);
	else if (host->gvt.kvmgt_state != MODULE_LIVE)
		finding_make(finding, "kvmgt-refused", SEVERITY_FAILED, CAUSE_KVMGT_NOT_LOADED);
	else if (types->count > 0)
		finding_make(finding, "gvt", SEVERITY_OK, CAUSE_TYPES_OFFERED);
	else if (types->registered)
		finding_make(finding, "aperture-small", SEVERITY_FAILED, CAUSE_TYPES_NO_ROOM);
	else
		finding_make(finding, "gvt-silent", SEVERITY_FAILED, CAUSE_TYPES_NONE);
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_COUNT, "%u", (unsigned)types->count);
	finding_value(finding, VALUE_APERTURE, "%u", (unsigned)(gpu->aperture / MIB));
	finding_flag(finding, VALUE_PARAMETER, host->gvt.enable_gvt == 1);
}

void gvt_judge_types(struct finding *finding, const struct host *host)
{
	if (!judge_parameter(finding, host))
		judge_offers(finding, host, gpu_list_default(&host->gpus));
}
