// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "capacity.h"

// The words that ask for a boot in which somebody wants to repair something (systemd's and sysvinit's).
static const char *rescue_word(const struct cmdline *cmdline)
{
	static const char *const flags[] = { "single", "S",  "s",		  "1",		  "-s",
					     "rescue", "-b", "systemd.rescue",	  "emergency",	  "systemd.emergency",
					     "rd.rescue", "rd.emergency" };
	static const char *const units[] = { "rescue.target", "emergency.target", "rescue", "emergency" };
	static const char *const unit_names[] = { "systemd.unit", "rd.systemd.unit" };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (cmdline_has_flag(cmdline, flags[i]))
			return flags[i];
	for (size_t i = 0; i < ARRAY_SIZE(unit_names); i++) {
		const struct cmdline_word *word = cmdline_last(cmdline, unit_names[i]);
		for (size_t j = 0; word && word->value && j < ARRAY_SIZE(units); j++)
			if (streq(word->value, units[j]))
				return units[j];
	}
	return NULL;
}

// Boots that are not ours to touch (design rule 1). Returns true when the plan is to leave.
static bool judge_boot(struct plan *plan, const struct host *host)
{
	const struct cmdline *cmdline = &host->cmdline;
	struct finding *leave = &plan->leave;

	if (!host->proc_found) {
		plan->stance = STANCE_UNABLE;
		finding_set(leave, "proc-missing", SEVERITY_FAILED,
		     "/proc/cmdline cannot be read: /proc is not mounted (gvt-early mounts nothing itself)");
		return true;
	}
	const struct cmdline_word *enable = cmdline_setting(cmdline, "enable");
	if (enable && kernel_bool(enable->value) == 0) {
		plan->stance = STANCE_SWITCHED_OFF;
		finding_set(leave, "switched-off", SEVERITY_NOTE, "switched off by '%s=%s' on the kernel command line",
		     enable->name, enable->value);
		return true;
	}

	const char *rescue = rescue_word(cmdline);
	plan->stance = STANCE_OTHER_BOOT;
	if (host->vmcore || cmdline_last(cmdline, "elfcorehdr"))
		finding_set(leave, "boot-kdump", SEVERITY_NOTE, "this boot saves a crash dump (kdump): nothing is touched");
	else if (rescue)
		finding_set(leave, "boot-rescue", SEVERITY_NOTE,
		     "this boot is for repair ('%s' on the kernel command line): nothing is touched", rescue);
	else if (cmdline_last(cmdline, "nomodeset"))
		finding_set(leave, "i915-blocked", SEVERITY_NOTE,
			    "'nomodeset' on the kernel command line keeps i915 from the GPU: nothing is touched");
	else if (host->hibernated[0])
		finding_set(leave, "boot-resume", SEVERITY_NOTE,
		     "this boot resumes from hibernation (image on %s): nothing is touched", host->hibernated);
	else
		return false;
	return true;
}

