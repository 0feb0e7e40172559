// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of the next boot, before a host far away is rebooted: of all that may boot then, each is judged.
#include <errno.h>
#include <stdio.h>

#include "base/build.h"
#include "base/version.h"
#include "decide/check/check.h"
#include "decide/check/first_line.h"
#include "decide/initrd_fit.h"
#include "decide/iommu_default.h"
#include "decide/setup/driver_words.h"
#include "decide/sriov/vf_plan.h"
#include "decide/snapshot_difference.h"

// Whether what an entry says is known.
static bool is_known(const struct boot_entry *entry)
{
	return !entry->trouble[0];
}

// What should be on an ESP is no news beside what is on one.
static bool is_repeated(const struct next_boot *next, size_t index)
{
	const struct boot_entry *entry = next->boots[index];
	for (size_t i = 0; i < index; i++)
		if (is_known(next->boots[i]) && streq(next->boots[i]->release, entry->release) &&
		    streq(next->boots[i]->words, entry->words))
			return true;
	return false;
}

// What was not allowed to be read.
static bool is_denied(int error)
{
	return error == EACCES || error == EPERM;
}

// Adds why something could not be read, and what may help.
static void add_unread(struct finding *finding, const char *reason, int error)
{
	finding_value(finding, VALUE_REASON, "%s", reason);
	finding->error = error;
	if (is_denied(error))
		finding_step(finding, JOINT_NONE, FIX_AS_ROOT);
}

// What brings a change of the bootloader's file into force.
static void apply(const struct facts *facts, const struct boot_entry *entry, struct finding *finding, enum joint joint)
{
	fix_apply(&(struct fix_of){ .facts = facts, .entry = entry }, finding, joint);
}

// What makes the ESPs what they should be. GRUB's menus on them are made by update-grub, which must not fail.
static void refresh(const struct facts *facts, struct finding *finding, enum joint joint)
{
	static const struct boot_entry any;
	if (facts->tools.esps)
		apply(facts, &any, finding, joint);
	else
		fix_refresh_esps(finding, joint, &facts->tools);
}

static void add_value_step(struct finding *finding, enum joint joint, enum cause step, enum value value,
			   const char *text)
{
	finding_open_step(finding, joint, step);
	finding_value(finding, value, "%s", text);
	finding_close(finding);
}

//
// The kernel
//

// Adds a pin that was written, and that no loader has been told. False when there is none.
static bool add_idle_pin(const struct next_boot *next, struct finding *finding)
{
	if (!next->pin[0] || !next->esps.found)
		return false;
	for (size_t i = 0; i < next->boot_count; i++)
		if (!is_known(next->boots[i]) || streq(next->boots[i]->release, next->pin))
			return false;
	finding_value(finding, VALUE_PIN, "%s", next->pin);
	finding_value(finding, VALUE_PIN_FROM, "%s", next->pin_from);
	return true;
}

// Whether GVT-g is judged: of a GPU that it splits, beside one that SR-IOV splits only if mediated devices are wanted.
static bool judges_gvt(const struct facts *facts)
{
	return !check_is_sriov(facts) && (!check_looks_at_vfs(facts) || facts->config.wanted.count > 0);
}

// Whether the kernel that runs can split the GPU.
static bool can_split_now(const struct facts *facts)
{
	if (check_looks_at_vfs(facts) &&
	    !way_is_sriov(gpu_way_of(&facts->host, vf_plan_gpu(&facts->host, &facts->config))))
		return false;
	return !judges_gvt(facts) || facts->host.gvt.kvmgt_policy.available;
}

// How another kernel comes to boot: the one that runs, when it will do.
static void fix_kernel(const struct facts *facts, const struct boot_entry *entry, bool pinned, struct finding *finding,
		       enum joint joint)
{
	const char *running = can_split_now(facts) ? facts->host.release : "";
	if (streq(running, entry->release) || check_is_known_bad(facts->version))
		running = "";
	if (pinned) {
		refresh(facts, finding, joint);
	} else if (facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] && *running) {
		bool mended = fix_mend(facts, "", finding, joint);
		finding_open_step(finding, mended ? JOINT_COMMA : joint, FIX_PIN);
		finding_value(finding, VALUE_COMMAND, "proxmox-boot-tool kernel pin %s", running);
		finding_close(finding);
	} else if (facts->bootloader.kind == BOOTLOADER_GRUB) {
		add_value_step(finding, joint, FIX_LET_GRUB, VALUE_SUCH, running);
		apply(facts, entry, finding, JOINT_THEN);
	} else {
		add_value_step(finding, joint, FIX_LET_LOADER, VALUE_SUCH, running);
	}
}

// How the file of a kernel comes back, or GRUB's menu comes to name another one.
static void fix_absent(const struct facts *facts, const struct boot_entry *entry, struct finding *finding)
{
	if (streq(entry->release, facts->host.release))
		fix_reinstall_kernel(finding, JOINT_NONE, &facts->tools);
	else
		finding_step(finding, JOINT_NONE, FIX_REINSTALL_OF);
	finding_step(finding, JOINT_SEMICOLON, FIX_TO_BOOT_ANOTHER);
	apply(facts, entry, finding, JOINT_COMMA);
}

// The modules of the kernel that boots next: what is wrong with them, CAUSE_NEXT_KERNEL_FINE when nothing is.
static enum cause judge_modules(const struct facts *facts, const struct next_boot_kernel *kernel)
{
	if (kernel->modules_error == ENOENT || kernel->modules_error == EBADMSG)
		return CAUSE_NEXT_MODULES_ABSENT;
	if (kernel->modules_error)
		return CAUSE_NEXT_MODULES_UNREAD;
	if (!judges_gvt(facts))
		return CAUSE_NEXT_KERNEL_FINE;
	return kernel->kvmgt.available && kernel->i915.available ? CAUSE_NEXT_KERNEL_FINE : CAUSE_NEXT_NO_MODULE;
}

