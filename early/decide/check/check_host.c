// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements that the host meets or does not, whatever its driver does.
#include <errno.h>

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "decide/sriov/vf_plan.h"
#include "read/config/wanted_sources.h"

// What is told with the guests.
static bool is_of_guest(const struct facts *facts, const struct message *message)
{
	const struct guest_list *guests = facts->config.guests;
	return message->entry > 0 && guests && guests->entries[message->entry - 1].trouble != TROUBLE_NONE;
}

// Whether a vGPU would be wanted if nothing were wrong with its guest.
static bool has_trouble(const struct facts *facts)
{
	const struct guest_list *guests = facts->config.guests;
	for (size_t i = 0; guests && i < guests->count; i++)
		if (guests->entries[i].trouble != TROUBLE_NONE &&
		    sources_want(&facts->config.settings, &guests->entries[i]))
			return true;
	return false;
}

static void tell_nothing_wanted(struct check *check, const struct facts *facts)
{
	struct finding finding;
	judge_nothing_wanted(&finding, &facts->host, &facts->config, facts->tools.has[TOOL_QM]);
	check_take(check, CHECK_SOURCES, &finding);
}

// A mistake is mended at its place where nothing else is said.
static void tell_message(struct check *check, const char *name, const struct message *message, bool mistake)
{
	struct finding finding;
	check_begin(&finding, name, CAUSE_PROBLEM);
	finding_value(&finding, VALUE_PROBLEM, "%s", message->text);
	finding_value(&finding, VALUE_PROBLEM_FIX, "%s", message->fix);
	if (mistake && !message->fix[0]) {
		finding_open_step(&finding, JOINT_NONE, FIX_CORRECT);
		finding_value(&finding, VALUE_PLACE, "%.*s", (int)message->place, message->text);
		finding_close(&finding);
	}
	check_take(check, CHECK_SOURCES, &finding);
}

static void tell_lacking(struct check *check, const struct facts *facts)
{
	struct finding finding;
	const struct next_boot *next = facts->next;
	check_begin(&finding, "modules-lacking", CAUSE_MODULES_LACKING);
	finding_value(&finding, VALUE_PLACE, "%s", facts->config.settings.modules_place);
	finding_value(&finding, VALUE_RELEASE, "%s",
		      next && next->kernel_count ? next->kernels[0].release : facts->host.release);
	for (size_t i = 0; i < facts->lacking_count; i++)
		finding_value(&finding, VALUE_NAMES, "%s", facts->lacking[i]);
	if (facts->lacking_count > 0)
		check_take(check, CHECK_SOURCES, &finding);
}

// Sections of SR-IOV that are for no GPU of this host.
static void tell_unused_sections(struct check *check, const struct facts *facts)
{
	const struct gpu_list *gpus = &facts->host.gpus;
	const struct sriov_wish_list *wishes = &facts->config.sriov;
	bool known = gpus->count > 0 && !gpus->error[0] && !gpus->hung;
	for (size_t i = 0; known && i < wishes->count; i++) {
		const struct sriov_wish *wish = &wishes->items[i];
		const struct gpu *gpu = wish->device[0] ? gpu_list_at(gpus, wish->device) : gpu_list_sriov(gpus);
		struct finding finding;
		if (gpu && gpu->platform && gpu->verdict != GPU_SUPPORTED)
			continue;
		check_begin(&finding, "sriov-unused", CAUSE_SECTION_UNUSED);
		finding_value(&finding, VALUE_SOURCE, "%s", wish->source);
		finding_value(&finding, VALUE_ADDRESS, "%s", wish->device);
		finding_flag(&finding, VALUE_FOUND, gpu != NULL);
		gpu = gpu_list_sriov(gpus);
		finding_value(&finding, VALUE_OTHER, "%s", gpu ? gpu->address : "");
		check_take(check, CHECK_SOURCES, &finding);
	}
}

static void tell_counts(struct check *check, size_t instances, unsigned vfs)
{
	struct finding *said = check_is_ok(check, CHECK_SOURCES,
					   vfs == 0                 ? CAUSE_WANTED_COUNTED
						   : instances == 0 ? CAUSE_VFS_COUNTED
								    : CAUSE_BOTH_COUNTED);
	finding_value(said, VALUE_COUNT, "%zu", instances);
	if (vfs > 0)
		finding_value(said, VALUE_TOTAL, "%u", vfs);
}