void plan_judge_gpu(struct finding *finding, const struct gpu *gpu)
{
	char id[96];
	snprintf(id, sizeof(id), "%s [8086:%04x]%s%s", gpu->address, gpu->device_id, gpu->name[0] ? " " : "", gpu->name);
	switch (gpu->verdict) {
	case GPU_SUPPORTED:
		finding_set(finding, "gpu", SEVERITY_OK, "%s can do GVT-g, aperture %u MiB", id, (unsigned)(gpu->aperture / MIB));
		break;
	case GPU_TOO_NEW:
		finding_set(finding, "gpu-too-new", SEVERITY_FAILED,
		     "%s is too new for GVT-g, which ended with the 10th generation (Comet Lake)" CURE "from the 12th on use SR-IOV "
		     "virtual functions instead",
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
		finding_set(finding, "gpu-discrete", SEVERITY_FAILED, "%s is a discrete GPU; GVT-g is for integrated ones", id);
		break;
	case GPU_UNKNOWN:
		finding_set(finding, "gpu-unknown", SEVERITY_FAILED,
		     "%s is not among the GPUs that GVT-g supports (5th to 10th generation)", id);
		break;
	}
}

void plan_judge_no_gpu(struct finding *finding, const struct gpu_list *gpus)
{
	if (gpus->error[0])
		finding_set(finding, "pci-unreadable", SEVERITY_FAILED, "PCI cannot be read: %s", gpus->error);
	else
		finding_set(finding, "gpu-absent", SEVERITY_FAILED,
			    "no Intel display device on this host" CURE
			    "if the CPU has graphics, switch them on in the firmware setup");
}

static bool judge_gpu(struct plan *plan, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	if (gpu)
		plan_judge_gpu(&plan->gpu, gpu);
	else
		plan_judge_no_gpu(&plan->gpu, &host->gpus);
	if (gpu && gpu->verdict == GPU_SUPPORTED)
		return false;
	plan->stance = STANCE_UNABLE;
	plan->leave = plan->gpu;
	return true;
}

// Whether "8086:3e92" is an entry of vfio-pci's ids ("VENDOR:DEVICE[:...],...").
static bool ids_name_gpu(const char *ids, size_t length, const struct gpu *gpu)
{
	char wanted[16];
	snprintf(wanted, sizeof(wanted), "8086:%04x", gpu->device_id);
	const char *end = ids + length;
	for (const char *id = ids; id < end;) {
		const char *comma = memchr(id, ',', (size_t)(end - id));
		size_t n = (size_t)((comma ? comma : end) - id);
		if (n >= 9 && strncasecmp(id, wanted, 9) == 0 && (n == 9 || id[9] == ':'))
			return true;
		id += n + 1;
	}
	return false;
}

// Who gives a GPU to vfio-pci, NULL when nobody does.
static const char *gpu_given_by(const struct host *host, const struct gpu *gpu)
{
	const struct cmdline_word *ids = cmdline_last(&host->cmdline, "vfio-pci.ids");
	size_t length = 0;
	const char *modprobe_ids = module_option_value(host->vfio_pci_policy.options, "ids", &length);
	if (streq(gpu->driver_override, "vfio-pci"))
		return "driver_override";
	if (ids && ids->value && ids_name_gpu(ids->value, strlen(ids->value), gpu))
		return "'vfio-pci.ids=' on the kernel command line";
	if (modprobe_ids && ids_name_gpu(modprobe_ids, length, gpu))
		return "'options vfio-pci ids=' in modprobe.d";
	return NULL;
}

// A GPU that the admin gave to something else (design rule 2).
static bool judge_claim(struct plan *plan, const struct host *host, const struct config *config)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	const struct claim *claim = claim_on(&config->claims, gpu->address);
	struct finding *leave = &plan->leave;
	const char *giver = gpu_given_by(host, gpu);

	plan->stance = STANCE_ADMIN;
	if (gpu->driver[0] && !streq(gpu->driver, "i915"))
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "%s is bound to %s%s%s%s, so i915 cannot split it" CURE "%s",
			    gpu->address, gpu->driver, giver ? " (by " : "", giver ? giver : "", giver ? ")" : "",
			    giver ? "remove that and reboot" : "unbind it there");
	else if (gpu->driver_override[0] && !streq(gpu->driver_override, "i915"))
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "driver_override gives %s to %s" CURE "remove that setting",
			    gpu->address, gpu->driver_override);
	else if (!gpu->driver[0] && giver)
		finding_set(leave, "gpu-taken", SEVERITY_WARNING, "%s gives %s [8086:%04x] to vfio-pci" CURE "remove it there",
			    giver, gpu->address, gpu->device_id);
	else if (claim)
		finding_set(leave, "gpu-passed-through", SEVERITY_WARNING,
		     "a guest takes all of %s (%s)" CURE "add mdev= there to give it a vGPU", gpu->address, claim->source);
	else
		return false;
	return true;
}

