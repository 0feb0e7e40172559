// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/host_rules.h"

#include <errno.h>
#include <stdio.h>

#include "read/host/capacity.h"

#define GUESTS_SHOWN 4 // of a list

#define FIX_BY_CHECK "run 'gvt-early check', which names the cause and the fix"

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

static enum stance judge_xen(struct finding *leave, const struct host *host)
{
	if (!host->xen)
		return STANCE_ACT;
	finding_set(leave, "xen", SEVERITY_FAILED,
		    "this kernel runs below Xen, which takes VT-x and VT-d for itself: kvmgt needs KVM, and there is none (Xen's own "
		    "GVT-g, xengt, is not in Linux)" CURE "boot without Xen: choose the entry without 'Xen' in the bootloader's menu");
	return STANCE_UNABLE;
}

// Boots that are not ours to touch (design rule 1).
static enum stance judge_boot(struct finding *leave, const struct host *host)
{
	const struct cmdline *cmdline = &host->cmdline;
	if (!host->proc_found) {
		finding_set(leave, "proc-missing", SEVERITY_FAILED,
			    "/proc/cmdline cannot be read: /proc is not mounted (gvt-early mounts nothing itself)" CURE
			    "run 'mount -t proc proc /proc'");
		return STANCE_UNABLE;
	}
	const struct cmdline_word *enable = cmdline_setting(cmdline, "enable");
	if (enable && kernel_bool(enable->value) == 0) {
		finding_set(leave, "switched-off", SEVERITY_NOTE, "switched off by '%s=%s' on the kernel command line",
			    enable->name, enable->value);
		finding_blame(leave, enable, "");
		return STANCE_SWITCHED_OFF;
	}

	const struct cmdline_word *rescue = rescue_word(cmdline), *nomodeset = cmdline_last(cmdline, "nomodeset");
	if (host->vmcore || cmdline_last(cmdline, "elfcorehdr"))
		finding_set(leave, "boot-kdump", SEVERITY_NOTE, "this boot saves a crash dump (kdump): nothing is touched");
	else if (rescue)
		finding_set(leave, "boot-rescue", SEVERITY_NOTE,
			    "this boot is for repair ('%s' on the kernel command line): nothing is touched" CURE "reboot normally",
			    rescue->value ? rescue->value : rescue->name);
	else if (nomodeset)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING,
			    "'nomodeset' on the kernel command line keeps i915 from the GPU: nothing is touched" CURE FIX_BY_CHECK);
	else if (host->hibernated[0])
		finding_set(leave, "boot-resume", SEVERITY_NOTE,
			    "this boot resumes from hibernation (image on %s): nothing is touched", host->hibernated);
	else
		return judge_xen(leave, host);
	finding_blame(leave, rescue ? rescue : nomodeset, "");
	return STANCE_OTHER_BOOT;
}

void judge_gpu(struct finding *finding, const struct gpu *gpu)
{
	char id[96];
	snprintf(id, sizeof(id), "%s [8086:%04x]%s%s", gpu->address, gpu->device_id, gpu->name[0] ? " " : "", gpu->name);
	switch (gpu->verdict) {
	case GPU_SUPPORTED:
		finding_set(finding, "gpu", SEVERITY_OK, "%s can do GVT-g, aperture %u MiB", id, (unsigned)(gpu->aperture / MIB));
		break;
	case GPU_TOO_NEW:
		finding_set(finding, "gpu-too-new", SEVERITY_FAILED,
			    "%s is too new for GVT-g, which ended with the 10th generation (Comet Lake)" CURE
			    "use SR-IOV virtual functions (12th generation and later)",
			    id);
		break;
	case GPU_TOO_OLD:
		finding_set(finding, "gpu-too-old", SEVERITY_FAILED,
			    "%s is too old for GVT-g, which began with the 5th generation (Broadwell)", id);
		break;
	case GPU_UNSUPPORTED_ATOM:
		finding_set(finding, "gpu-atom", SEVERITY_FAILED,
			    "%s is an Atom's GPU that i915 has no GVT-g for (of the Atoms only Apollo Lake has it)", id);
		break;
	case GPU_DISCRETE:
		finding_set(finding, "gpu-discrete", SEVERITY_FAILED, "%s is a discrete GPU; GVT-g is for integrated ones" CURE
			    "use the integrated GPU of the CPU, if it has one", id);
		break;
	case GPU_UNKNOWN:
		finding_set(finding, "gpu-unknown", SEVERITY_FAILED,
			    "%s is not among the GPUs that GVT-g supports (5th to 10th generation)", id);
		break;
	}
}

