// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of virtual functions (VFs): a driver that can enable them, and the VFs themselves.
#include <errno.h>
#include <stdio.h>

#include "decide/check/check.h"
#include "decide/setup/driver_words.h"
#include "decide/sriov/vf_plan.h"
#include "decide/sriov/vf_share.h"

bool check_is_sriov(const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	return gpu && gpu->verdict != GPU_SUPPORTED && gpu_list_sriov(&facts->host.gpus);
}

bool check_looks_at_vfs(const struct facts *facts)
{
	return check_is_sriov(facts) || (gpu_list_sriov(&facts->host.gpus) && config_may_want_vfs(&facts->config));
}

bool check_wants_any(const struct facts *facts)
{
	bool vfs = false;
	for (size_t i = 0; i < facts->config.claims.count && !vfs; i++)
		vfs = vf_is_claimed(&facts->host, &facts->config.claims.items[i]);
	return facts->config.wanted.count > 0 || vfs ||
		(facts->config.sriov.count > 0 && gpu_list_sriov(&facts->host.gpus));
}

// A line of modprobe.d that keeps the driver away; false when no such line is known.
static bool fix_line(const struct fix_of *of, struct finding *leave)
{
	static const struct {
		enum cause cause;
		const char *command, *option;
	} lines[] = {
		{ CAUSE_VFS_OFF_BY_OPTION, "options", "max_vfs" },
		{ CAUSE_PROBE_OFF_BY_OPTION, "options", "force_probe" },
		{ CAUSE_MODULE_FORBIDDEN, "blacklist", NULL },
		{ CAUSE_MODULE_REPLACED, "install", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (leave->cause == lines[i].cause)
			return fix_modprobe(of, lines[i].command, finding_get(leave, VALUE_MODULE), lines[i].option, "",
					    leave, JOINT_NONE);
	return false;
}

unsigned check_count_vfs(struct check *check, const struct facts *facts)
{
	struct vf_plan plan;
	unsigned count = 0;
	if (vf_plan_make(&plan, &facts->host, &facts->config) < 0)
		check->error = -ENOMEM;
	for (size_t i = 0; i < plan.count; i++)
		count += plan.pfs[i].wanted;
	vf_plan_free(&plan);
	return count;
}

static void fix_iommu(const struct fix_of *of, struct finding *leave)
{
	const struct host *host = &of->facts->host;
	const char *item;
	const struct cmdline_word *word = iommu_excludes_gpu(&host->cmdline, &item);
	struct finding off;
	enum iommu_state state = iommu_judge(&off, &host->iommu, &host->cmdline);
	if (host->iommu.amd) {
		if (state == IOMMU_OFF_BY_PARAMETER)
			fix_remove(of, off.word, off.item, leave, JOINT_NONE);
		else
			finding_step(leave, JOINT_NONE, state == IOMMU_ABSENT ? FIX_ENABLE_AMD : FIX_DMESG_OF_AMD);
		return;
	}
	if (leave->cause == CAUSE_IOMMU_NOT_OF_GPU && word)
		fix_remove(of, word, item, leave, JOINT_NONE);
	else if (state == IOMMU_OFF_BY_PARAMETER && off.word)
		fix_remove(of, off.word, "", leave, JOINT_NONE);
	else if (leave->cause == CAUSE_IOMMU_NOT_OF_GPU && cmdline_lists(&host->cmdline, "intel_iommu", "on", false))
		finding_step(leave, JOINT_NONE, FIX_DMESG_OF_IOMMU);
	else if (state != IOMMU_ABSENT)
		fix_add(of, "intel_iommu=on", leave, JOINT_NONE);
}

// A driver that came without its parameter: gvt-early gives it, if it runs before udev.
static void fix_parameter(const struct fix_of *of, struct finding *leave)
{
	if (!of->facts->initrd.ran)
		fix_renew_initrd(leave, JOINT_NONE, &of->facts->tools, NULL);
	else if (streq(finding_get(leave, VALUE_DRIVER), "i915"))
		fix_add(of, "i915.enable_guc=3 i915.max_vfs=7", leave, JOINT_NONE);
	if (of->facts->initrd.ran && finding_has(leave, VALUE_FIX))
		return;
	fix_reboot(leave, finding_has(leave, VALUE_FIX) ? JOINT_AND : JOINT_NONE);
}

void check_fix_firmware(const struct facts *facts, bool packed, struct finding *leave, const char *release)
{
	if (packed)
		finding_step(leave, JOINT_NONE, FIX_UNPACK_FIRMWARE);
	else if (facts->config.settings.proxmox)
		fix_install(leave, JOINT_NONE, &facts->tools, "pve-firmware");
	else
		finding_step(leave, JOINT_NONE, FIX_INSTALL_FIRMWARE);
	fix_renew_initrd(leave, release ? JOINT_THEN : JOINT_COMMA, &facts->tools, release);
}

// Firmware that is there was not in the initrd.
static void fix_firmware(const struct facts *facts, enum way way, const char *gpu, struct finding *leave)
{
	const struct sriov_drivers *drivers = &facts->host.sriov.drivers;
	const struct gpu *of = gpu_list_at(&facts->host.gpus, gpu);
	size_t index = of ? (size_t)(of - facts->host.gpus.items) : 0;
	if (of && sriov_driver_needs(drivers, way == WAY_XE, index)->there > 0) {
		fix_renew_initrd(leave, JOINT_NONE, &facts->tools, NULL);
		fix_reboot(leave, JOINT_AND);
		return;
	}
	check_fix_firmware(facts, leave->cause == CAUSE_FIRMWARE_PACKED, leave, NULL);
	fix_reboot(leave, JOINT_AND);
}

// What the kernel said of a parameter that its i915 does not know.
static void tell_unknown_parameter(const struct facts *facts, struct finding *leave)
{
	static const char *const parts[] = { "unknown parameter 'max_vfs' ignored" };
	char line[160];
	if (kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line)))
		finding_value(leave, VALUE_SAID, "%s", line);
}