// A module that the admin does not want loaded, unless it is loaded all the same.
static bool judge_block(struct plan *plan, const struct host *host, const char *name, enum module_state state,
			const struct module_policy *policy)
{
	struct finding *leave = &plan->leave;
	plan->stance = STANCE_ADMIN;
	if (policy->dkms)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING,
		     "%s is a DKMS build (such as i915-sriov-dkms), which does not do GVT-g: it is left alone", name);
	else if (state == MODULE_LIVE)
		return false;
	else if (cmdline_lists(&host->cmdline, "module_blacklist", name, true))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'module_blacklist=' on the kernel command line forbids %s",
		     name);
	else if (cmdline_lists(&host->cmdline, "modprobe.blacklist", name, true))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'modprobe.blacklist=' on the kernel command line names %s",
		     name);
	else if (cmdline_lists(&host->cmdline, "rd.driver.blacklist", name, true))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'rd.driver.blacklist=' on the kernel command line names %s",
		     name);
	else if (policy->blacklisted)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'blacklist %s' in modprobe.d forbids it", name);
	else if (policy->install_command)
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'install %s' in modprobe.d replaces its loading", name);
	else
		return false;
	return true;
}

// GVT-g switched off in words; i915's own parameter, once it is loaded, knows better.
static bool judge_switch(struct plan *plan, const struct host *host)
{
	struct finding *leave = &plan->leave;
	const struct cmdline_word *enable = cmdline_last(&host->cmdline, "i915.enable_gvt");
	const struct cmdline_word *modeset = cmdline_last(&host->cmdline, "i915.modeset");
	size_t length = 0;
	const char *option = module_option_value(host->i915_policy.options, "enable_gvt", &length);

	if (host->i915_state == MODULE_LIVE && host->enable_gvt == 1)
		return false;
	plan->stance = STANCE_ADMIN;
	if (enable && kernel_bool(enable->value) == 0)
		finding_set(leave, "gvt-switched-off", SEVERITY_WARNING,
		     "'i915.enable_gvt=%s' on the kernel command line switches GVT-g off", enable->value);
	else if (!enable && option && length > 0 && kernel_bool(option) == 0)
		finding_set(leave, "gvt-switched-off", SEVERITY_WARNING,
		     "'options i915 enable_gvt=%.*s' in modprobe.d switches GVT-g off", (int)length, option);
	else if (modeset && modeset->value && streq(modeset->value, "0"))
		finding_set(leave, "i915-blocked", SEVERITY_WARNING, "'i915.modeset=0' on the kernel command line switches i915 off");
	else
		return false;
	return true;
}

// What i915 says of itself once it is loaded. Returns true when there cannot be any types.
static bool judge_parameter(struct finding *finding, const struct host *host)
{
	if (host->i915_state != MODULE_LIVE || host->enable_gvt == 1)
		return false;
	if (host->enable_gvt == 0)
		finding_set(finding, "gvt-param-off", SEVERITY_FAILED,
		     "i915 was loaded with enable_gvt=N, before gvt-early or by somebody else" CURE "add i915.enable_gvt=1 to the "
		     "kernel command line and reboot");
	else
		finding_set(finding, "i915-no-gvt", SEVERITY_FAILED,
		     "the loaded i915 has no parameter enable_gvt: it was built without GVT-g" CURE "boot a kernel that has it");
	return true;
}

static bool judge_loaded(struct plan *plan, const struct host *host)
{
	plan->stance = STANCE_UNABLE;
	return judge_parameter(&plan->leave, host);
}

static bool judge_kernel(struct plan *plan, const struct host *host)
{
	struct finding *leave = &plan->leave;
	plan->stance = STANCE_UNABLE;
	if (host->gpus.hung) {
		finding_set(leave, "gvt-hung", SEVERITY_FAILED,
			    "the driver of %s does not answer: it hangs, until the next boot" CURE
			    "the kernel log may say why: dmesg | grep i915",
			    gpu_list_default(&host->gpus)->address);
		return true;
	}
	if (host->i915_state == MODULE_LIVE && host->kvmgt_state == MODULE_LIVE)
		return false;
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
		return false;
	return true;
}

static bool is_against(struct plan *plan, enum plan_requirement requirement, const struct host *host,
		       const struct config *config)
{
	switch (requirement) {
	case REQUIRE_BOOT:
		return judge_boot(plan, host);
	case REQUIRE_GPU:
		return judge_gpu(plan, host);
	case REQUIRE_FREE:
		return judge_claim(plan, host, config);
	case REQUIRE_I915:
		return judge_block(plan, host, "i915", host->i915_state, &host->i915_policy);
	case REQUIRE_KVMGT:
		return judge_block(plan, host, "kvmgt", host->kvmgt_state, &host->kvmgt_policy);
	case REQUIRE_SWITCH:
		return judge_switch(plan, host);
	case REQUIRE_LOADED:
		return judge_loaded(plan, host);
	case REQUIRE_KERNEL:
		return judge_kernel(plan, host);
	case REQUIREMENTS:
		break;
	}
	return false;
}

