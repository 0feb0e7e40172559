// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/host_rules.h"

#include <errno.h>
#include <stdio.h>

#include "decide/gvt_capacity.h"
#include "decide/words.h"

#define GUESTS_SHOWN 4 // of a list

// The words that ask for a boot in which somebody wants to repair something (systemd's and sysvinit's).
static const struct cmdline_word *rescue_word(const struct cmdline *cmdline)
{
	static const char *const flags[] = { "single", "S",  "s",		  "1",		  "-s",
					     "rescue", "-b", "systemd.rescue",	  "emergency",	  "systemd.emergency",
					     "rd.rescue", "rd.emergency" };
	static const char *const units[] = { "rescue.target", "emergency.target", "rescue", "emergency" };
	static const char *const unit_names[] = { "systemd.unit", "rd.systemd.unit" };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (cmdline_flag(cmdline, flags[i]))
			return cmdline_flag(cmdline, flags[i]);
	for (size_t i = 0; i < ARRAY_SIZE(unit_names); i++) {
		const struct cmdline_word *word = cmdline_last(cmdline, unit_names[i]);
		for (size_t j = 0; word && word->value && j < ARRAY_SIZE(units); j++)
			if (streq(word->value, units[j]))
				return word;
	}
	return NULL;
}

// Boots that are not ours to touch (design rule 1).
static enum stance judge_boot(struct finding *leave, const struct host *host)
{
	const struct cmdline *cmdline = &host->cmdline;
	if (!host->proc_found) {
		finding_make(leave, "proc-missing", SEVERITY_FAILED, CAUSE_PROC_MISSING);
		return STANCE_UNABLE;
	}
	const struct cmdline_word *enable = cmdline_setting(cmdline, "enable");
	if (enable && kernel_bool(enable->value) == 0) {
		finding_make(leave, "switched-off", SEVERITY_HINT, CAUSE_SWITCHED_OFF);
		finding_value(leave, VALUE_WORD, "%s=%s", enable->name, enable->value);
		finding_blame(leave, enable, "");
		return STANCE_SWITCHED_OFF;
	}

	const struct cmdline_word *rescue = rescue_word(cmdline), *nomodeset = cmdline_last(cmdline, "nomodeset");
	if (host->vmcore || cmdline_last(cmdline, "elfcorehdr")) {
		finding_make(leave, "boot-kdump", SEVERITY_HINT, CAUSE_BOOT_KDUMP);
	} else if (rescue) {
		finding_make(leave, "boot-rescue", SEVERITY_HINT, CAUSE_BOOT_RESCUE);
		finding_value(leave, VALUE_WORD, "%s", rescue->value ? rescue->value : rescue->name);
		finding_blame(leave, rescue, "");
	} else if (nomodeset) {
		finding_make(leave, "i915-blocked", SEVERITY_WARNING, CAUSE_BOOT_NOMODESET);
		finding_blame(leave, nomodeset, "");
	} else if (host->hibernated[0]) {
		finding_make(leave, "boot-resume", SEVERITY_HINT, CAUSE_BOOT_RESUME);
		finding_value(leave, VALUE_FILE, "%s", host->hibernated);
	} else if (host->xen) {
		finding_make(leave, "xen", SEVERITY_FAILED, CAUSE_XEN);
		return STANCE_UNABLE;
	} else {
		return STANCE_ACT;
	}
	return STANCE_OTHER_BOOT;
}

void judge_gpu(struct finding *finding, const struct gpu *gpu)
{
	static const struct {
		const char *name;
		enum cause cause;
	} verdicts[] = {
		[GPU_SUPPORTED] = { "gpu", CAUSE_GPU_ABLE },	       [GPU_TOO_NEW] = { "gpu-too-new", CAUSE_GPU_TOO_NEW },
		[GPU_TOO_OLD] = { "gpu-too-old", CAUSE_GPU_TOO_OLD },  [GPU_UNSUPPORTED_ATOM] = { "gpu-atom", CAUSE_GPU_ATOM },
		[GPU_DISCRETE] = { "gpu-discrete", CAUSE_GPU_DISCRETE }, [GPU_UNKNOWN] = { "gpu-unknown", CAUSE_GPU_UNKNOWN },
	};
	finding_make(finding, verdicts[gpu->verdict].name, gpu->verdict == GPU_SUPPORTED ? SEVERITY_OK : SEVERITY_FAILED,
		     verdicts[gpu->verdict].cause);
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_DEVICE, "%04x", gpu->device_id);
	finding_value(finding, VALUE_MODEL, "%s", gpu->name);
	finding_value(finding, VALUE_APERTURE, "%u", (unsigned)(gpu->aperture / MIB));
	finding_finish(finding);
}

