// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements that the host meets or does not, whatever its driver does.
#include <errno.h>
#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "read/config/wanted_sources.h"

// What is told with the guests.
static bool is_of_guest(const struct facts *facts, const char *message)
{
	const struct guest_list *guests = facts->config.guests;
	for (size_t i = 0; guests && i < guests->count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		size_t length = strlen(entry->item.source);
		if (entry->trouble != TROUBLE_NONE && strncmp(message, entry->item.source, length) == 0 &&
		    starts_with(message + length, ": ") && streq(message + length + 2, entry->problem))
			return true;
	}
	return false;
}

// Whether a vGPU would be wanted if nothing were wrong with its guest.
static bool has_trouble(const struct facts *facts)
{
	const struct guest_list *guests = facts->config.guests;
	for (size_t i = 0; guests && i < guests->count; i++)
		if (guests->entries[i].trouble != TROUBLE_NONE && sources_want(&facts->config.settings, &guests->entries[i]))
			return true;
	return false;
}

static void tell_nothing_wanted(struct check *check, const struct facts *facts)
{
	struct finding finding;
	judge_nothing_wanted(&finding, &facts->host, &facts->config, facts->tools.has[TOOL_QM]);
	check_take(check, CHECK_SOURCES, &finding);
}

static void tell_problem(struct check *check, const char *problem)
{
	char seen[TEXT_SIZE], cure[TEXT_SIZE];
	config_problem_seen(problem, seen, sizeof(seen));
	config_problem_cure(problem, cure, sizeof(cure));
	check_find(check, CHECK_SOURCES, "config", "%.300s" CURE "%.170s", seen, cure);
}

static void tell_lacking(struct check *check, const struct facts *facts)
{
	char names[160] = "";
	const struct settings *settings = &facts->config.settings;
	for (size_t i = 0; i < facts->lacking_count; i++)
		check_append(names, sizeof(names), "%s%s", i ? " " : "", facts->lacking[i]);
	if (facts->lacking_count > 0)
		check_find(check, CHECK_SOURCES, "modules-lacking",
			   "%s: 'modules' lists %s, which kernel %s does not have: it is skipped" CURE "remove %s from 'modules' in %s",
			   settings->modules_place, names,
			   facts->next && facts->next->kernel_count ? facts->next->kernels[0].release : facts->host.release, names,
			   settings->modules_place);
}

void check_sources(struct check *check, const struct facts *facts)
{
	const struct config *config = &facts->config;
	for (size_t i = 0; i < config->problem_count; i++)
		if (!is_of_guest(facts, config->problems[i]))
			tell_problem(check, config->problems[i]);
	tell_lacking(check, facts);
	struct finding unread;
	judge_unread(&unread, config);
	if (config->guests_unread[0])
		check_take(check, CHECK_SOURCES, &unread);
	for (size_t i = 0; i < config->warnings.count; i++)
		if (!config->guests_unread[0] && !is_of_guest(facts, config->warnings.items[i]))
			check_find(check, CHECK_SOURCES, "sources", "%s", config->warnings.items[i]);
	if (config->wanted.count == 0 && has_trouble(facts))
		check_ok(check, CHECK_SOURCES, "none: see guests");
	else if (config->wanted.count == 0 && !judge_misses_guests(config))
		tell_nothing_wanted(check, facts);
	else if (config->wanted.count > 0)
		check_ok(check, CHECK_SOURCES, "%zu vGPU%s", config->wanted.count, config->wanted.count == 1 ? "" : "s");
}

void check_boot(struct check *check, const struct facts *facts)
{
	const struct cure_of of = { .facts = facts };
	char cure[CURE_SIZE];
	struct finding leave;
	if (check_meets(facts, REQUIRE_BOOT, &leave))
		check_ok(check, CHECK_BOOT, "an everyday boot");
	else if (streq(leave.name, "i915-blocked"))
		check_ok(check, CHECK_BOOT, "see i915"); // nomodeset: an everyday boot, but one without i915
	else if (streq(leave.name, "switched-off") || (streq(leave.name, "boot-rescue") && leave.word && cure_has_word(facts, leave.word)))
		check_find(check, CHECK_BOOT, leave.name, "%.*s" CURE "%s", (int)(leave.cure ? leave.cure - strlen("; ") : sizeof(leave.text)),
			   leave.text, cure_remove(&of, leave.word, leave.item, cure, sizeof(cure)));
	else
		check_take(check, CHECK_BOOT, &leave);
}