static enum cause judge_entry(const struct facts *facts, const struct boot_entry *entry,
			      const struct next_boot_kernel *kernel)
{
	if (!is_known(entry))
		return CAUSE_NEXT_KERNEL_UNKNOWN;
	if (!kernel)
		return CAUSE_NEXT_RELEASE_UNKNOWN;
	enum cause cause = judge_modules(facts, kernel);
	if (cause != CAUSE_NEXT_KERNEL_FINE)
		return cause;
	if (entry == &facts->next->host && facts->next->kernel_absent)
		return CAUSE_NEXT_FILE_ABSENT;
	return check_is_known_bad(entry->release) ? CAUSE_NEXT_KNOWN_BAD : CAUSE_NEXT_KERNEL_FINE;
}

// Whether the kernel's way is the entry's: initrds are judged by kernel. Without an entry it is what it is now.
static bool way_of_kernel(struct gpu_way *ret, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	for (size_t i = 0; i < facts->next->boot_count; i++)
		if (next_boot_kernel_of(facts->next, facts->next->boots[i]) == kernel)
			return check_next_way(ret, facts, facts->next->boots[i]);
	return false;
}

// The driver that splits the GPU, where that is not kvmgt.
static void add_driver(struct finding *finding, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	struct gpu_way way;
	if (!judges_gvt(facts) && way_of_kernel(&way, facts, kernel) && way_is_sriov(way.way))
		finding_value(finding, VALUE_DRIVER, "%s", way.driver);
}

// A kernel whose driver cannot split the GPU by SR-IOV. What the admin says against it is told where it stands.
static bool judge_sriov(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	struct gpu_way way;
	if (!check_next_way(&way, facts, entry)) {
		check->error = -ENOMEM;
		return false;
	}
	if (way.admin || (way_is_sriov(way.way) && !way.firmware_lacks))
		return false;
	if (way.firmware_lacks)
		gpu_way_tell_firmware(&way, vf_plan_gpu(&facts->host, &facts->config));
	finding_wrap(&way.finding, "next-kernel", CAUSE_NEXT_NO_SRIOV);
	if (!finding_has(&way.finding, VALUE_RELEASE))
		finding_value(&way.finding, VALUE_RELEASE, "%s", entry->release);
	finding_value(&way.finding, VALUE_BY, "%s", entry->chosen_by);
	if (way.firmware_lacks)
		check_fix_firmware(facts, way.firmware_packed, &way.finding, entry->release);
	else if (can_split_now(facts) && !streq(facts->host.release, entry->release))
		fix_kernel(facts, entry, add_idle_pin(facts->next, &way.finding), &way.finding, JOINT_NONE);
	check_take(check, CHECK_NEXT_KERNEL, &way.finding);
	return true;
}

static void judge_kernel(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	enum cause cause = judge_entry(facts, entry, kernel);
	struct finding finding;
	if (cause == CAUSE_NEXT_KERNEL_FINE && check_looks_at_vfs(facts) && judge_sriov(check, facts, entry))
		return;
	finding_make(&finding, "next-kernel", SEVERITY_FAILED, cause);
	finding_value(&finding, VALUE_RELEASE, "%s", entry->release);
	finding_value(&finding, VALUE_BY, "%s", entry->chosen_by);
	finding_value(&finding, VALUE_KERNEL, "%s", entry->kernel);
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	bool pinned = add_idle_pin(facts->next, &finding);
	if (cause == CAUSE_NEXT_KERNEL_FINE) {
		finding_flag(&finding, VALUE_OTHER, !streq(entry->release, facts->host.release));
		add_driver(&finding, facts, kernel);
		*check_is_ok(check, CHECK_NEXT_KERNEL, cause) = finding;
		return;
	}
	if (cause == CAUSE_NEXT_KERNEL_UNKNOWN || cause == CAUSE_NEXT_RELEASE_UNKNOWN ||
	    cause == CAUSE_NEXT_MODULES_UNREAD)
		finding.name = "next-unknown";
	if (cause == CAUSE_NEXT_KERNEL_UNKNOWN)
		add_unread(&finding, entry->trouble, entry->error);
	if (cause == CAUSE_NEXT_MODULES_UNREAD)
		finding_value(&finding, VALUE_REASON, "%s", kernel->modules_trouble);
	if (cause == CAUSE_NEXT_NO_MODULE)
		finding_value(&finding, VALUE_MODULE, "%s", kernel->kvmgt.available ? "i915" : "kvmgt");
	if (cause == CAUSE_NEXT_KNOWN_BAD)
		finding.name = "kernel-known-bad";
	if (cause == CAUSE_NEXT_FILE_ABSENT)
		fix_absent(facts, entry, &finding);
	else if (cause == CAUSE_NEXT_MODULES_ABSENT && !pinned)
		finding_step(&finding, JOINT_NONE, FIX_REINSTALL_OF);
	if (cause == CAUSE_NEXT_MODULES_ABSENT || cause == CAUSE_NEXT_NO_MODULE || cause == CAUSE_NEXT_KNOWN_BAD)
		fix_kernel(facts, entry, pinned, &finding,
			   cause == CAUSE_NEXT_MODULES_ABSENT ? JOINT_COMMA_OR : JOINT_NONE);
	check_take(check, CHECK_NEXT_KERNEL, &finding);
}

// Whether what an ESP boots, or should boot, is left to the ESPs' own findings.
static bool is_of_esps(const struct next_boot *next, const struct boot_entry *entry)
{
	if (entry == &next->host)
		return next->inferred && next->boot_count > 1;
	return !is_known(entry);
}