// The guests that have a vGPU and do not start at boot, or are left out by the setting "guests": adds them to the finding.
static void add_unwanted(struct finding *finding, const struct config *config)
{
	const struct guest_list *guests = config->guests;
	size_t count = 0;
	for (size_t i = 0; guests && i < guests->count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		if (entry->problem[0] || (i > 0 && guests->entries[i - 1].vmid == entry->vmid))
			continue;
		if (count++ == 0)
			finding_value(finding, VALUE_FIRST, "%u", entry->vmid);
		if (count <= GUESTS_SHOWN)
			finding_value(finding, VALUE_GUESTS, "%u", entry->vmid);
	}
	finding_flag(finding, VALUE_MORE, count > GUESTS_SHOWN);
	if (count > 0)
		finding_value(finding, VALUE_COUNT, "%zu", count);
}

bool judge_misses_guests(const struct config *config)
{
	return config->guests_unread[0] && !config->guests;
}

void judge_unread(struct finding *finding, const struct config *config)
{
	finding_make(finding, "sources-unreadable", SEVERITY_UNKNOWN, CAUSE_GUESTS_UNREADABLE);
	finding_value(finding, VALUE_REASON, "%s", config->guests_unread);
	finding_flag(finding, VALUE_KNOWN, config->guests);
	finding_flag(finding, VALUE_DENIED, config->guests_denied);
	finding_finish(finding);
}

static void add_problem(struct finding *finding, const char *problem)
{
	char text[TEXT_SIZE];
	config_problem_seen(problem, text, sizeof(text));
	finding_value(finding, VALUE_PROBLEM, "%s", text);
	if (strstr(problem, CURE)) {
		config_problem_cure(problem, text, sizeof(text));
		finding_value(finding, VALUE_PROBLEM_FIX, "%s", text);
	}
}

// A guest has a vGPU, yet it is not wanted at boot.
static enum cause cause_unwanted(const struct settings *settings)
{
	switch (settings->guests) {
	case GUESTS_NONE:
		return CAUSE_GUESTS_NONE;
	case GUESTS_LISTED:
		return CAUSE_GUESTS_UNLISTED;
	case GUESTS_BOOT:
	case GUESTS_ALL:
		break;
	}
	return CAUSE_GUESTS_NOT_AT_BOOT;
}

void judge_nothing_wanted(struct finding *finding, const struct host *host, const struct config *config, bool qm)
{
	char type[TYPE_NAME_SIZE] = "i915-GVTg_V5_4";
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	bool able = gpu && gpu->verdict == GPU_SUPPORTED;
	if (able)
		capacity_example(gpu, type);
	if (judge_misses_guests(config)) {
		judge_unread(finding, config);
		return;
	}
	finding_make(finding, "nothing-wanted", SEVERITY_HINT, CAUSE_NOTHING_WANTED);
	add_unwanted(finding, config);
	finding_flag(finding, VALUE_QM, qm);
	if (config->problem_count > 0) {
		finding->severity = SEVERITY_WARNING;
		finding->cause = CAUSE_CONFIG_WRONG;
		add_problem(finding, config->problems[0]);
	} else if (finding_has(finding, VALUE_COUNT)) {
		finding->cause = cause_unwanted(&config->settings);
	} else if (qm && able && type[0]) {
		finding->cause = CAUSE_NOTHING_WANTED_YET;
		finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(finding, VALUE_TYPE, "%s", type);
	}
	finding_finish(finding);
}

static void judge_no_gpu(struct finding *finding, const struct gpu_list *gpus)
{
	if (gpus->error[0]) {
		finding_make(finding, "pci-unreadable", SEVERITY_FAILED, CAUSE_PCI_UNREADABLE);
		finding_value(finding, VALUE_REASON, "%s", gpus->error);
		finding_flag(finding, VALUE_UNMOUNTED, gpus->unmounted);
	} else {
		finding_make(finding, "gpu-absent", SEVERITY_FAILED, CAUSE_GPU_ABSENT);
	}
	finding_finish(finding);
}