// The guests that have a vGPU and do not start at boot, or are left out by the setting "guests". Returns how many.
static size_t list_unwanted(const struct config *config, char *ret, size_t size, unsigned *ret_first)
{
	const struct guest_list *guests = config->guests;
	size_t count = 0, used = 0;
	ret[0] = '\0';
	for (size_t i = 0; guests && i < guests->count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		if (entry->problem[0] || (i > 0 && guests->entries[i - 1].vmid == entry->vmid))
			continue;
		if (count++ == 0)
			*ret_first = entry->vmid;
		if (count <= GUESTS_SHOWN)
			used += (size_t)snprintf(ret + used, size - used, "%s%u", count > 1 ? ", " : "", entry->vmid);
	}
	if (count > GUESTS_SHOWN)
		snprintf(ret + used, size - used, " and others");
	return count;
}

// A guest has a vGPU, yet it is not wanted at boot.
static void judge_unwanted(struct finding *finding, const struct settings *settings, size_t count, const char *list, unsigned first,
			   bool qm)
{
	char onboot[48];
	snprintf(onboot, sizeof(onboot), qm ? "'qm set %u --onboot 1'" : "switch on 'Start at boot' of guest %u", first);
	const char *has = count == 1 ? "guest" : "guests", *verb = count == 1 ? "has a vGPU" : "have vGPUs";
	if (settings->guests == GUESTS_NONE)
		finding_set(finding, "nothing-wanted", SEVERITY_NOTE,
			    "no vGPU is wanted: %s %s %s, but the setting is 'guests = none'" CURE
			    "remove 'guests = none' from /etc/gvt-early, or write 'guests = all' under [settings] in /etc/gvt-early/gvt-early.conf",
			    has, list, verb);
	else if (settings->guests == GUESTS_LISTED)
		finding_set(finding, "nothing-wanted", SEVERITY_NOTE,
			    "no vGPU is wanted: %s %s %s, but the setting 'guests' lists none of them" CURE
			    "add %u to 'guests' in /etc/gvt-early, or write 'guests = all'",
			    has, list, verb, first);
	else
		finding_set(finding, "nothing-wanted", SEVERITY_NOTE,
			    "no vGPU is wanted at boot: %s %s %s and %s not start at boot (Proxmox VE creates a vGPU when its guest "
			    "starts)" CURE "%s, or write 'guests = all' under [settings] in /etc/gvt-early/gvt-early.conf",
			    has, list, verb, count == 1 ? "does" : "do", onboot);
}

bool judge_misses_guests(const struct config *config)
{
	return config->guests_unread[0] && !config->guests;
}

void judge_unread(struct finding *finding, const struct config *config)
{
	finding_set(finding, "sources-unreadable", SEVERITY_UNKNOWN, "the guests of Proxmox VE cannot be read (%s): %s" CURE "%s",
		    config->guests_unread,
		    config->guests ? "what was known of them counts (/var/lib/gvt-early/guests)" : "none of them counts",
		    config->guests_denied ? "run this command as root" : "see 'systemctl status pve-cluster', and whether /etc/pve shows this node");
}