void check_sources(struct check *check, const struct facts *facts)
{
	const struct config *config = &facts->config;
	for (size_t i = 0; i < config->problem_count; i++)
		if (!is_of_guest(facts, &config->problems[i]))
			tell_message(check, "config", &config->problems[i], true);
	tell_lacking(check, facts);
	struct finding unread;
	judge_unread(&unread, config);
	if (config->guests_unread[0])
		check_take(check, CHECK_SOURCES, &unread);
	for (size_t i = 0; i < config->warnings.count; i++)
		if (!config->guests_unread[0] && !is_of_guest(facts, &config->warnings.items[i]))
			tell_message(check, "sources", &config->warnings.items[i], false);
	tell_unused_sections(check, facts);
	unsigned vfs = check_count_vfs(check, facts);
	if (config->wanted.count + vfs > 0)
		tell_counts(check, config->wanted.count, vfs);
	else if (has_trouble(facts))
		check_is_ok(check, CHECK_SOURCES, CAUSE_WANTED_TROUBLED);
	else if (!judge_misses_guests(config))
		tell_nothing_wanted(check, facts);
}

void check_boot(struct check *check, const struct facts *facts)
{
	const struct fix_of of = { .facts = facts };
	struct finding leave;
	if (check_meets(facts, REQUIRE_BOOT, &leave)) {
		check_is_ok(check, CHECK_BOOT, CAUSE_BOOT_NORMAL);
		return;
	}
	if (leave.cause == CAUSE_BOOT_NOMODESET) { // an everyday boot, but one without i915
		check_is_ok(check, CHECK_BOOT, CAUSE_SEE_I915);
		return;
	}
	if (leave.cause == CAUSE_SWITCHED_OFF ||
	    (leave.cause == CAUSE_BOOT_RESCUE && leave.word && fix_has_word(facts, leave.word)))
		fix_remove_blamed(&of, &leave, JOINT_NONE);
	check_take(check, CHECK_BOOT, &leave);
}

// The kernel whose table of the GPU's registers was broken (gvt-linux issues 216 and 220): Coffee and Comet Lake got no
// types.
bool check_is_known_bad(const char *version)
{
	return streq(version, "5.19") || streq(version, "5.19.0") || streq(version, "5.19.1");
}

static bool is_named_before(const struct obsolete *items, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (streq(items[j].name, items[i].name))
			return true;
	return false;
}

static void append(char *ret, size_t size, const char *before, const char *text)
{
	size_t used = strlen(ret);
	snprintf(ret + used, size - used, "%s%s", before, text);
}

// "(nvidia|vfio)"
static void list_words(const struct obsolete *items, size_t count, char *ret, size_t size)
{
	size_t words = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (!is_named_before(items, i))
			append(ret, size, words++ ? "|" : "(", items[i].name);
	if (words > 1)
		append(ret, size, "", ")");
	else
		memmove(ret, ret + 1, strlen(ret));
}

#define NAMES_SHOWN  4
#define COMMENT_ROOM 700 // what names and paths may take of VALUES_SIZE: no command is cut

// Names of one file that this kernel does not have. The command names the words, never the lines: those move with every
// change. It comments them out: what stands behind a word stays readable. In words, should the command not fit.
static void tell_obsolete(struct check *check, enum requirement requirement, const char *release,
			  const struct obsolete *items, size_t count)
{
	struct finding finding;
	char words[256], path[SH_WORD_SIZE];
	list_words(items, count, words, sizeof(words));
	sh_word(items->file, path, sizeof(path));
	size_t room = 2 * strlen(words) + strlen(items->file) + strlen(path) + count * strlen(" (line 123), ");
	bool fits = strlen(words) + 1 < sizeof(words) && room <= COMMENT_ROOM;
	check_begin(&finding, "modules-obsolete", count == 1 ? CAUSE_MODULE_OBSOLETE : CAUSE_MODULES_OBSOLETE);
	finding_value(&finding, VALUE_FILE, "%s", items->file);
	finding_value(&finding, VALUE_RELEASE, "%s", release);
	finding_value(&finding, VALUE_COUNT, "%zu", count);
	finding_value(&finding, VALUE_WORDS, "%s", words);
	finding_step(&finding, JOINT_NONE, fits ? FIX_COMMENT_OUT : FIX_COMMENT_BY_HAND);
	finding_value(&finding, VALUE_PATH, "%s", path);
	if (count == 1) {
		finding_value(&finding, VALUE_LINE, "%u", items->line);
		finding_value(&finding, VALUE_NAMES, "%s", items->name);
	}
	for (size_t i = 0; count > 1 && i < count && (fits || i < NAMES_SHOWN); i++) {
		finding_open(&finding, VALUE_NAMES, PART_NAME_AT_LINE);
		finding_value(&finding, VALUE_NAME, "%s", items[i].name);
		finding_value(&finding, VALUE_LINE, "%u", items[i].line);
		finding_close(&finding);
	}
	if (!fits && count > NAMES_SHOWN)
		finding_value(&finding, VALUE_MORE, "%zu", count - NAMES_SHOWN);
	check_take(check, requirement, &finding);
}