void check_next_kernel(struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	size_t judged = 0;
	for (size_t i = 0; i < next->boot_count; i++) {
		if (is_of_esps(next, next->boots[i]))
			continue;
		judged++;
		if (!is_repeated(next, i))
			judge_kernel(check, facts, next->boots[i]);
	}
	if (judged == 0)
		check_is_unknown(check, CHECK_NEXT_KERNEL, CAUSE_NEXT_SEE_ESP);
	if (next->kernel_count > 0)
		check_obsolete(check, CHECK_NEXT_KERNEL, next->kernels[0].release, facts->next_obsolete,
			       facts->next_obsolete_count);
	check_crowded(check, CHECK_NEXT_KERNEL, &facts->crowded);
}

//
// Its initrd
//

static void compare_snapshot(struct check *check, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	const struct initrd_image *initrd = &kernel->initrd;
	struct finding stale;
	struct config snapshot;
	config_init(&snapshot);
	check_begin(&stale, "next-initrd", CAUSE_NEXT_SNAPSHOT_OLD);
	finding_value(&stale, VALUE_FILE, "%s", kernel->initrd_path);
	fix_renew_initrd(&stale, JOINT_NONE, &facts->tools, kernel->release);
	if (judge_misses_guests(&facts->config)) {
		struct finding unknown;
		check_begin(&unknown, "next-unknown", CAUSE_NEXT_SNAPSHOT_UNCOMPARED);
		finding_value(&unknown, VALUE_INITRD, "%s", kernel->initrd_path);
		check_take(check, CHECK_NEXT_INITRD, &unknown);
	} else if (config_parse(&snapshot, CONFIG_SNAPSHOT, initrd->snapshot, initrd->snapshot_length, true) < 0) {
		check->error = -ENOMEM;
	} else if (snapshot_difference(&snapshot, &facts->config, &facts->host, &stale) > 0) {
		check_take(check, CHECK_NEXT_INITRD, &stale);
	} else {
		struct finding *said = check_is_ok(check, CHECK_NEXT_INITRD, CAUSE_NEXT_INITRD_FINE);
		finding_value(said, VALUE_INITRD, "%s", kernel->initrd_path);
		add_driver(said, facts, kernel);
	}
	config_free(&snapshot);
}

// What is known of an initrd that could not be read to its end.
static void tell_unread(struct check *check, const struct next_boot_kernel *kernel)
{
	const struct initrd_image *initrd = &kernel->initrd;
	bool ours = initrd->program && streq(initrd->build_id, build_id());
	struct finding finding;
	check_begin(&finding, "next-unknown", CAUSE_NEXT_INITRD_UNREAD);
	finding_value(&finding, VALUE_INITRD, "%s", kernel->initrd_path);
	finding_flag(&finding, VALUE_UNREADABLE, initrd->unpacked == UNPACK_UNREADABLE);
	if (initrd->program)
		finding_part(&finding, VALUE_HAS, ours ? PART_THIS_PROGRAM : PART_OTHER_PROGRAM);
	finding_value(&finding, VALUE_HAS, "%s", initrd->kvmgt ? "kvmgt" : "");
	add_unread(&finding, initrd->reason, initrd->error);
	check_take(check, CHECK_NEXT_INITRD, &finding);
}

// Whether the kernel finds one by itself: it is a part of its own file, or the kernel command line names it to the EFI
// stub.
static bool brings_initrd(const struct boot_entry *entry)
{
	const char *end = strrchr(entry->kernel, '.');
	return (end && strcasecmp(end, ".efi") == 0) || starts_with(entry->words, "initrd=") ||
		strstr(entry->words, " initrd=");
}

// That is what update-grub leaves when it ran before the initrd was made.
static void judge_no_initrd(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	struct finding finding;
	bool brought = brings_initrd(entry);
	check_begin(&finding, brought ? "next-unknown" : "next-initrd",
		    brought ? CAUSE_NEXT_INITRD_IN_KERNEL : CAUSE_NEXT_NO_INITRD);
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	finding_value(&finding, VALUE_RELEASE, "%s", kernel->release);
	if (!brought) {
		if (kernel->initrd_found)
			fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, kernel->release);
		else
			fix_make_initrd(&finding, JOINT_NONE, &facts->tools, kernel->release);
		apply(facts, entry, &finding, JOINT_THEN);
	}
	check_take(check, CHECK_NEXT_INITRD, &finding);
}

// gvt-early is not in it and does not fit either.
static void judge_no_room(struct check *check, const struct facts *facts, const struct next_boot_kernel *kernel,
			  const struct initrd_fit *fit)
{
	struct finding finding;
	check_begin(&finding, "next-room", CAUSE_NEXT_NO_ROOM);
	finding_value(&finding, VALUE_INITRD, "%s", kernel->initrd_path);
	initrd_fit_tell(fit, kernel->room, &finding);
	initrd_fit_mend(&finding, JOINT_NONE, fit, kernel->room, &facts->tools);
	check_take(check, CHECK_NEXT_INITRD, &finding);
}

// It fits, but not for all kernels that have an initrd in the same place.
static void judge_room_for_all(struct check *check, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	const struct initrd_fit_all all = initrd_fit_all(kernel->room);
	struct finding finding;
	if (!all.place)
		return;
	check_begin(&finding, "next-room", CAUSE_NEXT_ROOM_FOR_SOME);
	initrd_fit_tell_all(&all, kernel->room, &finding);
	finding_step(&finding, JOINT_NONE, FIX_MAKE_ROOM);
	finding_value(&finding, VALUE_COMMAND, "%s", facts->tools.has[TOOL_APT] ? "apt autoremove --purge" : "");
	check_take_hint(check, CHECK_NEXT_INITRD, &finding);
}