bool plan_meets(struct plan *plan, enum plan_requirement requirement, const struct host *host, const struct config *config)
{
	enum stance stance = plan->stance;
	if (is_against(plan, requirement, host, config))
		return false;
	plan->stance = stance;
	return true;
}

void plan_judge_iommu(struct finding *finding, const struct host *host)
{
	char text[TEXT_SIZE];
	enum iommu_state iommu = iommu_judge(&host->iommu, &host->cmdline, text, sizeof(text));
	finding_set(finding, iommu == IOMMU_ON ? "iommu" : iommu == IOMMU_ABSENT ? "vtd-firmware" : "iommu-off",
		    iommu == IOMMU_ON ? SEVERITY_OK : SEVERITY_WARNING, "%s", text);
}

static void plan_modules(struct plan *plan, const struct config *config)
{
	const struct settings *settings = &config->settings;
	for (size_t i = 0; i < settings->module_count; i++)
		if (!names_equal(settings->modules[i], "i915") && !names_equal(settings->modules[i], "kvmgt"))
			plan->modules[plan->module_count++] =
				(struct planned_module){ .name = settings->modules[i] };
	// i915 itself, with the option that counts, before kvmgt pulls it in without.
	plan->modules[plan->module_count++] =
		(struct planned_module){ .name = "i915", .options = "enable_gvt=1", .required = true };
	plan->modules[plan->module_count++] = (struct planned_module){ .name = "kvmgt", .required = true };
}

static PRINTF(3, 4) void hopeless(struct planned_instance *item, const char *name, const char *format, ...)
{
	item->step = INSTANCE_HOPELESS;
	item->name = name;
	va_list args;
	va_start(args, format);
	vsnprintf(item->text, sizeof(item->text), format, args);
	va_end(args);
}

static void explain_unknown_type(struct planned_instance *item, const struct gpu *gpu, const struct type_list *types)
{
	char offered[TEXT_SIZE / 2] = "none";
	size_t used = 0;
	for (size_t i = 0; i < types->count; i++) {
		int n = snprintf(offered + used, sizeof(offered) - used, "%s%s", i ? ", " : "", types->names[i]);
		if (n < 0 || (used += (size_t)n) >= sizeof(offered))
			break;
	}
	struct capacity_need need;
	unsigned aperture = (unsigned)(gpu->aperture / MIB);
	const char *nearest = type_list_nearest(types, item->wanted->type);
	if (capacity_of_type(item->wanted->type, &need) && aperture < capacity_min_aperture_mib(&need))
		hopeless(item, "aperture-small",
			 "%s offers no type %s with an aperture of %u MiB; it needs %u MiB, to be set in the firmware setup; "
			 "now offered: %s",
			 gpu->address, item->wanted->type, aperture, capacity_min_aperture_mib(&need), offered);
	else
		hopeless(item, "type-unknown", "%s offers no type %s; offered: %s%s%s", gpu->address, item->wanted->type, offered,
			 nearest ? "; the nearest is " : "", nearest ? nearest : "");
}

// The GPU that a wanted parent means, or NULL; "" is the one that is found.
static const struct gpu *find_gpu(const struct host *host, const char *parent)
{
	return parent[0] ? gpu_list_device(&host->gpus, parent) : gpu_list_default(&host->gpus);
}

// Whether the instance can be made on a parent as far as its type is concerned; if not, says why.
static bool judge_parent(struct planned_instance *item, const struct host *host, const char *parent)
{
	const struct gpu *gpu = find_gpu(host, parent);
	if (!gpu) {
		hopeless(item, "parent-wrong", "the parent %s is not an Intel display device of this host", parent[0] ? parent : "(none)");
		return false;
	}
	if (parent[0] && !strchr(parent, '.') && gpu->functions > 1) {
		hopeless(item, "parent-wrong", "%s has %u functions, and Proxmox VE does not start a guest with 'mdev' for several; name one, such as %s",
			 parent, gpu->functions, gpu->address);
		return false;
	}
	if (gpu->verdict != GPU_SUPPORTED) {
		hopeless(item, "parent-wrong", "the parent %s [8086:%04x] cannot do GVT-g", gpu->address, gpu->device_id);
		return false;
	}
	const struct type_list *types = host_types(host, gpu->address);
	if (host->kvmgt_state == MODULE_LIVE && types->registered && !type_list_has(types, item->wanted->type)) {
		explain_unknown_type(item, gpu, types);
		return false;
	}
	return true;
}