void check_obsolete(struct check *check, enum requirement requirement, const char *release,
		    const struct obsolete *items, size_t count)
{
	for (size_t i = 0, same; i < count; i += same) {
		for (same = 1; i + same < count && streq(items[i].file, items[i + same].file);)
			same++;
		tell_obsolete(check, requirement, release, &items[i], same);
	}
}

void check_crowded(struct check *check, enum requirement requirement, const struct crowded_line *line)
{
	struct finding finding;
	check_begin(&finding, "modules-line",
		    strpbrk(line->text, "#;")         ? CAUSE_LINE_COMMENT
			    : strchr(line->text, '=') ? CAUSE_LINE_OPTION
						      : CAUSE_LINE_NAMES);
	finding_value(&finding, VALUE_PLACE, "%s", line->place);
	finding_value(&finding, VALUE_LINE, "%.140s", line->text);
	if (line->place[0])
		check_take(check, requirement, &finding);
}

// The modules of the kernel that runs cannot be found.
static void tell_no_modules(struct check *check, const struct facts *facts, const struct gpu *gpu)
{
	const struct host *host = &facts->host;
	struct finding finding;
	if (gpu && gpu->verdict == GPU_SUPPORTED && !check_meets(facts, REQUIRE_KERNEL, &finding) &&
	    finding.cause == CAUSE_MODULES_UNFOUND) {
		finding_wrap(&finding, "modules-missing", CAUSE_MODULES_GONE);
		fix_reinstall_kernel(&finding, JOINT_NONE, &facts->tools);
		check_take(check, CHECK_KERNEL, &finding);
	} else if (host->modules_trouble[0] && host->i915_state == MODULE_LIVE &&
		   host->gvt.kvmgt_state == MODULE_LIVE) {
		check_begin(&finding, "modules-missing", CAUSE_MODULES_UNFOUND);
		finding_value(&finding, VALUE_RELEASE, "%s", host->release);
		finding_value(&finding, VALUE_REASON, "%s", host->modules_trouble);
		finding_wrap(&finding, "modules-missing", CAUSE_MODULES_LOADED_YET);
		fix_reinstall_kernel(&finding, JOINT_NONE, &facts->tools);
		check_take_hint(check, CHECK_KERNEL, &finding);
	}
}

void check_kernel(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	tell_no_modules(check, facts, gpu);
	if (check_is_known_bad(facts->version) && (!gpu || host_types(host, gpu->address)->count == 0)) {
		struct finding finding;
		check_begin(&finding, "kernel-known-bad", CAUSE_KERNEL_BAD);
		finding_value(&finding, VALUE_VERSION, "%s", facts->version);
		check_take(check, CHECK_KERNEL, &finding);
	}
	check_obsolete(check, CHECK_KERNEL, host->release, facts->obsolete, facts->obsolete_count);
	check_crowded(check, CHECK_KERNEL, &facts->crowded);
	if (host->release[0])
		finding_value(check_is_ok(check, CHECK_KERNEL, CAUSE_KERNEL_RUNS), VALUE_RELEASE, "%s", host->release);
	else
		check_is_unknown(check, CHECK_KERNEL, CAUSE_KERNEL_UNKNOWN);
}

// The first mediated device that is wanted, or that a guest has which does not start at boot; NULL for none. A line
// that Proxmox VE ignores may mean a virtual function.
static const struct wanted *first_instance(const struct config *config)
{
	const struct guest_list *guests = config->guests;
	if (config->wanted.count > 0)
		return config->wanted.items;
	for (size_t i = 0; guests && i < guests->count; i++)
		if (guests->entries[i].trouble != TROUBLE_LINE_IGNORED)
			return &guests->entries[i].item;
	return NULL;
}