void check_fix_sriov(const struct facts *facts, struct finding *leave)
{
	const struct fix_of of = { .facts = facts };
	enum cause cause = leave->cause;
	if (cause == CAUSE_I915_STOCK || cause == CAUSE_SRIOV_KERNEL_OLD)
		tell_unknown_parameter(facts, leave);
	if (cause == CAUSE_IOMMU_NOT_OF_GPU || cause == CAUSE_IOMMU_NONE) {
		fix_iommu(&of, leave);
	} else if (!facts->config.settings.early &&
		   (cause == CAUSE_DRIVER_OTHER || cause == CAUSE_TOTAL_BY_PARAMETER)) {
		// udev loads the drivers, as the kernel command line tells them.
		fix_run(leave, JOINT_NONE, "gvt-early setup");
		fix_reboot(leave, JOINT_AND);
	} else if (cause == CAUSE_I915_STOCK || (cause == CAUSE_DRIVER_OTHER && !facts->initrd.ran)) {
		fix_renew_initrd(leave, JOINT_NONE, &facts->tools, NULL);
		fix_reboot(leave, JOINT_AND);
	} else if (cause == CAUSE_DRIVER_OTHER) {
		fix_reboot(leave, JOINT_NONE);
	} else if (cause == CAUSE_TOTAL_BY_PARAMETER) {
		fix_parameter(&of, leave);
	} else if (cause == CAUSE_FIRMWARE_ABSENT || cause == CAUSE_FIRMWARE_PACKED) {
		fix_firmware(facts, streq(finding_get(leave, VALUE_MODULE), "xe") ? WAY_XE : WAY_I915,
			     finding_get(leave, VALUE_ADDRESS), leave);
	} else if (cause == CAUSE_GPU_BOUND || cause == CAUSE_GPU_GIVEN || cause == CAUSE_GPU_OVERRIDDEN) {
		check_fix_taken(facts, leave);
	} else if (!fix_line(&of, leave) && leave->word) {
		fix_remove_blamed(&of, leave, JOINT_NONE);
	}
	if (cause == CAUSE_MODULE_FORBIDDEN || cause == CAUSE_MODULE_REPLACED || cause == CAUSE_MODULE_LISTED)
		finding_wrap(leave, leave->name, CAUSE_DRIVER_FORBIDDEN);
}

// Why a driver that was loaded has not bound the GPU, by the kernel log.
static void tell_silent(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	static const char *const parts[] = {
		"GuC firmware",
		"HuC firmware",
		"GuC init",
		"GuC initialization failed",
		"not officially supported",
		"Probe blocked",
		"Device probe",
		"Support for SR-IOV is not available",
	};
	const struct gpu *gpu = &facts->host.gpus.items[pf->gpu];
	char line[160];
	struct finding finding;
	bool logged = kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line));
	check_begin(&finding, "sriov-silent", CAUSE_SRIOV_SILENT);
	finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(&finding, VALUE_MODULE, "%s", pf->way.driver);
	finding_value(&finding, VALUE_SAID, "%s", logged ? line : "");
	if (logged && (strstr(line, "GuC firmware") || strstr(line, "HuC firmware")))
		fix_firmware(facts, pf->way.way, gpu->address, &finding);
	check_take(check, CHECK_SRIOV, &finding);
}