static const char *wanted_parent(const struct wanted *wanted, size_t index)
{
	return index == 0 ? wanted->parent : wanted->others[index - 1];
}

// Whether an instance with the wanted UUID is there as wanted. parent is where it would be made.
static bool is_as_wanted(const struct wanted *wanted, const char *parent, const struct instance *there)
{
	bool at_place = streq(there->parent, parent);
	for (size_t i = 0; i <= wanted->other_count && !at_place; i++)
		at_place = wanted_parent(wanted, i)[0] && wanted_device_has(wanted_parent(wanted, i), there->parent);
	return at_place && streq(there->type, wanted->type);
}

static void conflict(struct planned_instance *item, const struct instance *there)
{
	const struct wanted *wanted = item->wanted;
	item->step = INSTANCE_CONFLICT;
	item->name = "instance-conflict";
	int n = snprintf(item->text, sizeof(item->text), "%s is there already as %s on %s, wanted is %s on %s; ", wanted->uuid,
			 there->type[0] ? there->type : "an instance without a type yet", there->parent, wanted->type,
			 item->parent);
	char *rest = item->text + n;
	size_t size = sizeof(item->text) - (size_t)n;
	if (!there->ours)
		snprintf(rest, size, "left alone: remove it, or change what is wanted");
	else if (there->use == USE_OPEN)
		snprintf(rest, size, "%s has it open; it is made anew when that has ended, by 'gvt-early apply'", there->user);
	else
		snprintf(rest, size, "left alone, as it cannot be told whether somebody has it open");
}

static void explain_no_room(struct planned_instance *item, const struct gpu *gpu, const struct capacity_use *use)
{
	char guest[64] = "";
	unsigned vmid, index;
	if (wanted_is_guest(item->wanted->uuid, &vmid, &index))
		snprintf(guest, sizeof(guest), " (guest %u cannot start while they are there)", vmid);
	item->name = "capacity";
	int n = snprintf(item->text, sizeof(item->text), "no room beside those before it%s: ", guest);
	capacity_explain(gpu, use, item->wanted->type, item->text + n, sizeof(item->text) - (size_t)n);
}

// The parents that have room come first. By what is known the kernel refuses the others, but it has the last word.
static void choose_parents(struct planned_instance *item, const struct host *host, struct capacity_use use[])
{
	const struct wanted *wanted = item->wanted;
	const struct gpu *gpus = host->gpus.items;
	size_t roomy[PARENTS_MAX], full[PARENTS_MAX], roomy_count = 0, full_count = 0;
	for (size_t i = 0; i <= wanted->other_count; i++) {
		if (!judge_parent(item, host, wanted_parent(wanted, i)))
			continue;
		size_t gpu = (size_t)(find_gpu(host, wanted_parent(wanted, i)) - gpus);
		if (capacity_fits(&gpus[gpu], &use[gpu], wanted->type))
			roomy[roomy_count++] = gpu;
		else
			full[full_count++] = gpu;
	}
	if (roomy_count + full_count == 0)
		return;

	item->name = NULL;
	item->text[0] = '\0';
	item->step = roomy_count > 0 ? INSTANCE_CREATE : INSTANCE_NO_ROOM;
	for (size_t i = 0; i < roomy_count + full_count; i++) {
		size_t gpu = i < roomy_count ? roomy[i] : full[i - roomy_count];
		strcpy(i == 0 ? item->parent : item->others[item->other_count++], gpus[gpu].address);
	}
	if (roomy_count > 0)
		capacity_take(&use[roomy[0]], wanted->type);
	else
		explain_no_room(item, &gpus[full[0]], &use[full[0]]);
}