// Of two modules the one that an initrd has not, or that is empty in it.
static const char *wrong_module(const struct initrd_image *initrd, enum initrd_module wrong)
{
	return initrd->kvmgt == wrong ? "kvmgt" : "i915";
}

// Of a host whose GPU SR-IOV splits. A driver that has no firmware is left out of the initrd on purpose.
static enum cause judge_sriov_content(const struct facts *facts, const struct next_boot_kernel *kernel,
				      const char **ret_module, const char **ret_file)
{
	struct gpu_way way;
	if (!way_of_kernel(&way, facts, kernel) || !way_is_sriov(way.way) || way.firmware_lacks)
		return CAUSE_NONE;
	return check_next_sriov_initrd(kernel, &way, vf_plan_gpu(&facts->host, &facts->config), ret_module, ret_file);
}

// What is wrong with an initrd that could be read, CAUSE_NONE when it is nothing but its snapshot.
static enum cause judge_content(const struct facts *facts, const struct next_boot_kernel *kernel,
				const char **ret_module, const char **ret_file)
{
	const struct initrd_image *initrd = &kernel->initrd;
	enum cause cause = CAUSE_NONE;
	if (initrd->unpacked == UNPACK_DAMAGED)
		return CAUSE_NEXT_INITRD_DAMAGED;
	if (!initrd->program || !initrd->snapshot)
		return CAUSE_NEXT_INITRD_NO_PROGRAM;
	if (judges_gvt(facts) && (!initrd->kvmgt || !initrd->i915)) {
		cause = CAUSE_NEXT_INITRD_NO_MODULE;
		*ret_module = wrong_module(initrd, INITRD_MODULE_ABSENT);
	} else if (judges_gvt(facts) && (initrd->kvmgt == INITRD_MODULE_EMPTY || initrd->i915 == INITRD_MODULE_EMPTY)) {
		cause = CAUSE_NEXT_INITRD_MODULE_EMPTY;
		*ret_module = wrong_module(initrd, INITRD_MODULE_EMPTY);
	} else if (check_looks_at_vfs(facts)) {
		cause = judge_sriov_content(facts, kernel, ret_module, ret_file);
	}
	if (cause != CAUSE_NONE)
		return cause;
	return streq(initrd->build_id, build_id()) ? CAUSE_NONE : CAUSE_NEXT_INITRD_OTHER_BUILD;
}

static void judge_initrd(struct check *check, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	const struct initrd_image *initrd = &kernel->initrd;
	const char *module = "", *file = "";
	struct finding finding;
	if (kernel->initrd_found && initrd->unpacked != UNPACK_DAMAGED && initrd->unpacked != UNPACK_WHOLE) {
		tell_unread(check, kernel);
		return;
	}
	enum cause cause =
		kernel->initrd_found ? judge_content(facts, kernel, &module, &file) : CAUSE_NEXT_INITRD_ABSENT;
	if (cause == CAUSE_NONE) {
		compare_snapshot(check, facts, kernel);
		return;
	}
	if (kernel->room) {
		struct initrd_fit fit;
		initrd_fit_judge(&fit, kernel->room);
		if (fit.lacking) {
			judge_no_room(check, facts, kernel, &fit);
			return;
		}
		judge_room_for_all(check, facts, kernel);
	}
	check_begin(&finding, "next-initrd", cause);
	finding_value(&finding, VALUE_INITRD, "%s", kernel->initrd_path);
	finding_value(&finding, VALUE_RELEASE, "%s", kernel->release);
	if (kernel->room)
		initrd_fit_grows(&finding, kernel->room);
	if (cause == CAUSE_NEXT_INITRD_DAMAGED)
		finding_value(&finding, VALUE_REASON, "%s", initrd->reason);
	if (cause == CAUSE_NEXT_INITRD_NO_MODULE || cause == CAUSE_NEXT_INITRD_NO_FIRMWARE)
		finding_value(&finding, VALUE_MODULE, "%s", module);
	finding_value(&finding, VALUE_FILE, "%s", cause == CAUSE_NEXT_INITRD_NO_FIRMWARE ? file : "");
	if (cause == CAUSE_NEXT_INITRD_OTHER_BUILD) {
		finding_value(&finding, VALUE_BUILD, "%.12s", initrd->build_id);
		finding_value(&finding, VALUE_INSTALLED, "%.12s", build_id());
	}
	if (cause == CAUSE_NEXT_INITRD_MODULE_EMPTY) {
		finding_value(&finding, VALUE_MODULE, "%s", module);
		finding_step(&finding, JOINT_NONE, FIX_REINSTALL_OF);
		finding_step(&finding, JOINT_COMMA, FIX_MAKES_INITRD);
	} else if (cause == CAUSE_NEXT_INITRD_ABSENT) {
		fix_make_initrd(&finding, JOINT_NONE, &facts->tools, kernel->release);
	} else {
		fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, kernel->release);
	}
	check_take(check, CHECK_NEXT_INITRD, &finding);
}

void check_next_initrd(struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	size_t known = 0, unknown = 0;
	if (!check_wants_any(facts) || !facts->config.settings.early) {
		finding_flag(check_is_ok(check, CHECK_NEXT_INITRD, CAUSE_NEXT_INITRD_NOTHING), VALUE_EARLY,
			     facts->config.settings.early);
		return;
	}
	for (size_t i = 0; i < next->kernel_count; i++)
		if (next->kernels[i].initrd_path[0])
			judge_initrd(check, facts, &next->kernels[i]);
	for (size_t i = 0; i < next->boot_count; i++)
		if (next_boot_kernel_of(next, next->boots[i])) {
			known++;
			if (!next->boots[i]->initrd[0])
				judge_no_initrd(check, facts, next->boots[i]);
		} else if (!is_of_esps(next, next->boots[i])) {
			unknown++;
		}
	if (known == 0 || unknown > 0)
		check_is_unknown(check, CHECK_NEXT_INITRD, CAUSE_NEXT_INITRD_UNKNOWN);
}