void judge_nothing_wanted(struct finding *finding, const struct host *host, const struct config *config, bool qm)
{
	char list[GUESTS_SHOWN * 12 + 16], type[TYPE_NAME_SIZE] = "i915-GVTg_V5_4";
	unsigned first = 0;
	size_t count = list_unwanted(config, list, sizeof(list), &first);
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	bool able = gpu && gpu->verdict == GPU_SUPPORTED;
	if (able)
		capacity_example(gpu, type);
	if (judge_misses_guests(config))
		judge_unread(finding, config);
	else if (config->problem_count > 0)
		finding_set(finding, "nothing-wanted", SEVERITY_WARNING,
			    "no usable instance is wanted: the configuration has mistakes, the first is %s", config->problems[0]);
	else if (count > 0)
		judge_unwanted(finding, &config->settings, count, list, first, qm);
	else if (qm && able && type[0])
		finding_set(finding, "nothing-wanted", SEVERITY_NOTE,
			    "no vGPU is wanted" CURE "give a guest one, with its VM ID for VMID: 'qm set VMID --hostpci0 %s,mdev=%s'; or name instances in "
			    "/etc/gvt-early/gvt-early.conf",
			    gpu->address, type);
	else
		finding_set(finding, "nothing-wanted", SEVERITY_NOTE,
			    "no vGPU is wanted" CURE "%s in /etc/gvt-early/gvt-early.conf",
			    qm ? "give a guest a PCI device with an MDev type, or name instances" : "name instances");
}

static void judge_no_gpu(struct finding *finding, const struct gpu_list *gpus)
{
	if (gpus->error[0])
		finding_set(finding, "pci-unreadable", SEVERITY_FAILED, "PCI cannot be read: %s%s", gpus->error,
			    gpus->unmounted ? CURE "run 'mount -t sysfs sysfs /sys'" : "");
	else
		finding_set(finding, "gpu-absent", SEVERITY_FAILED,
			    "no Intel display device on this host" CURE
			    "if the CPU has graphics, switch them on in the firmware setup");
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

// Who gives a GPU to vfio-pci, NULL when nobody does; of a list the word and the item that do.
static const char *gpu_given_by(const struct host *host, const struct gpu *gpu, const struct cmdline_word **ret_word,
				char ret_id[static ID_SIZE])
{
	const struct cmdline_word *ids = cmdline_last(&host->cmdline, "vfio-pci.ids");
	*ret_word = NULL;
	ret_id[0] = '\0';
	size_t length = 0;
	const char *modprobe_ids = module_option_value(host->vfio_pci_policy.options, "ids", &length);
	if (streq(gpu->driver_override, "vfio-pci"))
		return "driver_override";
	if (ids && ids->value && ids_name_gpu(ids->value, strlen(ids->value), gpu, ret_id)) {
		*ret_word = ids;
		return "'vfio-pci.ids=' on the kernel command line";
	}
	if (modprobe_ids && ids_name_gpu(modprobe_ids, length, gpu, ret_id))
		return "'options vfio-pci ids=' in modprobe.d";
	return NULL;
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
	const char *giver = gpu_given_by(host, gpu, &word, id);

	if (gpu->driver[0] && !streq(gpu->driver, "i915"))
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "%s is bound to %s%s%s%s, so i915 cannot split it" CURE "%s",
			    gpu->address, gpu->driver, giver ? " (by " : "", giver ? giver : "", giver ? ")" : "",
			    giver ? FIX_BY_CHECK : "unbind the GPU from that driver");
	else if (gpu->driver_override[0] && !streq(gpu->driver_override, "i915"))
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "driver_override gives %s to %s" CURE "remove the driver_override of %s",
			    gpu->address, gpu->driver_override, gpu->address);
	else if (!gpu->driver[0] && giver)
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "%s gives %s [8086:%04x] to vfio-pci" CURE FIX_BY_CHECK,
			    giver, gpu->address, gpu->device_id);
	else if (claim)
		finding_set(leave, "gpu-passed-through", SEVERITY_WARNING,
			    "a guest takes all of %s (%s)" CURE "add mdev= in %s to give that guest a vGPU", gpu->address, claim->source,
			    claim->source);
	else
		return STANCE_ACT;
	if (streq(leave->name, "gpu-taken"))
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
	const char *kind = policy->dkms ? "a DKMS build (such as i915-sriov-dkms)" : "not the kernel's own";
	const char *cure = policy->dkms ? "remove the DKMS package of i915" : "remove what installed that i915";
	if (!policy->foreign || is_proven(host))
		return false;
	if (absent)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING,
			    "i915 is %s and has no GVT-g (%s has no parameter enable_gvt): it is left alone" CURE "%s", kind,
			    live ? "the loaded module" : policy->file, cure);
	else if (policy->dkms && !host->kvmgt_policy.foreign && host->kvmgt_state != MODULE_LIVE)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING,
			    "i915 is %s, and no kvmgt was built with it; the kernel's own does not fit it: it is left alone" CURE "%s",
			    kind, cure);
	else if (!live && host->i915_gvt < 0 && !is_damaged(host->i915_gvt))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING,
			    "i915 is %s, and whether it has GVT-g is unknown (%s: %s): it is left alone" CURE
			    "build or install that module again, or %s",
			    kind, policy->file,
			    host->i915_gvt == -ENODATA ? "the file has no module information" : strerror(-host->i915_gvt), cure);
	else
		return false;
	return true;
}

