// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/host_rules.h"

#include <errno.h>
#include <stdio.h>

#include "decide/gvt_capacity.h"
#include "decide/gvt_rules.h"

#define GUESTS_SHOWN 4 // of a list

// The words that ask for a boot in which somebody wants to repair something (systemd's and sysvinit's).
static const struct cmdline_word *rescue_word(const struct cmdline *cmdline)
{
	static const char *const flags[] = { "single",    "S",
					     "s",         "1",
					     "-s",        "rescue",
					     "-b",        "systemd.rescue",
					     "emergency", "systemd.emergency",
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

// before: how many guests were added before.
static void add_guest(struct finding *finding, unsigned vmid, size_t before)
{
	if (before == 0)
		finding_value(finding, VALUE_FIRST, "%u", vmid);
	if (before < GUESTS_SHOWN)
		finding_value(finding, VALUE_GUESTS, "%u", vmid);
}

// The guests that have a vGPU and do not start at boot, or are left out by the setting "guests": adds them to the
// finding.
static void add_unwanted(struct finding *finding, const struct config *config)
{
	const struct guest_list *guests = config->guests;
	size_t count = 0;
	for (size_t i = 0; guests && i < guests->count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		if (entry->problem[0] || (i > 0 && guests->entries[i - 1].vmid == entry->vmid))
			continue;
		add_guest(finding, entry->vmid, count++);
	}
	// Whose virtual functions are wanted, whether they start at boot or not, unless no guest's are.
	for (size_t i = 0; guests && config->settings.guests == GUESTS_NONE && i < guests->vf_count; i++)
		if (i == 0 || guests->vfs[i - 1].vmid != guests->vfs[i].vmid)
			add_guest(finding, guests->vfs[i].vmid, count++);
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
}

static void add_problem(struct finding *finding, const struct message *problem)
{
	finding_value(finding, VALUE_PROBLEM, "%s", problem->text);
	finding_value(finding, VALUE_PROBLEM_FIX, "%s", problem->fix);
}

// A virtual function of a GPU that SR-IOV splits, for an example; false when there is no such GPU.
static bool vf_example(const struct host *host, char ret[static PCI_ADDRESS_SIZE])
{
	const struct gpu *gpu = gpu_list_sriov(&host->gpus);
	const struct sriov *sriov = gpu ? host_sriov_of(host, gpu->address) : NULL;
	return sriov && sriov->capable && sriov_vf_address(sriov, gpu->address, 1, ret) == 0;
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
	char type[TYPE_NAME_SIZE] = "i915-GVTg_V5_4", vf[PCI_ADDRESS_SIZE];
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
		add_problem(finding, &config->problems[0]);
	} else if (finding_has(finding, VALUE_COUNT)) {
		finding->cause = cause_unwanted(&config->settings);
	} else if (qm && able && type[0]) {
		finding->cause = CAUSE_NOTHING_WANTED_YET;
		finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(finding, VALUE_TYPE, "%s", type);
	} else if (!able && vf_example(host, vf)) {
		finding->cause = CAUSE_NO_VF_WANTED_YET;
		finding_value(finding, VALUE_PARENT, "%s", vf);
	}
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
}

void judge_gpus(struct finding *finding, const struct gpu_list *gpus)
{
	const struct gpu *gpu = gpu_list_default(gpus);
	if (gpu)
		gvt_judge_gpu(finding, gpu);
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

// Whether a driver splits GPUs: i915, or another one that is named.
static bool is_splitter(const char *driver, const char *other)
{
	return streq(driver, "i915") || (other && streq(driver, other));
}

bool judge_taken(struct finding *leave, const struct host *host, const struct gpu *gpu, const char *other)
{
	const struct cmdline_word *word;
	char id[ID_SIZE];
	enum cause giver = gpu_given_by(host, gpu, &word, id);
	if (gpu->driver[0] && !is_splitter(gpu->driver, other)) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_BOUND);
		finding_value(leave, VALUE_DRIVER, "%s", gpu->driver);
	} else if (gpu->driver_override[0] && !is_splitter(gpu->driver_override, other)) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_OVERRIDDEN);
		finding_value(leave, VALUE_DRIVER, "%s", gpu->driver_override);
		word = NULL;
	} else if (!gpu->driver[0] && giver != CAUSE_NONE) {
		finding_make(leave, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_GIVEN);
		finding_value(leave, VALUE_DEVICE, "%04x", gpu->device_id);
	} else {
		return false;
	}
	finding_value(leave, VALUE_ADDRESS, "%s", gpu->address);
	finding_part(leave, VALUE_GIVER, giver);
	finding_blame(leave, word, id);
	return true;
}

// A GPU that the admin gave to something else (design rule 2).
static enum stance judge_claim(struct finding *leave, const struct host *host, const struct config *config)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	if (!gpu)
		return STANCE_ACT; // that there is none, REQUIRE_GPU says
	const struct whole_gpu *claim = whole_gpu_on(&config->claims, gpu->address);
	if (judge_taken(leave, host, gpu, NULL))
		return STANCE_ADMIN;
	if (!claim)
		return STANCE_ACT;
	finding_make(leave, "gpu-passed-through", SEVERITY_WARNING, CAUSE_GPU_WHOLE);
	finding_value(leave, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(leave, VALUE_SOURCE, "%s", claim->source);
	return STANCE_ADMIN;
}

enum stance judge_host(enum host_requirement requirement, const struct host *host, const struct config *config,
		       struct finding *ret_leave)
{
	switch (requirement) {
	case REQUIRE_BOOT:
		return judge_boot(ret_leave, host);
	case REQUIRE_GPU:
		return judge_ability(ret_leave, host);
	case REQUIRE_FREE:
		return judge_claim(ret_leave, host, config);
	case REQUIRE_I915:
		return gvt_judge_i915(ret_leave, host);
	case REQUIRE_KVMGT:
		return gvt_judge_kvmgt(ret_leave, host);
	case REQUIRE_SWITCH:
		return gvt_judge_switch(ret_leave, host);
	case REQUIRE_LOADED:
		return gvt_judge_loaded(ret_leave, host);
	case REQUIRE_KERNEL:
		return gvt_judge_kernel(ret_leave, host);
	case REQUIREMENTS:
		break;
	}
	return STANCE_ACT;
}