//
// The ESPs
//

// The release that the ESPs should boot: what most of them do, of equally many the newest.
static const char *common_release(const struct esp_list *esps)
{
	const char *best = "";
	size_t most = 0;
	for (size_t i = 0; i < esps->count; i++) {
		size_t same = 0;
		for (size_t j = 0; j < esps->count; j++)
			same += esps->items[j].readable &&
				streq(esps->items[j].entry.release, esps->items[i].entry.release);
		const char *release = esps->items[i].entry.release;
		if (esps->items[i].readable && release[0] &&
		    (same > most || (same == most && version_compare(release, best) > 0))) {
			most = same;
			best = release;
		}
	}
	return best;
}

// How those with the same fault can be read. lines: of the list, as sed deletes them.
static void fix_unreadable(const struct facts *facts, const struct esp *esp, const char *lines, struct finding *finding)
{
	finding->error = esp->error;
	if (is_denied(esp->error)) {
		finding_step(finding, JOINT_NONE, FIX_AS_ROOT);
	} else if (esp->fault == ESP_FAULT_LINE) {
		finding_open_step(finding, JOINT_NONE, FIX_REMOVE_UUID);
		finding_value(finding, VALUE_COMMAND, "sed -i '%s' /" ESP_LIST, lines);
		finding_close(finding);
	} else if (esp->fault == ESP_FAULT_COPY) {
		finding_step(finding, JOINT_NONE, FIX_RUN_THERE);
	} else if (esp->fault == ESP_FAULT_GONE) {
		add_value_step(finding, JOINT_NONE, FIX_CONNECT_DISK, VALUE_COMMAND,
			       facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] ? "proxmox-boot-tool clean" : "");
	} else {
		finding_step(finding, JOINT_NONE, FIX_DMESG);
	}
}

#define ESPS_SHOWN 13 // of a list

// Those that could not be read for the same reason are told together.
static void tell_unreadable(struct check *check, const struct facts *facts, const struct esp_list *esps, size_t index)
{
	const char *reason = esps->items[index].reason;
	char lines[64] = "";
	size_t count = 0, used = 0;
	struct finding finding;
	check_begin(&finding, "next-unknown", CAUSE_ESPS_UNREAD);
	for (size_t i = 0; i < esps->count; i++) {
		const struct esp *esp = &esps->items[i];
		if (esp->readable || !streq(esp->reason, reason))
			continue;
		if (i < index)
			return; // told with that
		if (used < sizeof(lines))
			used += (size_t)snprintf(lines + used, sizeof(lines) - used, "%s%ud", count ? ";" : "",
						 esp->line);
		if (count++ < ESPS_SHOWN)
			finding_value(&finding, VALUE_ESPS, "%s", esp->uuid);
	}
	finding_value(&finding, VALUE_COUNT, "%zu", count);
	finding_value(&finding, VALUE_TOTAL, "%zu", esps->count);
	finding_value(&finding, VALUE_REASON, "%s", reason);
	fix_unreadable(facts, &esps->items[index], lines, &finding);
	check_take(check, CHECK_NEXT_ESP, &finding);
}

static void begin_esp(struct finding *finding, const char *name, enum cause cause, const struct esp *esp)
{
	check_begin(finding, name, cause);
	finding_value(finding, VALUE_ESP, "%s", esp->uuid);
	finding_value(finding, VALUE_FILE, "%s", esp->copy);
	finding_value(finding, VALUE_RELEASE, "%s", esp->entry.release);
}

// Whether the copies on an ESP are those of the host.
static void judge_copies(struct check *check, const struct facts *facts, const struct esp *esp)
{
	static const enum cause causes[] = {
		[COPIES_UNKNOWN] = CAUSE_ESP_UNCOMPARED,
		[COPIES_MISSING] = CAUSE_ESP_COPY_MISSING,
		[COPIES_DIFFER] = CAUSE_ESP_COPY_DIFFERS,
	};
	struct finding finding;
	if (esp->copies == COPIES_SAME)
		return;
	begin_esp(&finding, esp->copies == COPIES_UNKNOWN ? "next-unknown" : "next-esp", causes[esp->copies], esp);
	if (esp->copies == COPIES_UNKNOWN) {
		finding_value(&finding, VALUE_REASON, "%s", esp->reason);
		finding.error = esp->error;
	} else {
		refresh(facts, &finding, JOINT_NONE);
	}
	if (esp->copies == COPIES_DIFFER)
		finding_step(&finding, JOINT_COMMA_AND, FIX_SEE_NOT_FULL);
	check_take(check, CHECK_NEXT_ESP, &finding);
}

static void judge_esp(struct check *check, const struct facts *facts, const struct esp *esp, const char *common)
{
	const struct boot_entry *entry = &esp->entry;
	struct finding finding;
	if (!is_known(entry)) {
		begin_esp(&finding, entry->nothing ? "next-esp" : "next-unknown",
			  entry->nothing ? CAUSE_ESP_NOTHING : CAUSE_ESP_UNKNOWN, esp);
		finding_value(&finding, VALUE_REASON, "%s", entry->trouble);
		finding.error = entry->error;
		if (entry->nothing)
			refresh(facts, &finding, JOINT_NONE);
		check_take(check, CHECK_NEXT_ESP, &finding);
		return;
	}
	if (common[0] && !streq(entry->release, common)) {
		begin_esp(&finding, "next-esp", CAUSE_ESP_OTHER_KERNEL, esp);
		finding_value(&finding, VALUE_COMMON, "%s", common);
		refresh(facts, &finding, JOINT_NONE);
		finding_step(&finding, JOINT_COMMA_AND, FIX_SEE_WARNINGS);
		check_take(check, CHECK_NEXT_ESP, &finding);
	}
	judge_copies(check, facts, esp);
}