// A module that a list on the kernel command line keeps away.
static bool judge_lists(struct finding *leave, const struct host *host, const char *name)
{
	static const struct {
		const char *name, *verb;
	} lists[] = { { "module_blacklist", "forbids" }, { "modprobe.blacklist", "names" }, { "rd.driver.blacklist", "names" } };
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct cmdline_word *word = cmdline_lists(&host->cmdline, lists[i].name, name, true);
		if (!word)
			continue;
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'%s=' on the kernel command line %s %s", lists[i].name,
			    lists[i].verb, name);
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
	if (policy->blacklisted)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'blacklist %s' in modprobe.d forbids it", name);
	else if (policy->install_command)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'install %s' in modprobe.d replaces its loading", name);
	else
		return STANCE_ACT;
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
	const struct cmdline_word *word = NULL;
	if (enable && kernel_bool(enable->value) == 0)
		finding_set(leave, "gvt-switched-off", SEVERITY_WARNING,
			    "'i915.enable_gvt=%s' on the kernel command line switches GVT-g off", enable->value);
	else if (!enable && option && length > 0 && kernel_bool(option) == 0)
		finding_set(leave, "gvt-switched-off", SEVERITY_WARNING,
			    "'options i915 enable_gvt=%.*s' in modprobe.d switches GVT-g off", (int)length, option);
	else if (modeset && modeset->value && streq(modeset->value, "0"))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'i915.modeset=0' on the kernel command line switches i915 off");
	else if (!modeset && mode && mode_length == 1 && mode[0] == '0')
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'options i915 modeset=0' in modprobe.d switches i915 off");
	else
		return STANCE_ACT;
	if (strstr(leave->text, "command line"))
		word = streq(leave->name, "i915-blocked") ? modeset : enable;
	finding_blame(leave, word, "");
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
		finding_set(finding, "gvt-param-off", SEVERITY_FAILED,
			    "i915 was loaded with enable_gvt=N, before gvt-early or by somebody else" CURE
			    "run 'gvt-early check', which names the cause and the fix");
	else
		finding_set(finding, "i915-no-gvt", SEVERITY_FAILED,
			    "the loaded i915 has no parameter enable_gvt: it was built without GVT-g" CURE "%s",
			    host->i915_policy.foreign ? "reboot: the i915 that is installed now has it" : "boot a kernel that has it");
	return true;
}