// A GPU that SR-IOV splits. Who wants a mediated device of it is told how that is done there.
static void judge_sriov_gpu(struct check *check, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_sriov(&facts->host.gpus);
	const struct sriov *sriov = &facts->host.sriov.gpus[gpu - facts->host.gpus.items];
	const struct wanted *wanted = first_instance(&facts->config);
	bool mdevs = wanted != NULL;
	char vf[PCI_ADDRESS_SIZE];
	struct finding finding, *told = &finding;
	if (mdevs)
		check_begin(&finding, "gpu-too-new", CAUSE_MDEV_OF_SRIOV);
	else
		told = check_is_ok(check, CHECK_GPU, CAUSE_SRIOV_GPU);
	finding_value(told, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(told, VALUE_DEVICE, "%04x", gpu->device_id);
	finding_value(told, VALUE_MODEL, "%s", gpu->name);
	if (!mdevs)
		return;
	unsigned vmid, slot;
	finding_value(told, VALUE_SOURCE, "%s", wanted->source);
	finding_flag(told, VALUE_QM, facts->tools.has[TOOL_QM]);
	if (wanted->hostpci[0] && wanted_is_guest(wanted->uuid, &vmid, &slot)) {
		finding_value(told, VALUE_VMID, "%u", vmid);
		finding_value(told, VALUE_SLOT, "%u", slot);
	}
	if (sriov_vf_address(sriov, gpu->address, 1, vf) == 0)
		finding_value(told, VALUE_PARENT, "%s", vf);
	check_take(check, CHECK_GPU, &finding);
}

void check_gpu(struct check *check, const struct facts *facts)
{
	struct finding finding;
	if (check_is_sriov(facts)) {
		judge_sriov_gpu(check, facts);
		return;
	}
	judge_gpus(&finding, &facts->host.gpus);
	if (finding.severity == SEVERITY_OK)
		*check_is_ok(check, CHECK_GPU, finding.cause) = finding;
	else
		check_take(check, CHECK_GPU, &finding);
}

// How the GPU becomes free of what has it, where that is known here.
void check_fix_taken(const struct facts *facts, struct finding *leave)
{
	const struct fix_of of = { .facts = facts };
	enum cause giver = finding_part_of(leave, VALUE_GIVER);
	if (leave->cause == CAUSE_GPU_OVERRIDDEN)
		giver = PART_BY_OVERRIDE;
	if (leave->word)
		fix_remove_blamed(&of, leave, JOINT_NONE);
	else if (giver == PART_BY_MODPROBE)
		(void)fix_modprobe(&of, "options", "vfio-pci", "ids", leave->item, leave, JOINT_NONE);
	else if (giver == PART_BY_OVERRIDE)
		finding_step(leave, JOINT_NONE, FIX_REMOVE_OVERRIDE);
}

bool check_modprobe_unread(struct check *check, enum requirement requirement, const struct facts *facts)
{
	const struct modprobe_lines *lines = &facts->modprobe;
	if (!lines->unread[0])
		return false;
	struct finding *said = check_is_unknown(check, requirement, CAUSE_MODPROBE_UNREAD);
	finding_value(said, VALUE_REASON, "%s", lines->unread);
	finding_flag(said, VALUE_DENIED, lines->unread_error == EACCES);
	return true;
}

void check_free_gpu(struct check *check, const struct facts *facts)
{
	struct finding leave;
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	if (!check_meets(facts, REQUIRE_FREE, &leave)) {
		check_fix_taken(facts, &leave);
		check_take(check, CHECK_FREE, &leave);
		return;
	}
	if (gpu->driver[0] || !check_modprobe_unread(check, CHECK_FREE, facts))
		finding_value(check_is_ok(check, CHECK_FREE, gpu->driver[0] ? CAUSE_GPU_OF_I915 : CAUSE_GPU_UNBOUND),
			      VALUE_ADDRESS, "%s", gpu->address);
}

// What kernels say of a firmware that has VT-x switched off (arch/x86/kvm, arch/x86/kernel/cpu/feat_ctl.c).
static const char *const locked_kvm[] = { "kvm: disabled by bios", "TXT) disabled by BIOS",
					  "VMX not enabled (by BIOS)" };

void check_vtd(struct check *check, const struct facts *facts)
{
	struct finding finding;
	judge_iommu(&finding, &facts->host, &facts->config);
	if (finding.severity == SEVERITY_UNKNOWN) {
		*check_is_skipped(check, CHECK_VTD, finding.cause) = finding;
	} else if (streq(finding.name, "vtd-firmware")) {
		if (facts->virtual.kind == VIRTUAL_MACHINE) {
			check_begin(&finding, "vtd-firmware", CAUSE_VTD_VIRTUAL);
			finding_value(&finding, VALUE_MACHINE, "%s", facts->virtual.name);
		}
		check_take(check, CHECK_VTD, &finding);
	} else {
		const struct iommu *iommu = &facts->host.iommu;
		bool none = !iommu->dmar_table && !iommu->ivrs_table && !iommu->unit[0];
		check_is_ok(check, CHECK_VTD,
			    none                 ? CAUSE_VTD_UNNEEDED
				    : iommu->amd ? CAUSE_AMD_IN_FIRMWARE
						 : CAUSE_VTD_IN_FIRMWARE);
	}
}

// The firmware and the words are right, and yet it is off: what the kernel said of that (drivers/iommu/intel, pr_fmt
// "DMAR: ").
static void fix_refused(const struct facts *facts, struct finding *finding)
{
	static const char *const parts[] = { "DMAR: Initialization failed", "DMAR: Failed to",
					     "DMAR: No DMAR devices found", "DMAR: Parse DMAR table failure",
					     "DMAR: Unable to map DMAR",    "DMAR: Your BIOS is broken",
					     "Your BIOS is broken; DMAR" };
	char line[160];
	bool logged = kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line));
	finding_wrap(finding, "iommu-off", logged ? CAUSE_IOMMU_REFUSED_AS_LOGGED : CAUSE_IOMMU_REFUSED_UNLOGGED);
	finding_value(finding, VALUE_SAID, "%s", logged ? line : "");
}