void check_next_esp(struct check *check, const struct facts *facts)
{
	const struct esp_list *esps = &facts->next->esps;
	const char *common = common_release(esps);
	struct finding finding;
	if (esps->trouble[0]) {
		check_begin(&finding, "next-unknown", CAUSE_ESP_LIST_UNREAD);
		add_unread(&finding, esps->trouble, esps->error);
		check_take(check, CHECK_NEXT_ESP, &finding);
	}
	for (size_t i = 0; i < esps->count; i++)
		if (esps->items[i].readable)
			judge_esp(check, facts, &esps->items[i], common);
		else
			tell_unreadable(check, facts, esps, i);
	bool initrds = true;
	for (size_t i = 0; i < esps->count; i++)
		initrds &= esps->items[i].entry.initrd[0] != '\0';
	struct finding *fine = check_is_ok(check, CHECK_NEXT_ESP, esps->count > 0 ? CAUSE_ESPS_FINE : CAUSE_ESPS_NONE);
	finding_value(fine, VALUE_COUNT, "%zu", esps->count);
	finding_value(fine, VALUE_RELEASE, "%s", common);
	finding_flag(fine, VALUE_INITRDS, initrds);
}

//
// The kernel command line
//

// Whether the cause stands on the kernel command line.
static bool is_of_words(const struct finding *leave)
{
	return leave->word != NULL;
}

static bool tell_against(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct fix_of of = { .facts = later, .entry = entry };
	struct finding leave;
	for (enum host_requirement i = REQUIRE_BOOT; check_forbids(later, &i, &leave); i++) {
		if (!is_of_words(&leave))
			continue;
		finding_value(&leave, VALUE_FROM, "%s", entry->words_from);
		fix_remove_blamed(&of, &leave, JOINT_NONE);
		finding_wrap(&leave, "next-cmdline", CAUSE_NEXT_AGAINST);
		check_take(check, CHECK_NEXT_CMDLINE, &leave);
		return true;
	}
	return false;
}

// Why intel_iommu=on is not among the words, as far as that is known, and how it gets there.
static void explain_iommu(struct check *check, const struct facts *later, const struct boot_entry *entry,
			  struct finding *finding)
{
	const struct fix_of of = { .facts = later, .entry = entry };
	if (check_find_lost(check, &of, "intel_iommu", "on", "", finding) ||
	    check_find_miss(check, &of, "intel_iommu", "on", "", finding))
		return;
	check_begin(finding, "", CAUSE_NONE);
	fix_add(&of, "intel_iommu=on", finding, JOINT_NONE);
}

static void judge_iommu_words(struct check *check, const struct facts *facts, const struct facts *later,
			      const struct boot_entry *entry)
{
	const bool amd = facts->host.iommu.amd;
	const struct iommu off = { .dmar_table = !amd, .amd = amd, .ivrs_table = amd, .sysfs_found = true };
	const struct fix_of of = { .facts = later, .entry = entry };
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	struct finding finding;
	enum iommu_state state = iommu_judge(&finding, &off, &later->host.cmdline);
	if ((!judge_needs_iommu(&facts->config) && !facts->next->esps.found) ||
	    !(facts->host.iommu.dmar_table || facts->host.iommu.ivrs_table))
		return; // GVT-g itself needs no IOMMU
	enum iommu_default by_itself = iommu_default_of(facts, kernel);
	const char *item;
	const struct cmdline_word *excluding =
		check_is_sriov(facts) ? iommu_excludes_gpu(&later->host.cmdline, &item) : NULL;
	if (state == IOMMU_OFF_BY_PARAMETER && amd) {
		fix_remove_blamed(&of, &finding, JOINT_NONE);
		finding_wrap(&finding, "next-cmdline", CAUSE_NEXT_AGAINST);
	} else if (state == IOMMU_OFF_BY_PARAMETER) {
		fix_write(&of, "intel_iommu=on", finding.word, &finding, JOINT_NONE);
		finding_wrap(&finding, "next-cmdline", CAUSE_NEXT_AGAINST);
	} else if (excluding) {
		check_begin(&finding, "", CAUSE_NONE);
		fix_remove(&of, excluding, item, &finding, JOINT_NONE);
		finding_value(&finding, VALUE_SAID, "intel_iommu=%s", excluding->value);
		finding_wrap(&finding, "next-cmdline", CAUSE_NEXT_IOMMU_EXCLUDES);
	} else if (by_itself == DEFAULT_ON || state == IOMMU_REFUSED) { // by words that are right
		return;
	} else {
		explain_iommu(check, later, entry, &finding);
		if (by_itself == DEFAULT_OFF)
			finding_wrap(&finding, "next-cmdline",
				     iommu_default_spares(facts, kernel) ? CAUSE_NEXT_IOMMU_SPARED
									 : CAUSE_NEXT_IOMMU_OFF);
		else
			finding_wrap(&finding, "next-unknown", CAUSE_NEXT_IOMMU_UNKNOWN);
	}
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	finding_value(&finding, VALUE_RELEASE, "%s", kernel ? kernel->release : "");
	check_take(check, CHECK_NEXT_CMDLINE, &finding);
}