static bool is_loaded(const struct host *host, enum way way)
{
	return (way == WAY_XE ? host->sriov.xe_state : host->i915_state) == MODULE_LIVE;
}

// A guest that takes the GPU itself, or all functions of its device: at its start Proxmox VE gives the GPU to vfio-pci,
// its driver goes, and with it all VFs, those that other guests use included.
static void judge_prefix(struct check *check, enum requirement requirement, const struct facts *facts,
			 const struct planned_pf *pf)
{
	const struct gpu *gpu = &facts->host.gpus.items[pf->gpu];
	for (size_t i = 0; i < facts->config.claims.count; i++) {
		const struct whole_gpu *claim = &facts->config.claims.items[i];
		struct finding finding;
		if (!wanted_device_has(claim->address, gpu->address))
			continue;
		check_begin(&finding, "vf-prefix", CAUSE_VF_PREFIX);
		finding_value(&finding, VALUE_SOURCE, "%s", claim->source);
		finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(&finding, VALUE_PATH, "%s", claim->address);
		finding_value(&finding, VALUE_PARENT, "%s", pf->vf_count > 0 ? pf->vfs[0].address : "");
		check_take(check, requirement, &finding);
	}
}

// A run of this boot has not come back from making the VFs: there are none, or none of them could be bound.
static bool tell_hung(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	const struct past_run *runs[] = { &facts->apply, &facts->boot };
	const struct gpu *gpu = &facts->host.gpus.items[pf->gpu];
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		const char *step = past_run_last_step(runs[i]);
		struct finding finding;
		if (!streq(runs[i]->state, "gave-up") || !starts_with(step, STEP_ENABLE_VFS) ||
		    !streq(step + strlen(STEP_ENABLE_VFS), gpu->address) || planned_pf_is_met(pf))
			continue;
		check_begin(&finding, "sriov-hung", CAUSE_VFS_HUNG);
		finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(&finding, VALUE_DRIVER, "%s", gpu->driver);
		check_take(check, CHECK_SRIOV, &finding);
		return true;
	}
	return false;
}

void check_add_driver_words(struct finding *finding, const struct gpu *gpu, const struct gpu_way *way,
			    const struct word_change *changes, size_t count)
{
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_MODULE, "%s", way->driver);
	for (size_t i = 0; i < count; i++)
		finding_value(finding, VALUE_WORDS, "%s%s%s", changes[i].new, changes[i].old[0] ? " instead of " : "",
			      changes[i].old);
	fix_run(finding, JOINT_NONE, "gvt-early setup");
}

// With 'early = no' udev loads the drivers. Of one that has not taken the GPU, or does not make the VFs, says what that
// has not been told. False when it has been told all.
static bool tell_untold(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = &host->gpus.items[pf->gpu];
	struct word_change changes[DRIVER_WORDS_MAX];
	bool other = pf->leave.cause == CAUSE_TOTAL_BY_PARAMETER || pf->leave.cause == CAUSE_TOTAL_REFUSED ||
		pf->leave.cause == CAUSE_DRIVER_OTHER;
	bool less = pf->stance == STANCE_ACT && host->sriov.gpus[pf->gpu].total >= 0 &&
		host->sriov.gpus[pf->gpu].total < (int)pf->wanted;
	struct finding finding;
	if (facts->config.settings.early || (pf->stance != STANCE_ACT && !other) ||
	    (pf->stance == STANCE_ACT && gpu->driver[0] && !less))
		return false;
	size_t count = driver_words_lacking(changes, host, &facts->config, gpu, &pf->way);
	if (count == 0)
		return false;
	check_begin(&finding, "sriov-untold", CAUSE_DRIVER_UNTOLD);
	check_add_driver_words(&finding, gpu, &pf->way, changes, count);
	finding_value(&finding, VALUE_DRIVER, "%s", gpu->driver);
	fix_reboot(&finding, JOINT_AND);
	check_take(check, CHECK_SRIOV, &finding);
	return true;
}