static const struct wanted *find_wanted(const struct config *config, const char *uuid)
{
	for (size_t i = 0; i < config->wanted.count; i++)
		if (streq(config->wanted.items[i].uuid, uuid))
			return &config->wanted.items[i];
	return NULL;
}

static void resolve_parent(const struct host *host, const struct wanted *wanted, char ret_parent[static PCI_ADDRESS_SIZE])
{
	const struct gpu *gpu = find_gpu(host, wanted->parent);
	strcpy(ret_parent, gpu ? gpu->address : wanted->parent);
}

// Whether any of the parents could take it, if it has room.
static bool is_possible(const struct host *host, const struct wanted *wanted)
{
	struct planned_instance item = { .wanted = wanted };
	for (size_t i = 0; i <= wanted->other_count; i++)
		if (judge_parent(&item, host, wanted_parent(wanted, i)))
			return true;
	return false;
}

// Design rule 8. What nobody wants goes only when it is known what is wanted: a mistake or a source that cannot be read may
// hide somebody.
static bool is_to_go(const struct host *host, const struct config *config, const struct instance *there,
		     const struct wanted *wanted)
{
	char parent[PCI_ADDRESS_SIZE];
	if (!there->ours || there->use != USE_NONE)
		return false;
	if (!wanted)
		return config->whole && config->problem_count == 0;
	resolve_parent(host, wanted, parent);
	return !is_as_wanted(wanted, parent, there) && is_possible(host, wanted);
}

static int plan_removals(struct plan *plan, const struct host *host, const struct config *config)
{
	if (host->made.count == 0)
		return 0;
	plan->removals = calloc(host->instances.count + 1, sizeof(*plan->removals));
	if (!plan->removals)
		return -ENOMEM;
	for (size_t i = 0; i < host->instances.count; i++) {
		const struct instance *there = &host->instances.items[i];
		const struct wanted *wanted = find_wanted(config, there->uuid);
		if (is_to_go(host, config, there, wanted))
			plan->removals[plan->removal_count++] =
				(struct planned_removal){ .instance = *there, .wanted = wanted };
	}
	return 0;
}

static bool is_removed(const struct plan *plan, const struct wanted *wanted)
{
	for (size_t i = 0; i < plan->removal_count; i++)
		if (plan->removals[i].wanted == wanted)
			return true;
	return false;
}

// use is of the host's GPUs: what stays on them, and what is made before this one.
static void plan_instance(struct plan *plan, struct planned_instance *item, const struct wanted *wanted,
			  const struct host *host, struct capacity_use use[])
{
	*item = (struct planned_instance){ .wanted = wanted, .step = INSTANCE_CREATE };
	resolve_parent(host, wanted, item->parent);

	const struct instance *there = instance_list_find(&host->instances, wanted->uuid);
	bool removed = there && is_removed(plan, wanted);
	if (there && is_as_wanted(wanted, item->parent, there)) {
		item->step = INSTANCE_EXISTS;
		strcpy(item->parent, there->parent);
	} else if (there && !removed && !(there->ours && there->use == USE_NONE)) {
		conflict(item, there);
	} else { // one of ours stays when nothing can be made in its place, and this says why
		choose_parents(item, host, use);
		if (removed)
			item->step = INSTANCE_REMAKE;
	}
}

static int plan_instances(struct plan *plan, const struct host *host, const struct config *config)
{
	struct capacity_use use[GPUS_MAX];
	plan->instances = calloc(config->wanted.count + 1, sizeof(*plan->instances));
	if (!plan->instances)
		return -ENOMEM;
	plan->instance_count = config->wanted.count;
	for (size_t i = 0; i < host->gpus.count; i++) {
		capacity_used(&use[i], &host->gpus.items[i], &host->instances);
		for (size_t n = 0; n < plan->removal_count; n++)
			if (streq(plan->removals[n].instance.parent, host->gpus.items[i].address))
				capacity_give(&use[i], plan->removals[n].instance.type);
	}
	for (size_t i = 0; i < plan->instance_count; i++)
		plan_instance(plan, &plan->instances[i], &config->wanted.items[i], host, use);
	return 0;
}