// A word that was meant to switch GVT-g on. Where gvt-early loads i915 from the initrd it needs none, and that is a
// hint.
static void judge_gvt_words(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct fix_of of = { .facts = later, .entry = entry };
	size_t length;
	const char *option = module_option_value(later->host.i915_policy.options, "enable_gvt", &length);
	const struct next_boot_kernel *kernel = next_boot_kernel_of(later->next, entry);
	bool early = check_boots_early(later, kernel);
	struct finding finding;
	if (later->config.wanted.count == 0 || cmdline_last(&later->host.cmdline, "i915.enable_gvt") ||
	    (option && kernel_bool(option) == 1))
		return;
	if (!check_find_miss(check, &of, "i915.enable_gvt", "1", "next-cmdline", &finding))
		return;
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	finding_wrap(&finding, "next-cmdline", early ? CAUSE_NEXT_GVT_EARLY : CAUSE_NEXT_GVT_MISSED);
	if (early)
		check_take_hint(check, CHECK_NEXT_CMDLINE, &finding);
	else
		check_take(check, CHECK_NEXT_CMDLINE, &finding);
}

// A word with which the admin keeps the driver from the GPU, or from VFs.
static bool tell_against_sriov(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct fix_of of = { .facts = later, .entry = entry };
	struct gpu_way way;
	if (!check_looks_at_vfs(later) || !check_wants_any(later))
		return false;
	gpu_way_choose(&way, &later->host, vf_plan_gpu(&later->host, &later->config));
	if (!way.admin || !way.finding.word)
		return false;
	finding_value(&way.finding, VALUE_FROM, "%s", entry->words_from);
	fix_remove_blamed(&of, &way.finding, JOINT_NONE);
	finding_wrap(&way.finding, "next-cmdline", CAUSE_NEXT_AGAINST);
	check_take(check, CHECK_NEXT_CMDLINE, &way.finding);
	return true;
}

// What the driver of SR-IOV is not told in a boot in which gvt-early does not load it.
static void judge_driver_words(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct gpu *gpu = vf_plan_gpu(&later->host, &later->config);
	struct word_change changes[DRIVER_WORDS_MAX];
	struct gpu_way way;
	struct finding finding;
	if (!check_looks_at_vfs(later) || !check_wants_any(later) ||
	    check_boots_early(later, next_boot_kernel_of(later->next, entry)))
		return;
	gpu_way_choose(&way, &later->host, gpu);
	size_t count = driver_words_lacking(changes, &later->host, &later->config, gpu, &way);
	if (count == 0)
		return;
	check_begin(&finding, "next-cmdline", CAUSE_NEXT_DRIVER_UNTOLD);
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	check_add_driver_words(&finding, gpu, &way, changes, count);
	check_take(check, CHECK_NEXT_CMDLINE, &finding);
}

static bool has_told_root(const struct check *check)
{
	for (size_t i = 0; i < check->items[CHECK_NEXT_CMDLINE].count; i++)
		if (streq(check->items[CHECK_NEXT_CMDLINE].findings[i].name, "next-root"))
			return true;
	return false;
}

static void judge_root(struct check *check, const struct facts *facts, const struct boot_entry *entry,
		       const struct cmdline *words)
{
	char root[160];
	struct finding finding;
	if (first_line_gives_root(words) || !cmdline_last(&facts->host.cmdline, "root") ||
	    (has_told_root(check) && streq(entry->words_from, "/" SYSTEMD_BOOT_FILE)))
		return;
	check_begin(&finding, "next-root", CAUSE_NEXT_NO_ROOT);
	finding_value(&finding, VALUE_FROM, "%s", entry->words_from);
	// Else it is mended on the way, or is right.
	bool back = first_line_judge(facts) == FIRST_LINE_FINE &&
		!first_line_gives_root(bootloader_words(&facts->bootloader, false));
	if (back) {
		first_line_root(facts, root, sizeof(root));
		finding_open_step(&finding, JOINT_NONE, FIX_PUT_BACK);
		finding_value(&finding, VALUE_ROOT, "%s", root);
		finding_value(&finding, VALUE_FILE, "%s", bootloader_file(&facts->bootloader, false));
		finding_close(&finding);
	}
	apply(facts, entry, &finding, back ? JOINT_AND : JOINT_NONE);
	check_take(check, CHECK_NEXT_CMDLINE, &finding);
}

// The file that the next entries are made of.
static void judge_first_line(struct check *check, const struct facts *facts)
{
	static const struct boot_entry any;
	const enum first_line_state state = first_line_judge(facts);
	struct finding finding;
	if (state == FIRST_LINE_FINE)
		return;
	check_begin(&finding, "next-root",
		    state == FIRST_LINE_REFUSED ? CAUSE_FIRST_LINE_REFUSED : CAUSE_FIRST_LINE_NO_ROOT);
	finding_flag(&finding, VALUE_TOOL, facts->bootloader.proxmox_boot_tool);
	apply(facts, &any, &finding, JOINT_NONE);
	check_take(check, CHECK_NEXT_CMDLINE, &finding);
}

static void judge_words(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	struct cmdline words = { .count = 0 };
	struct facts *later = malloc(sizeof(*later));
	if (!later || cmdline_parse(&words, entry->words) < 0) {
		check->error = -ENOMEM;
	} else {
		check_take_later(later, facts, next_boot_kernel_of(facts->next, entry), &words);
		judge_root(check, facts, entry, &words);
		if (!tell_against(check, later, entry) && !tell_against_sriov(check, later, entry)) {
			judge_iommu_words(check, facts, later, entry);
			judge_gvt_words(check, later, entry);
			judge_driver_words(check, later, entry);
		}
		cmdline_free(&words);
	}
	free(later);
}