// The kernel whose table of the GPU's registers was broken (gvt-linux issues 216 and 220): Coffee and Comet Lake got no types.
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

// Names of one file that this kernel does not have. The command names the words, never the lines: those move with every change. It
// comments them out: what stands behind a word stays readable. In words, should the command not fit or need more thought.
static void tell_obsolete(struct check *check, enum requirement requirement, const char *release, const struct obsolete *items,
			  size_t count)
{
	char names[256] = "", words[256] = "", seen[TEXT_SIZE], cure[TEXT_SIZE], path[SH_WORD_SIZE];
	const char *file = items->file;
	for (size_t i = 0; i < count; i++) {
		check_append(names, sizeof(names), "%s%s (line %u)", i == 0 ? "" : i + 1 < count ? ", " : " and ", items[i].name, items[i].line);
		if (!is_named_before(items, i))
			check_append(words, sizeof(words), "%s%s", i ? "|" : "", items[i].name);
	}
	if (count == 1)
		snprintf(seen, sizeof(seen), "%s:%u lists %s", file, items->line, items->name);
	else
		snprintf(seen, sizeof(seen), "%s lists %s", file, names);
	check_append(seen, sizeof(seen), ", which kernel %s does not have: systemd-modules-load fails", release);
	snprintf(cure, sizeof(cure), "comment the name%s out: sed -i --follow-symlinks -E 's/^\\s*%s%s%s(\\s|$)/#&/' %s", count > 1 ? "s" : "",
		 strchr(words, '|') ? "(" : "", words, strchr(words, '|') ? ")" : "", sh_word(file, path, sizeof(path)));
	if (strlen(words) + 1 >= sizeof(words) || strlen(seen) + strlen(cure) + strlen("; ") >= TEXT_SIZE)
		snprintf(cure, sizeof(cure), "comment these names out in %.150s", file);
	check_find(check, requirement, "modules-obsolete", "%.300s" CURE "%s", seen, cure);
}

void check_obsolete(struct check *check, enum requirement requirement, const char *release, const struct obsolete *items, size_t count)
{
	for (size_t i = 0, same; i < count; i += same) {
		for (same = 1; i + same < count && streq(items[i].file, items[i + same].file);)
			same++;
		tell_obsolete(check, requirement, release, &items[i], same);
	}
}

void check_crowded(struct check *check, enum requirement requirement, const struct crowded_line *line)
{
	if (line->place[0])
		check_find(check, requirement, "modules-line",
			   "%s lists '%.140s' in one line: systemd-modules-load takes the whole line for one module's name, and loads "
			   "nothing of it" CURE "in %s, %s", line->place, line->text, line->place,
			   strpbrk(line->text, "#;") ? "put what stands behind the name into a line of its own" :
			   strchr(line->text, '=')   ? "leave the name alone, and put the option into a file of /etc/modprobe.d" :
						       "write each name in a line of its own");
}

void check_kernel(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	struct finding leave;
	char reinstall[TOOL_TEXT_SIZE];
	if (gpu && gpu->verdict == GPU_SUPPORTED && !check_meets(facts, REQUIRE_KERNEL, &leave) &&
	    streq(leave.name, "modules-missing"))
		check_find(check, CHECK_KERNEL, "modules-missing", "%s" CURE
			   "reboot, if that kernel was removed or upgraded; else %s",
			   leave.text, tools_reinstall_kernel(&facts->tools, reinstall, sizeof(reinstall)));
	else if (host->modules_trouble[0] && host->i915_state == MODULE_LIVE && host->kvmgt_state == MODULE_LIVE)
		check_hint(check, CHECK_KERNEL, "modules-missing",
			   "the modules of kernel %s cannot be found: /lib/modules/%s/%s: the drivers that are loaded work, but the next boot "
			   "of this kernel cannot load them" CURE "before that boot, %s", host->release, host->release,
			   host->modules_trouble, tools_reinstall_kernel(&facts->tools, reinstall, sizeof(reinstall)));
	if (check_is_known_bad(facts->version) && (!gpu || host_types(host, gpu->address)->count == 0))
		check_find(check, CHECK_KERNEL, "kernel-known-bad",
			   "Linux %s has a broken GVT-g (its table of registers; Coffee and Comet Lake get no types)" CURE
			   "take 5.19.2 or later, such as 6.1",
			   facts->version);
	check_obsolete(check, CHECK_KERNEL, host->release, facts->obsolete, facts->obsolete_count);
	check_crowded(check, CHECK_KERNEL, &facts->crowded);
	if (host->release[0])
		check_ok(check, CHECK_KERNEL, "%s", host->release);
	else
		check_unknown(check, CHECK_KERNEL, "not checked: /proc does not say which kernel runs");
}