static void judge_pf(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	if (tell_hung(check, facts, pf) || tell_untold(check, facts, pf))
		return;
	const struct gpu *gpu = &facts->host.gpus.items[pf->gpu];
	if (pf->stance != STANCE_ACT) {
		struct finding leave = pf->leave;
		check_fix_sriov(facts, &leave);
		if (leave.cause == CAUSE_GPU_BOUND) // it has come about
			judge_prefix(check, CHECK_SRIOV, facts, pf);
		check_take(check, CHECK_SRIOV, &leave);
	} else if (!gpu->driver[0] && is_loaded(&facts->host, pf->way.way)) {
		tell_silent(check, facts, pf);
	} else if (pf->enable > 0 && gpu->driver[0] && facts->host.sriov.gpus[pf->gpu].bars_missing) {
		struct finding finding;
		check_begin(&finding, "sriov-room", CAUSE_VFS_NO_ROOM);
		finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
		check_take(check, CHECK_SRIOV, &finding);
	}
}

// That a GPU of which no VF is wanted yet could be split, or why not.
static void judge_default(struct check *check, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_sriov(&facts->host.gpus);
	struct gpu_way way;
	gpu_way_choose(&way, &facts->host, gpu);
	if (way_is_sriov(way.way))
		*check_is_ok(check, CHECK_SRIOV, way.finding.cause) = way.finding;
	else
		check_take(check, CHECK_SRIOV, &way.finding);
}

// A driver that hangs the host on this GPU, and is told to take it.
static void judge_forced(struct check *check, const struct facts *facts)
{
	const struct fix_of of = { .facts = facts };
	const struct gpu_list *gpus = &facts->host.gpus;
	for (size_t i = 0; i < gpus->count; i++) {
		const struct gpu *gpu = &gpus->items[i];
		const struct cmdline_word *word;
		struct finding finding;
		if (!gpu->platform || !gpu->platform->xe_never || !gpu_is_forced(&facts->host, gpu, &word))
			continue;
		check_begin(&finding, "xe-forced", CAUSE_XE_FORCED);
		finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(&finding, VALUE_DEVICE, "%04x", gpu->device_id);
		finding_value(&finding, VALUE_MODEL, "%s", gpu->name);
		finding_value(&finding, VALUE_MODULE, "xe");
		finding_flag(&finding, VALUE_WORD, word != NULL);
		finding_blame(&finding, word, "");
		if (word)
			fix_remove_blamed(&of, &finding, JOINT_NONE);
		check_take(check, CHECK_SRIOV, &finding);
	}
}

void check_sriov(struct check *check, const struct facts *facts)
{
	struct vf_plan plan;
	judge_forced(check, facts);
	if (vf_plan_make(&plan, &facts->host, &facts->config) < 0)
		check->error = -ENOMEM;
	for (size_t i = 0; i < plan.count; i++)
		judge_pf(check, facts, &plan.pfs[i]);
	if (plan.count == 0)
		judge_default(check, facts);
	else
		*check_is_ok(check, CHECK_SRIOV, plan.pfs[0].way.finding.cause) = plan.pfs[0].way.finding;
	vf_plan_free(&plan);
}

// Why the last run of this boot that tried could not enable the VFs. False when none tried.
static bool tell_refused(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	const struct gpu *gpu = &facts->host.gpus.items[pf->gpu];
	char step[64];
	struct finding finding;
	snprintf(step, sizeof(step), STEP_ENABLE_VFS "%s", gpu->address);
	const struct past_run_failure *why = past_run_failed(&facts->apply, step);
	if (!why)
		why = past_run_failed(&facts->boot, step);
	if (!why)
		return false;
	check_begin(&finding, "vf-refused", CAUSE_VFS_REFUSED);
	finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(&finding, VALUE_DRIVER, "%s", gpu->driver);
	finding_value(&finding, VALUE_DETAIL, "%s", why->detail);
	if (past_run_has_error(why, EIO) || past_run_has_error(why, ECANCELED))
		finding.cause = CAUSE_VFS_WEDGED;
	check_take(check, CHECK_VFS, &finding);
	return true;
}

// VFs that should be there and are not, of one GPU.
static void judge_missing(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	size_t missing = 0, unbound = 0;
	struct finding finding;
	for (size_t i = 0; i < pf->vf_count; i++) {
		missing += pf->vfs[i].step == VF_MAKE;
		unbound += pf->vfs[i].step == VF_BIND;
	}
	if (missing + unbound == 0 || (missing > 0 && tell_refused(check, facts, pf)))
		return;
	check_begin(&finding, "vf-missing", missing ? CAUSE_VFS_MISSING : CAUSE_VFS_UNBOUND);
	finding_value(&finding, VALUE_ADDRESS, "%s", facts->host.gpus.items[pf->gpu].address);
	finding_value(&finding, VALUE_COUNT, "%zu", missing ? missing : unbound);
	finding_value(&finding, VALUE_TOTAL, "%u", pf->wanted);
	finding_value(&finding, VALUE_SOURCE, "%s", pf->source);
	fix_run(&finding, JOINT_NONE, "gvt-early apply");
	check_take(check, CHECK_VFS, &finding);
}