static void leave_nothing_wanted(struct plan *plan, const struct config *config)
{
	plan->stance = STANCE_NOTHING_WANTED;
	if (config->problem_count > 0)
		finding_set(&plan->leave, "nothing-wanted", SEVERITY_WARNING,
		     "no usable instance is wanted: the configuration has mistakes, the first is %s", config->problems[0]);
	else
		finding_set(&plan->leave, "nothing-wanted", SEVERITY_NOTE, "no instance is wanted");
}

bool plan_leaves_boot(struct plan *plan, const struct host *host, const struct config *config)
{
	if (!plan_meets(plan, REQUIRE_BOOT, host, config))
		return true;
	if (config->wanted.count > 0 || (config->whole && host->made.count > 0))
		return false;
	leave_nothing_wanted(plan, config);
	return true;
}

int plan_make(struct plan *plan, const struct host *host, const struct config *config)
{
	*plan = (struct plan){ .stance = STANCE_ACT };
	plan_judge_iommu(&plan->iommu, host);
	if (plan_leaves_boot(plan, host, config))
		return 0;
	int r = plan_removals(plan, host, config);
	if (r < 0)
		return r;
	if (config->wanted.count == 0 && plan->removal_count == 0) {
		leave_nothing_wanted(plan, config);
		return 0;
	}
	for (enum plan_requirement i = REQUIRE_GPU; i < REQUIREMENTS; i++)
		if (!plan_meets(plan, i, host, config)) {
			plan->removal_count = 0;
			return 0;
		}
	plan->stance = STANCE_ACT;
	plan_modules(plan, config);
	return plan_instances(plan, host, config);
}

const struct instance *plan_find(const struct planned_instance *item, const struct host *host)
{
	const struct instance *there = instance_list_find(&host->instances, item->wanted->uuid);
	return there && is_as_wanted(item->wanted, item->parent, there) ? there : NULL;
}

static bool is_offered(const struct host *host, const struct wanted *wanted)
{
	for (size_t i = 0; i <= wanted->other_count; i++) {
		const struct gpu *gpu = find_gpu(host, wanted_parent(wanted, i));
		if (gpu && type_list_has(host_types(host, gpu->address), wanted->type))
			return true;
	}
	return false;
}

bool plan_may_start(const struct host *host, const struct config *config)
{
	for (size_t i = 0; i < config->wanted.count; i++) {
		const struct wanted *wanted = &config->wanted.items[i];
		struct planned_instance item = { .wanted = wanted };
		resolve_parent(host, wanted, item.parent);
		if (!plan_find(&item, host) && (wanted->keep || !is_offered(host, wanted)))
			return false;
	}
	return true;
}

bool plan_next_parent(struct planned_instance *item)
{
	if (item->other_count == 0)
		return false;
	strcpy(item->parent, item->others[0]);
	item->other_count--;
	memmove(item->others, item->others + 1, item->other_count * sizeof(item->others[0]));
	return true;
}

void plan_free(struct plan *plan)
{
	free(plan->instances);
	free(plan->removals);
	*plan = (struct plan){ 0 };
}

void plan_verify(struct finding *finding, const struct host *host)
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
		     "i915 is loaded with enable_gvt=Y, yet it did not start GVT-g on %s, so kvmgt refuses to load" CURE "the kernel "
		     "log may say why: dmesg | grep -iE 'i915|gvt'",
		     gpu->address);
	else if (host->kvmgt_state != MODULE_LIVE)
		finding_set(finding, "kvmgt-refused", SEVERITY_FAILED, "kvmgt is not loaded");
	else if (types->count > 0)
		finding_set(finding, "gvt", SEVERITY_OK, "i915 has enable_gvt=Y, kvmgt is live, %s offers %u types", gpu->address,
		     (unsigned)types->count);
	else if (types->registered)
		finding_set(finding, "aperture-small", SEVERITY_FAILED,
		     "%s offers no types: its aperture of %u MiB leaves nothing beside the host's 128 MiB" CURE "set it to 512 or "
		     "1024 MiB in the firmware setup",
		     gpu->address, (unsigned)(gpu->aperture / MIB));
	else
		finding_set(finding, "gvt-silent", SEVERITY_FAILED,
		     "i915 and kvmgt are loaded with enable_gvt=Y, yet %s offers no types" CURE "the kernel log may say why: "
		     "dmesg | grep -i gvt",
		     gpu->address);
}