void check_iommu(struct check *check, const struct facts *facts)
{
	const struct fix_of of = { .facts = facts };
	struct finding finding, miss;
	judge_iommu(&finding, &facts->host, &facts->config);
	if (finding.severity == SEVERITY_OK) {
		*check_is_ok(check, CHECK_IOMMU, finding.cause) = finding;
		return;
	}
	if (finding.cause == CAUSE_IOMMU_AMD_OFF_BY_WORD) {
		fix_remove_blamed(&of, &finding, JOINT_NONE);
	} else if (finding.cause == CAUSE_IOMMU_REFUSED) {
		fix_refused(facts, &finding);
	} else if (streq(finding.name, "iommu-off") && !facts->host.iommu.amd) {
		// Where a wrong word has no effect, the right one may be in the file already.
		bool off = finding.cause == CAUSE_IOMMU_OFF_BY_WORD;
		if (!off && check_not_active(check, CHECK_IOMMU, facts, "intel_iommu", "on"))
			return;
		if (!off && check_find_miss(check, &of, "intel_iommu", "on", "iommu-off", &miss)) {
			finding_wrap(&miss, "iommu-off", CAUSE_IOMMU_WORD_MISSED);
			check_take(check, CHECK_IOMMU, &miss);
			return;
		}
		finding_wrap(&finding, "iommu-off", CAUSE_IOMMU_FOR_GUESTS);
		if (finding.word)
			fix_write(&of, "intel_iommu=on", finding.word, &finding, JOINT_NONE);
		else
			fix_add(&of, "intel_iommu=on", &finding, JOINT_NONE);
	}
	check_take(check, CHECK_IOMMU, &finding);
}

void check_kvm(struct check *check, const struct facts *facts)
{
	struct finding finding;
	char line[160] = "";
	if (facts->kvm) {
		check_is_ok(check, CHECK_KVM, CAUSE_KVM_THERE);
		return;
	}
	if (facts->host.xen) {
		check_is_skipped(check, CHECK_KVM, CAUSE_IOMMU_BELOW_XEN);
		return;
	}
	bool locked = kernel_log_last_of(&facts->log, locked_kvm, ARRAY_SIZE(locked_kvm), line, sizeof(line));
	check_begin(&finding, "kvm-absent",
		    locked                                           ? CAUSE_KVM_LOCKED
			    : facts->vmx                             ? CAUSE_KVM_NOT_LOADED
			    : facts->virtual.kind == VIRTUAL_MACHINE ? CAUSE_KVM_VIRTUAL
								     : CAUSE_KVM_ABSENT);
	finding_value(&finding, VALUE_SAID, "%s", locked ? line : "");
	finding_value(&finding, VALUE_MACHINE, "%s", facts->virtual.name);
	check_take(check, CHECK_KVM, &finding);
}