void judge_gpus(struct finding *finding, const struct gpu_list *gpus)
{
	const struct gpu *gpu = gpu_list_default(gpus);
	if (gpu)
		judge_gpu(finding, gpu);
	else
		judge_no_gpu(finding, gpus);
}

static enum stance judge_ability(struct finding *leave, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	if (gpu && gpu->verdict == GPU_SUPPORTED)
		return STANCE_ACT;
	judge_gpus(leave, &host->gpus);
	return STANCE_UNABLE;
}

#define ID_SIZE 40 // "8086:3e92:SUBVENDOR:SUBDEVICE:CLASS:MASK", as far as it is shown

// Whether "8086:3e92" is an entry of vfio-pci's ids ("VENDOR:DEVICE[:...],..."), and the entry.
static bool ids_name_gpu(const char *ids, size_t length, const struct gpu *gpu, char ret[static ID_SIZE])
{
	char wanted[16];
	snprintf(wanted, sizeof(wanted), "8086:%04x", gpu->device_id);
	const char *end = ids + length;
	for (const char *id = ids; id < end;) {
		const char *comma = memchr(id, ',', (size_t)(end - id));
		size_t n = (size_t)((comma ? comma : end) - id);
		if (n >= 9 && strncasecmp(id, wanted, 9) == 0 && (n == 9 || id[9] == ':')) {
			snprintf(ret, ID_SIZE, "%.*s", (int)n, id);
			return true;
		}
		id += n + 1;
	}
	return false;
}

// Who gives a GPU to vfio-pci, CAUSE_NONE when nobody does; of a list the word and the item that do.
static enum cause gpu_given_by(const struct host *host, const struct gpu *gpu, const struct cmdline_word **ret_word,
			       char ret_id[static ID_SIZE])
{
	const struct cmdline_word *ids = cmdline_last(&host->cmdline, "vfio-pci.ids");
	*ret_word = NULL;
	ret_id[0] = '\0';
	size_t length = 0;
	const char *modprobe_ids = module_option_value(host->vfio_pci_policy.options, "ids", &length);
	if (streq(gpu->driver_override, "vfio-pci"))
		return PART_BY_OVERRIDE;
	if (ids && ids->value && ids_name_gpu(ids->value, strlen(ids->value), gpu, ret_id)) {
		*ret_word = ids;
		return PART_BY_WORD;
	}
	if (modprobe_ids && ids_name_gpu(modprobe_ids, length, gpu, ret_id))
		return PART_BY_MODPROBE;
	return CAUSE_NONE;
}