static void judge_vfs(struct check *check, const struct facts *facts, const struct planned_pf *pf)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		// Of those that come with others only what is theirs.
		if (pf->vfs[i].finding.name && (pf->vfs[i].source || pf->vfs[i].step < VF_LATER)) {
			struct finding finding = pf->vfs[i].finding;
			check_take(check, CHECK_VFS, &finding);
		}
	if (pf->stance == STANCE_ACT)
		judge_missing(check, facts, pf);
}

void check_vfs(struct check *check, const struct facts *facts)
{
	struct vf_plan plan;
	size_t wanted = 0, there = 0;
	if (vf_plan_make(&plan, &facts->host, &facts->config) < 0)
		check->error = -ENOMEM;
	for (size_t i = 0; i < plan.count; i++) {
		const struct planned_pf *pf = &plan.pfs[i];
		judge_prefix(check, CHECK_VFS, facts, pf);
		judge_vfs(check, facts, pf);
		wanted += pf->vf_count;
		for (size_t n = 0; n < pf->vf_count; n++)
			there += pf->vfs[n].step == VF_READY;
	}
	struct finding *said = check_is_ok(check, CHECK_VFS, wanted ? CAUSE_VFS_THERE : CAUSE_VFS_NONE);
	finding_value(said, VALUE_THERE, "%zu", there);
	finding_value(said, VALUE_COUNT, "%zu", wanted);
	vf_plan_free(&plan);
}

// The guest's own refusal may say the same.
static bool is_refused(const struct facts *facts, const struct whole_gpu *claim)
{
	const struct guest_list *guests = facts->config.guests;
	for (size_t i = 0; guests && i < guests->vf_count; i++)
		if (guests->vfs[i].vmid == claim->vmid && guests->vfs[i].trouble == TROUBLE_REFUSED)
			return true;
	return false;
}

// from: of each GPU the number from which a free VF has not been named yet.
static void tell_clash(struct check *check, const struct facts *facts, const struct vf_clash *clash,
		       unsigned from[static GPUS_MAX])
{
	const struct whole_gpu *claim = clash->claim, *other = clash->other;
	const struct gpu *gpu = vf_gpu_of(&facts->host, claim);
	size_t index = (size_t)(gpu - facts->host.gpus.items);
	unsigned there = facts->host.sriov.gpus[index].count;
	char free_vf[PCI_ADDRESS_SIZE];
	unsigned number = vf_next_free(&facts->host, gpu, &facts->config, from[index] + 1, free_vf);
	struct finding finding;
	check_begin(&finding, "vf-twice", clash->entries > 1 ? CAUSE_VF_POOL_EMPTY : CAUSE_VF_TWICE);
	finding_value(&finding, VALUE_SOURCE, "%s", claim->source);
	finding_value(&finding, VALUE_VMID, "%u", claim->vmid);
	finding_value(&finding, VALUE_SLOT, "%u", claim->index);
	finding_value(&finding, VALUE_MAPPING, "%s", claim->mapping);
	finding_value(&finding, VALUE_COUNT, "%u", clash->entries);
	finding_value(&finding, VALUE_PARENT, "%s", claim->address);
	finding_value(&finding, VALUE_OTHER, "%u", other->vmid);
	finding_flag(&finding, VALUE_BOTH, other->vmid == claim->vmid);
	finding_value(&finding, VALUE_FROM, "%s", other->source);
	finding_flag(&finding, VALUE_QM, facts->tools.has[TOOL_QM]);
	if (number > 0) {
		from[index] = number;
		finding_value(&finding, VALUE_FREE, "%s", free_vf);
		finding_flag(&finding, VALUE_NEXT, there > 0 && number > there);
	}
	check_take(check, CHECK_GUESTS, &finding);
}

void check_vf_clashes(struct check *check, const struct facts *facts)
{
	struct vf_clash_list *list = malloc(sizeof(*list));
	unsigned from[GPUS_MAX] = { 0 };
	if (!list) {
		check->error = -ENOMEM;
		return;
	}
	vf_clash_find(list, &facts->host, &facts->config);
	for (size_t i = 0; i < list->count; i++) {
		const struct vf_clash *clash = &list->items[i];
		if (clash->other->vmid != clash->claim->vmid || !is_refused(facts, clash->claim))
			tell_clash(check, facts, clash, from);
	}
	free(list);
}