void check_gpu(struct check *check, const struct facts *facts)
{
	struct finding finding;
	judge_gpus(&finding, &facts->host.gpus);
	if (finding.severity == SEVERITY_OK)
		check_ok(check, CHECK_GPU, "%s", finding.text);
	else
		check_take(check, CHECK_GPU, &finding);
}

// How the GPU becomes free of what has it, "" when that is not known here.
static const char *cure_taken(const struct facts *facts, const struct finding *leave, char *ret, size_t size)
{
	const struct cure_of of = { .facts = facts };
	ret[0] = '\0';
	if (leave->word)
		return cure_remove(&of, leave->word, leave->item, ret, size);
	if (strstr(leave->text, "modprobe.d"))
		return cure_modprobe(&of, "options", "vfio-pci", "ids", leave->item, ret, size);
	if (strstr(leave->text, "driver_override"))
		snprintf(ret, size, "remove what sets driver_override (driverctl, a udev rule or a script) and reboot");
	return ret;
}

bool check_modprobe_unread(struct check *check, enum requirement requirement, const struct facts *facts)
{
	const char *unread = facts->modprobe.unread;
	if (unread[0])
		check_unknown(check, requirement, "not checked: %s%s", unread,
			      strstr(unread, strerror(EACCES)) ? "; run this command as root" : "");
	return unread[0];
}

void check_free_gpu(struct check *check, const struct facts *facts)
{
	struct finding leave;
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	char seen[TEXT_SIZE], cure[CURE_SIZE];
	if (check_meets(facts, REQUIRE_FREE, &leave)) {
		if (gpu->driver[0] || !check_modprobe_unread(check, CHECK_FREE, facts))
			check_ok(check, CHECK_FREE, "%s is %s", gpu->address, gpu->driver[0] ? "bound to i915" : "bound to no driver");
		return;
	}
	finding_seen(&leave, seen, sizeof(seen));
	if (*cure_taken(facts, &leave, cure, sizeof(cure)))
		check_find(check, CHECK_FREE, leave.name, "%.300s" CURE "%s", seen, cure);
	else
		check_take(check, CHECK_FREE, &leave);
}

// What kernels say of a firmware that has VT-x switched off (arch/x86/kvm, arch/x86/kernel/cpu/feat_ctl.c).
static const char *const locked_kvm[] = { "kvm: disabled by bios", "TXT) disabled by BIOS", "VMX not enabled (by BIOS)" };

// "a virtual machine (QEMU)"
static const char *machine_of(const struct facts *facts, char *ret, size_t size)
{
	const char *name = facts->virtual.name;
	snprintf(ret, size, "a virtual machine%s%s%s", name[0] ? " (" : "", name, name[0] ? ")" : "");
	return ret;
}

void check_vtd(struct check *check, const struct facts *facts)
{
	struct finding finding;
	char machine[80];
	judge_iommu(&finding, &facts->host, &facts->config);
	if (finding.severity == SEVERITY_UNKNOWN)
		check_skip(check, CHECK_VTD, "%s", finding.text);
	else if (streq(finding.name, "vtd-firmware") && facts->virtual.kind == VIRTUAL_MACHINE)
		check_find(check, CHECK_VTD, "vtd-firmware",
			   "this host is %s whose hypervisor gives it no VT-d (no DMAR table)" CURE
			   "give it a virtual IOMMU (Proxmox VE: machine: q35,viommu=intel): Proxmox VE starts no guest with a vGPU without",
			   machine_of(facts, machine, sizeof(machine)));
	else if (streq(finding.name, "vtd-firmware"))
		check_take(check, CHECK_VTD, &finding);
	else if (!facts->host.iommu.dmar_table && !facts->host.iommu.unit[0])
		check_ok(check, CHECK_VTD, "the firmware has no DMAR table, and nothing here needs one");
	else
		check_ok(check, CHECK_VTD, "the firmware has it (DMAR table)");
}