// A GPU that the admin gave to something else (design rule 2).
static enum stance judge_claim(struct finding *leave, const struct host *host, const struct config *config)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	const struct cmdline_word *word;
	char id[ID_SIZE];
	if (!gpu)
		return STANCE_ACT; // that there is none, REQUIRE_GPU says
	const struct whole_gpu *claim = whole_gpu_on(&config->claims, gpu->address);
	enum cause giver = gpu_given_by(host, gpu, &word, id);

	if (gpu->driver[0] && !streq(gpu->driver, "i915")) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_BOUND);
		finding_value(leave, VALUE_DRIVER, "%s", gpu->driver);
	} else if (gpu->driver_override[0] && !streq(gpu->driver_override, "i915")) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_OVERRIDDEN);
		finding_value(leave, VALUE_DRIVER, "%s", gpu->driver_override);
		word = NULL;
	} else if (!gpu->driver[0] && giver != CAUSE_NONE) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_GIVEN);
		finding_value(leave, VALUE_DEVICE, "%04x", gpu->device_id);
	} else if (claim) {
		finding_make(leave, "gpu-passed-through", SEVERITY_WARNING, CAUSE_GPU_WHOLE);
		finding_value(leave, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(leave, VALUE_SOURCE, "%s", claim->source);
		return STANCE_ADMIN;
	} else {
		return STANCE_ACT;
	}
	finding_value(leave, VALUE_ADDRESS, "%s", gpu->address);
	finding_part(leave, VALUE_GIVER, giver);
	finding_blame(leave, word, id);
	return STANCE_ADMIN;
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

// An i915 that did not come with the kernel, and has no GVT-g. By its parameter: the loaded one's own goes before the file's. And
// i915-sriov-dkms had the parameter before it had kvmgt: the kernel's own kvmgt does not fit it ("disagrees about version of symbol").
static bool lacks_gvt(struct finding *leave, const struct host *host)
{
	const struct module_policy *policy = &host->i915_policy;
	bool live = host->i915_state == MODULE_LIVE;
	bool absent = live ? host->enable_gvt == -ENOENT && host->i915_gvt <= 0 : host->i915_gvt == 0;
	enum cause cause;
	if (!policy->foreign || is_proven(host))
		return false;
	if (absent)
		cause = CAUSE_I915_FOREIGN;
	else if (policy->dkms && !host->kvmgt_policy.foreign && host->kvmgt_state != MODULE_LIVE)
		cause = CAUSE_I915_FOREIGN_ALONE;
	else if (!live && host->i915_gvt < 0 && !is_damaged(host->i915_gvt))
		cause = CAUSE_I915_FOREIGN_UNREAD;
	else
		return false;
	finding_make(leave, "i915-blocked", SEVERITY_WARNING, cause);
	finding_flag(leave, VALUE_DKMS, policy->dkms);
	finding_value(leave, VALUE_FILE, "%s", live ? "" : policy->file);
	finding_flag(leave, VALUE_NO_INFO, host->i915_gvt == -ENODATA);
	leave->error = cause == CAUSE_I915_FOREIGN_UNREAD ? -host->i915_gvt : 0;
	return true;
}

// A module that a list on the kernel command line keeps away.
static bool judge_lists(struct finding *leave, const struct host *host, const char *name)
{
	static const struct {
		const char *name;
		bool forbids;
	} lists[] = { { "module_blacklist", true }, { "modprobe.blacklist", false }, { "rd.driver.blacklist", false } };
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct cmdline_word *word = cmdline_lists(&host->cmdline, lists[i].name, name, true);
		if (!word)
			continue;
		finding_make(leave, "i915-blocked", SEVERITY_WARNING, CAUSE_MODULE_LISTED);
		finding_value(leave, VALUE_LIST, "%s", lists[i].name);
		finding_flag(leave, VALUE_FORBIDS, lists[i].forbids);
		finding_value(leave, VALUE_MODULE, "%s", name);
		finding_blame(leave, word, name);
		return true;
	}
	return false;
}

// A module that the admin does not want loaded, unless it is loaded all the same.
static enum stance judge_block(struct finding *leave, const struct host *host, const char *name, enum module_state state,
			       const struct module_policy *policy)
{
	if (streq(name, "i915") && lacks_gvt(leave, host))
		return STANCE_ADMIN;
	if (state == MODULE_LIVE)
		return STANCE_ACT;
	if (judge_lists(leave, host, name))
		return STANCE_ADMIN;
	if (!policy->blacklisted && !policy->install_command)
		return STANCE_ACT;
	finding_make(leave, "i915-blocked", SEVERITY_WARNING, policy->blacklisted ? CAUSE_MODULE_FORBIDDEN : CAUSE_MODULE_REPLACED);
	finding_value(leave, VALUE_MODULE, "%s", name);
	return STANCE_ADMIN;
}

// GVT-g switched off in words; i915's own parameter, once it is loaded, knows better.
static enum stance judge_switch(struct finding *leave, const struct host *host)
{
	const struct cmdline_word *enable = cmdline_last(&host->cmdline, "i915.enable_gvt");
	const struct cmdline_word *modeset = cmdline_last(&host->cmdline, "i915.modeset");
	size_t length = 0;
	const char *option = module_option_value(host->i915_policy.options, "enable_gvt", &length);
	size_t mode_length = 0;
	const char *mode = module_option_value(host->i915_policy.options, "modeset", &mode_length); // the kernel command line wins

	if (is_proven(host) || (host->i915_state == MODULE_LIVE && host->enable_gvt == 1))
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
	if (host->i915_state != MODULE_LIVE || host->enable_gvt == 1 || is_proven(host))
		return false;
	if (host->enable_gvt < 0 && host->enable_gvt != -ENOENT)
		return false; // only root can read it
	if (host->enable_gvt == 0)
		finding_make(finding, "gvt-param-off", SEVERITY_FAILED, CAUSE_PARAMETER_OFF);
	else
		finding_make(finding, "i915-no-gvt", SEVERITY_FAILED, CAUSE_PARAMETER_ABSENT);
	finding_flag(finding, VALUE_FOREIGN, host->i915_policy.foreign);
	return true;
}