void check_next_cmdline(struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	size_t known = 0;
	const char *from = "";
	judge_first_line(check, facts);
	if (!next)
		return;
	if (next->cmdline_file.trouble[0] && (next->esps.found || facts->bootloader.kind == BOOTLOADER_SYSTEMD_BOOT)) {
		struct finding finding;
		check_begin(&finding, "next-unknown", CAUSE_CMDLINE_FILE_UNREAD);
		finding_value(&finding, VALUE_REASON, "%s", next->cmdline_file.trouble);
		finding.error = next->cmdline_file.error;
		check_take(check, CHECK_NEXT_CMDLINE, &finding);
	}
	for (size_t i = 0; i < next->boot_count; i++) {
		const struct boot_entry *entry = next->boots[i];
		if (!is_known(entry) || is_of_esps(next, entry))
			continue;
		known++;
		from = entry->words_from;
		if (!is_repeated(next, i))
			judge_words(check, facts, entry);
	}
	if (known == 0)
		check_is_unknown(check, CHECK_NEXT_CMDLINE, CAUSE_NEXT_ENTRY_UNKNOWN);
	else if (known > 1)
		finding_value(check_is_ok(check, CHECK_NEXT_CMDLINE, CAUSE_NEXT_ESPS_GIVE), VALUE_COUNT, "%zu", known);
	else
		finding_value(check_is_ok(check, CHECK_NEXT_CMDLINE, CAUSE_NEXT_GIVES), VALUE_FROM, "%s", from);
}

//
// What plain "check" judges as well: as that boot will find it
//

enum forbidden { FORBIDDEN_NOT, FORBIDDEN_BY_WORDS, FORBIDDEN_OTHERWISE };

// Whether the host lets nobody split its GPU; what is on the command line is told there.
static enum forbidden forbidden(const struct facts *later, struct finding *leave)
{
	enum forbidden result = FORBIDDEN_NOT;
	for (enum host_requirement i = REQUIRE_BOOT; check_forbids(later, &i, leave); i++) {
		if (!is_of_words(leave))
			return FORBIDDEN_OTHERWISE;
		result = FORBIDDEN_BY_WORDS;
	}
	return result;
}

// What modprobe.d in the initrd says, where the host's own does not say it any more.
static void judge_modprobe(struct check *check, const struct facts *facts, const struct facts *now,
			   const struct next_boot_kernel *kernel)
{
	const struct modprobe_lines *lines = &kernel->initrd.modprobe;
	struct facts *later = malloc(sizeof(*later));
	struct finding leave;
	if (!later) {
		check->error = -ENOMEM;
		return;
	}
	*later = *now;
	modprobe_lines_policy(lines, "i915", &later->host.i915_policy);
	modprobe_lines_policy(lines, "kvmgt", &later->host.gvt.kvmgt_policy);
	modprobe_lines_policy(lines, "vfio-pci", &later->host.vfio_pci_policy);
	if (facts->config.settings.early && kernel->initrd.program && forbidden(now, &leave) != FORBIDDEN_OTHERWISE &&
	    forbidden(later, &leave) == FORBIDDEN_OTHERWISE) {
		finding_value(&leave, VALUE_INITRD, "%s", kernel->initrd_path);
		fix_renew_initrd(&leave, JOINT_NONE, &facts->tools, kernel->release);
		finding_wrap(&leave, "next-initrd", CAUSE_NEXT_MODPROBE_OLD);
		check_take(check, CHECK_NEXT_INITRD, &leave);
	}
	free(later);
}

// The GPU is bound to another driver now, and nothing that was read says why.
static void judge_binding(struct check *check, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	struct finding finding;
	if (!gpu || !gpu->driver[0] || streq(gpu->driver, "i915") || check->items[CHECK_FREE].count > 0)
		return;
	check_begin(&finding, "next-unknown", CAUSE_BOUND_NOW);
	finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(&finding, VALUE_DRIVER, "%s", gpu->driver);
	check_take(check, CHECK_FREE, &finding);
}

static void judge_room(struct check *check, struct facts *later, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	static const struct cmdline none;
	struct host *host = &later->host;
	// The types that are offered now are offered then; the command line is told by itself.
	if (gpu && facts->host.gvt.kvmgt_state == MODULE_LIVE && host_types(&facts->host, gpu->address)->registered) {
		host->gvt.kvmgt_state = host->i915_state = MODULE_LIVE;
		host->gvt.enable_gvt = 1;
	}
	host->cmdline = none;
	check_room(check, later);
}

void check_next_later(struct check *check, enum requirement requirement, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	struct facts *later = malloc(sizeof(*later));
	struct finding leave;
	for (size_t i = 0; later && i < (next->boot_count ? next->boot_count : 1); i++) {
		static const struct boot_entry unknown;
		const struct boot_entry *entry = next->boot_count ? next->boots[i] : &unknown;
		const struct next_boot_kernel *kernel = next_boot_kernel_of(next, entry);
		struct cmdline words = { .count = 0 };
		if (cmdline_parse(&words, entry->words) < 0) {
			check->error = -ENOMEM;
			break;
		}
		check_take_later(later, facts, kernel, &words);
		if (requirement == CHECK_FREE &&
		    judge_host(REQUIRE_FREE, &later->host, &later->config, &leave) != STANCE_ACT && is_of_words(&leave))
			check_is_ok(check, requirement, CAUSE_SEE_CMDLINE);
		else if (requirement == CHECK_FREE)
			check_free_gpu(check, later);
		else if (requirement == CHECK_ROOM)
			judge_room(check, later, facts);
		else if (forbidden(later, &leave) == FORBIDDEN_BY_WORDS)
			check_is_ok(check, requirement, CAUSE_SEE_CMDLINE);
		else
			check_i915(check, later);
		if (requirement == CHECK_I915 && kernel)
			judge_modprobe(check, facts, later, kernel);
		cmdline_free(&words);
	}
	if (!later)
		check->error = -ENOMEM;
	if (requirement == CHECK_FREE)
		judge_binding(check, facts);
	free(later);
}