static enum stance judge_kernel(struct finding *leave, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	if (host->gpus.hung) {
		bool coming = host->i915_state == MODULE_COMING || host->kvmgt_state == MODULE_COMING;
		finding_set(leave, "gvt-hung", SEVERITY_FAILED,
			    "%s%s %s: it hangs, until the next boot" CURE "the kernel log may say why: dmesg | grep i915",
			    coming ? "" : "the driver of ",
			    !coming ? (gpu ? gpu->address : "the GPU") : host->i915_state == MODULE_COMING ? "i915" : "kvmgt",
			    coming ? "is still being inserted" : "does not answer");
		return STANCE_UNABLE;
	}
	if (host->i915_state == MODULE_LIVE && host->kvmgt_state == MODULE_LIVE)
		return STANCE_ACT;
	if (host->modules_trouble[0])
		finding_set(leave, "modules-missing", SEVERITY_FAILED,
			    "the modules of kernel %s cannot be found: /lib/modules/%s/%s", host->release, host->release,
			    host->modules_trouble);
	else if (host->kvmgt_state != MODULE_LIVE && !host->kvmgt_policy.available)
		finding_set(leave, "kvmgt-missing", SEVERITY_FAILED,
			    "kernel %s has no module kvmgt here: it was built without GVT-g, or the initrd lacks it",
			    host->release);
	else if (host->i915_state != MODULE_LIVE && !host->i915_policy.available)
		finding_set(leave, "i915-missing", SEVERITY_FAILED, "kernel %s has no module i915 here", host->release);
	else
		return STANCE_ACT;
	return STANCE_UNABLE;
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

bool judge_needs_iommu(const struct config *config)
{
	unsigned vmid, index;
	bool needed = config->settings.proxmox;
	for (size_t i = 0; i < config->wanted.count; i++)
		needed |= wanted_is_guest(config->wanted.items[i].uuid, &vmid, &index);
	return needed;
}

void judge_iommu(struct finding *finding, const struct host *host, const struct config *config)
{
	char text[TEXT_SIZE];
	const struct cmdline_word *word;
	enum iommu_state iommu = iommu_judge(&host->iommu, &host->cmdline, text, sizeof(text), &word);
	if (host->xen) {
		finding_set(finding, "iommu", SEVERITY_UNKNOWN, "not looked at: Xen hides it");
		return;
	}
	if (iommu != IOMMU_ON && iommu != IOMMU_UNKNOWN && !judge_needs_iommu(config)) {
		finding_set(finding, "no-iommu", SEVERITY_NOTE,
			    "%.*s: GVT-g needs no IOMMU, only a guest with a whole PCI device does", (int)strcspn(text, CURE), text);
		return;
	}
	finding_set(finding, iommu == IOMMU_ON ? "iommu" : iommu == IOMMU_ABSENT ? "vtd-firmware" : "iommu-off",
		    iommu == IOMMU_ON ? SEVERITY_OK : SEVERITY_WARNING, "%s", text);
	finding_blame(finding, word, "");
}

void judge_types(struct finding *finding, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	const struct type_list *types = host_types(host, gpu->address);
	if (judge_parameter(finding, host))
		return;
	if (host->i915_state != MODULE_LIVE)
		finding_set(finding, "i915-missing", SEVERITY_FAILED, "i915 is not loaded");
	else if (!streq(gpu->driver, "i915"))
		finding_set(finding, "gvt-silent", SEVERITY_FAILED,
			    "i915 is loaded but did not take %s (its probe failed, or this kernel's i915 does not know the GPU), so "
			    "there are no types" CURE "the kernel log may say why: dmesg | grep i915",
			    gpu->address);
	else if (host->kvmgt_state != MODULE_LIVE && host->kvmgt_error == -ENODEV) // before 5.19
		finding_set(finding, "gvt-silent", SEVERITY_FAILED,
			    "i915 is loaded with enable_gvt=Y, yet it did not start GVT-g on %s, so kvmgt refuses to load" CURE
			    "the kernel log may say why: dmesg | grep -iE 'i915|gvt'",
			    gpu->address);
	else if (host->kvmgt_state != MODULE_LIVE)
		finding_set(finding, "kvmgt-refused", SEVERITY_FAILED, "kvmgt is not loaded");
	else if (types->count > 0)
		finding_set(finding, "gvt", SEVERITY_OK, "%s, kvmgt is live, %s offers %u types",
			    host->enable_gvt == 1 ? "i915 has enable_gvt=Y" : "i915 is live", gpu->address, (unsigned)types->count);
	else if (types->registered)
		finding_set(finding, "aperture-small", SEVERITY_FAILED,
			    "%s offers no types: its aperture of %u MiB leaves nothing beside the host's 128 MiB" CURE
			    "set the aperture to 512 or 1024 MiB in the firmware setup",
			    gpu->address, (unsigned)(gpu->aperture / MIB));
	else
		finding_set(finding, "gvt-silent", SEVERITY_FAILED,
			    "i915 and kvmgt are loaded%s, yet %s offers no types" CURE
			    "the kernel log may say why: dmesg | grep -i gvt",
			    host->enable_gvt == 1 ? " with enable_gvt=Y" : " (only root can read enable_gvt)", gpu->address);
}