static enum stance judge_hung(struct finding *leave, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	bool coming = host->i915_state == MODULE_COMING || host->kvmgt_state == MODULE_COMING;
	finding_make(leave, "gvt-hung", SEVERITY_FAILED, coming ? CAUSE_DRIVER_COMING : CAUSE_DRIVER_SILENT);
	if (coming)
		finding_value(leave, VALUE_MODULE, "%s", host->i915_state == MODULE_COMING ? "i915" : "kvmgt");
	finding_value(leave, VALUE_ADDRESS, "%s", gpu ? gpu->address : "");
	return STANCE_UNABLE;
}

static enum stance judge_kernel(struct finding *leave, const struct host *host)
{
	if (host->gpus.hung)
		return judge_hung(leave, host);
	if (host->i915_state == MODULE_LIVE && host->kvmgt_state == MODULE_LIVE)
		return STANCE_ACT;
	if (host->modules_trouble[0])
		finding_make(leave, "modules-missing", SEVERITY_FAILED, CAUSE_MODULES_UNFOUND);
	else if (host->kvmgt_state != MODULE_LIVE && !host->kvmgt_policy.available)
		finding_make(leave, "kvmgt-missing", SEVERITY_FAILED, CAUSE_KVMGT_ABSENT);
	else if (host->i915_state != MODULE_LIVE && !host->i915_policy.available)
		finding_make(leave, "i915-missing", SEVERITY_FAILED, CAUSE_I915_ABSENT);
	else
		return STANCE_ACT;
	finding_value(leave, VALUE_RELEASE, "%s", host->release);
	finding_value(leave, VALUE_REASON, "%s", host->modules_trouble);
	return STANCE_UNABLE;
}

static enum stance judge(enum host_requirement requirement, const struct host *host, const struct config *config, struct finding *ret_leave)
{
	switch (requirement) {
	case REQUIRE_BOOT:
		return judge_boot(ret_leave, host);
	case REQUIRE_GPU:
		return judge_ability(ret_leave, host);
	case REQUIRE_FREE:
		return judge_claim(ret_leave, host, config);
	case REQUIRE_I915:
		return judge_block(ret_leave, host, "i915", host->i915_state, &host->i915_policy);
	case REQUIRE_KVMGT:
		return judge_block(ret_leave, host, "kvmgt", host->kvmgt_state, &host->kvmgt_policy);
	case REQUIRE_SWITCH:
		return judge_switch(ret_leave, host);
	case REQUIRE_LOADED:
		return judge_parameter(ret_leave, host) ? STANCE_UNABLE : STANCE_ACT;
	case REQUIRE_KERNEL:
		return judge_kernel(ret_leave, host);
	case REQUIREMENTS:
		break;
	}
	return STANCE_ACT;
}

enum stance judge_host(enum host_requirement requirement, const struct host *host, const struct config *config,
		       struct finding *ret_leave)
{
	enum stance stance = judge(requirement, host, config, ret_leave);
	if (stance != STANCE_ACT)
		finding_finish(ret_leave);
	return stance;
}

static void judge_offers(struct finding *finding, const struct host *host, const struct gpu *gpu)
{
	const struct type_list *types = host_types(host, gpu->address);
	if (host->i915_state != MODULE_LIVE)
		finding_make(finding, "i915-missing", SEVERITY_FAILED, CAUSE_I915_NOT_LOADED);
	else if (!streq(gpu->driver, "i915"))
		finding_make(finding, "gvt-silent", SEVERITY_FAILED, CAUSE_GPU_NOT_TAKEN);
	else if (host->kvmgt_state != MODULE_LIVE && host->kvmgt_error == -ENODEV) // before 5.19
		finding_make(finding, "gvt-silent", SEVERITY_FAILED, CAUSE_GVT_NOT_STARTED);
	else if (host->kvmgt_state != MODULE_LIVE)
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
	finding_flag(finding, VALUE_PARAMETER, host->enable_gvt == 1);
}

void judge_types(struct finding *finding, const struct host *host)
{
	if (!judge_parameter(finding, host))
		judge_offers(finding, host, gpu_list_default(&host->gpus));
	finding_finish(finding);
}