// The firmware and the words are right, and yet it is off: what the kernel said of that (drivers/iommu/intel, pr_fmt "DMAR: ").
static void tell_refused_iommu(struct check *check, const struct facts *facts, const char *seen)
{
	static const char *const parts[] = { "DMAR: Initialization failed", "DMAR: Failed to", "DMAR: No DMAR devices found",
					     "DMAR: Parse DMAR table failure", "DMAR: Unable to map DMAR", "DMAR: Your BIOS is broken",
					     "Your BIOS is broken; DMAR" };
	char line[160];
	if (kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line)))
		check_find(check, CHECK_IOMMU, "iommu-off", "%.220s (kernel log: %s)" CURE
			   "update the firmware, switch VT-d off and on again in its setup, and reboot", seen, line);
	else
		check_find(check, CHECK_IOMMU, "iommu-off", "%.220s" CURE
			   "'dmesg | grep -e DMAR -e IOMMU' may say why; switch VT-d off and on again in the firmware setup, or boot another "
			   "kernel: this one may have no driver for VT-d", seen);
}

#define FOR_PROXMOX " (Proxmox VE starts no guest with a vGPU without it)"

void check_iommu(struct check *check, const struct facts *facts)
{
	const struct cure_of of = { .facts = facts };
	struct finding finding;
	struct check_cause cause;
	char seen[TEXT_SIZE], cure[CURE_SIZE];
	judge_iommu(&finding, &facts->host, &facts->config);
	finding_seen(&finding, seen, sizeof(seen));
	if (finding.severity == SEVERITY_OK)
		check_ok(check, CHECK_IOMMU, "%s", finding.text);
	else if (!streq(finding.name, "iommu-off"))
		check_take(check, CHECK_IOMMU, &finding);
	else if (strstr(seen, "switches VT-d off"))
		check_find(check, CHECK_IOMMU, finding.name, "%.300s" FOR_PROXMOX CURE "%s", seen,
			   cure_write(&of, "intel_iommu=on", finding.word, cure, sizeof(cure)));
	else if (strstr(seen, "is on the kernel command line"))
		tell_refused_iommu(check, facts, seen);
	// Where a wrong word has no effect, the right one may be in the file already.
	else if (check_not_active(check, CHECK_IOMMU, facts, "intel_iommu", "on"))
		return;
	else if (check_near_miss(check, &of, "intel_iommu", "on", &cause))
		check_find(check, CHECK_IOMMU, finding.name, "the firmware supports VT-d, but this kernel did not enable it: %s" CURE "%s",
			   cause.seen, cause.cure);
	else if (finding.word)
		check_find(check, CHECK_IOMMU, finding.name, "%.300s" FOR_PROXMOX CURE "%s", seen,
			   cure_write(&of, "intel_iommu=on", finding.word, cure, sizeof(cure)));
	else
		check_find(check, CHECK_IOMMU, finding.name, "%.200s" FOR_PROXMOX CURE "%s", seen,
			   cure_add(&of, "intel_iommu=on", cure, sizeof(cure)));
}

void check_kvm(struct check *check, const struct facts *facts)
{
	char line[160], machine[80];
	if (facts->kvm)
		check_ok(check, CHECK_KVM, "/dev/kvm is there");
	else if (facts->host.xen)
		check_skip(check, CHECK_KVM, "not looked at: Xen hides it");
	else if (kernel_log_last_of(&facts->log, locked_kvm, ARRAY_SIZE(locked_kvm), line, sizeof(line)))
		check_find(check, CHECK_KVM, "kvm-absent", "/dev/kvm is not there (kernel log: %s): no guest can use a vGPU" CURE
			   "switch VT-x (Intel Virtualization Technology) on in the firmware setup",
			   line);
	else if (facts->vmx)
		check_find(check, CHECK_KVM, "kvm-absent",
			   "/dev/kvm is not there, though the CPU has VT-x: no guest can use a vGPU" CURE "modprobe kvm_intel");
	else if (facts->virtual.kind == VIRTUAL_MACHINE)
		check_find(check, CHECK_KVM, "kvm-absent",
			   "/dev/kvm is not there: this host is %s, whose hypervisor shows it no VT-x; no guest can use a vGPU" CURE
			   "switch nested virtualization on for it (Proxmox VE: cpu: host)",
			   machine_of(facts, machine, sizeof(machine)));
	else
		check_find(check, CHECK_KVM, "kvm-absent",
			   "/dev/kvm is not there, and the CPU shows no VT-x: instances can be made, but no guest can use them" CURE
			   "switch VT-x (Intel Virtualization Technology) on in the firmware setup");
}
