// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of the next boot, before a host far away is rebooted: of all that may boot then, each is judged.
#include <errno.h>
#include <stdio.h>

#include "base/build.h"
#include "base/version.h"
#include "decide/check/check.h"
#include "decide/check/first_line.h"
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

// The cure of what was not allowed to be read.
static const char *as_root(const char *reason)
{
	return strstr(reason, strerror(EACCES)) || strstr(reason, strerror(EPERM)) ? CURE "run this as root" : "";
}

// What brings a change of the bootloader's file into force, as an imperative.
static const char *apply_text(const struct facts *facts, const struct boot_entry *entry, char *ret, size_t size)
{
	return cure_apply(&(struct cure_of){ .facts = facts, .entry = entry }, ret, size);
}

// What makes the ESPs what they should be. GRUB's menus on them are made by update-grub, which must not fail.
static const char *refresh_text(const struct facts *facts, char *ret, size_t size)
{
	static const struct boot_entry any;
	return facts->tools.esps ? apply_text(facts, &any, ret, size) : tools_refresh_esps(&facts->tools, ret, size);
}

//
// The kernel
//

// A pin that was written, and that no loader has been told.
static const char *idle_pin(const struct next_boot *next, char *ret, size_t size)
{
	ret[0] = '\0';
	if (!next->pin[0] || !next->esps.found)
		return ret;
	for (size_t i = 0; i < next->boot_count; i++)
		if (!is_known(next->boots[i]) || streq(next->boots[i]->release, next->pin))
			return ret;
	snprintf(ret, size, "; %s is pinned in %s, which no ESP has been told", next->pin, next->pin_from);
	return ret;
}

// How another kernel comes to boot: the one that runs, when it will do.
static void cure_kernel(const struct facts *facts, const struct boot_entry *entry, bool pinned, char *ret, size_t size)
{
	const char *running = facts->host.kvmgt_policy.available ? facts->host.release : NULL;
	char mend[CURE_SIZE / 2], apply[CURE_SIZE / 2];
	if (running && (streq(running, entry->release) || check_is_known_bad(facts->version)))
		running = NULL;
	if (pinned)
		refresh_text(facts, ret, size);
	else if (facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] && running)
		snprintf(ret, size, "%spin the running kernel: 'proxmox-boot-tool kernel pin %s'", cure_mend(facts, "", mend, sizeof(mend)),
			 running);
	else if (facts->bootloader.kind == BOOTLOADER_GRUB)
		snprintf(ret, size, "let GRUB boot a kernel that has it%s%s: GRUB_DEFAULT in /etc/default/grub, then %s",
			 running ? ", such as " : "", running ? running : "", apply_text(facts, entry, apply, sizeof(apply)));
	else
		snprintf(ret, size, "let the bootloader boot a kernel that has it%s%s", running ? ", such as " : "", running ? running : "");
}

// How the file of a kernel comes back, or GRUB's menu comes to name another one.
static const char *cure_absent(const struct facts *facts, const struct boot_entry *entry, char *ret, size_t size)
{
	char reinstall[TOOL_TEXT_SIZE], apply[CURE_SIZE / 2];
	if (streq(entry->release, facts->host.release))
		tools_reinstall_kernel(&facts->tools, reinstall, sizeof(reinstall));
	else
		snprintf(reinstall, sizeof(reinstall), "reinstall the package of kernel %s", entry->release);
	snprintf(ret, size, "%s; or, to boot another kernel that is there, %s", reinstall, apply_text(facts, entry, apply, sizeof(apply)));
	return ret;
}

static bool is_not_there(const char *trouble)
{
	return strstr(trouble, strerror(ENOENT)) || strstr(trouble, "damaged");
}

static void judge_kernel(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	char pin[256], cure[CURE_SIZE];
	idle_pin(facts->next, pin, sizeof(pin));
	cure_kernel(facts, entry, pin[0], cure, sizeof(cure));
	if (!is_known(entry))
		check_find(check, CHECK_NEXT_KERNEL, "next-unknown", "it cannot be told which kernel boots next: %s%s", entry->trouble,
			   as_root(entry->trouble));
	else if (!kernel)
		check_find(check, CHECK_NEXT_KERNEL, "next-unknown",
			   "%s boots next (%s): its name does not tell the kernel's release, so its modules cannot be told", entry->kernel,
			   entry->chosen_by);
	else if (kernel->modules_trouble[0] && is_not_there(kernel->modules_trouble))
		check_find(check, CHECK_NEXT_KERNEL, "next-kernel", "%s boots next (%s), and its modules are not in /lib/modules%s" CURE
			   "%s%s%s%s",
			   entry->release, entry->chosen_by, pin, pin[0] ? "" : "reinstall the package of kernel ",
			   pin[0] ? "" : entry->release, pin[0] ? "" : ", or ", cure);
	else if (kernel->modules_trouble[0])
		check_find(check, CHECK_NEXT_KERNEL, "next-unknown", "%s boots next (%s), and its modules cannot be read: %s", entry->release,
			   entry->chosen_by, kernel->modules_trouble);
	else if (!kernel->kvmgt.available || !kernel->i915.available)
		check_find(check, CHECK_NEXT_KERNEL, "next-kernel", "%s boots next (%s), and it has no module %s%s" CURE "%s", entry->release,
			   entry->chosen_by, kernel->kvmgt.available ? "i915" : "kvmgt", pin,
			   cure);
	else if (entry == &facts->next->host && facts->next->kernel_absent)
		check_find(check, CHECK_NEXT_KERNEL, "next-kernel", "%s boots next (%s), and %s, which %s names, is not there" CURE "%s",
			   entry->release, entry->chosen_by, entry->kernel, entry->words_from, cure_absent(facts, entry, cure, sizeof(cure)));
	else if (check_is_known_bad(entry->release))
		check_find(check, CHECK_NEXT_KERNEL, "kernel-known-bad", "%s boots next (%s), and Linux 5.19.0 and 5.19.1 have a broken GVT-g%s" CURE
			   "%s", entry->release, entry->chosen_by, pin, cure);
	else
		check_ok(check, CHECK_NEXT_KERNEL, "%s (%s) has kvmgt%s%s", entry->release, entry->chosen_by,
			 streq(entry->release, facts->host.release) ? "" : "; another one runs now", pin);
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
		check_unknown(check, CHECK_NEXT_KERNEL, "it cannot be told which kernel boots next: see esp");
	if (next->kernel_count > 0)
		check_obsolete(check, CHECK_NEXT_KERNEL, next->kernels[0].release, facts->next_obsolete, facts->next_obsolete_count);
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
	if (judge_misses_guests(&facts->config))
		check_find(check, CHECK_NEXT_INITRD, "next-unknown",
			   "the snapshot in %s cannot be compared with what is wanted: the guests of Proxmox VE cannot be read", kernel->initrd_path);
	else if (config_parse(&snapshot, CONFIG_SNAPSHOT, initrd->snapshot, initrd->snapshot_length, true) < 0)
		check->error = -ENOMEM;
	else if (snapshot_difference(&snapshot, &facts->config, &stale) > 0)
		check_take(check, CHECK_NEXT_INITRD, &stale);
	else
		check_ok(check, CHECK_NEXT_INITRD, "%s has this gvt-early, kvmgt, and what is wanted today", kernel->initrd_path);
	config_free(&snapshot);
}

// What is known of an initrd that could not be read to its end.
static void tell_unread(struct check *check, const struct next_boot_kernel *kernel)
{
	const struct initrd_image *initrd = &kernel->initrd;
	bool ours = initrd->program && streq(initrd->build_id, build_id());
	check_find(check, CHECK_NEXT_INITRD, "next-unknown", "%s: %s: %s%s%s%s%s%s", kernel->initrd_path,
		   initrd->unpacked == UNPACK_UNREADABLE ? "it cannot be read" : "not checked to its end", initrd->reason,
		   initrd->program || initrd->kvmgt ? "; until there it has " : "",
		   ours ? "this gvt-early" : initrd->program ? "another gvt-early" : "",
		   initrd->program && initrd->kvmgt ? " and " : "", initrd->kvmgt ? "kvmgt" : "", as_root(initrd->reason));
}

// Whether the kernel finds one by itself: it is a part of its own file, or the kernel command line names it to the EFI stub.
static bool brings_initrd(const struct boot_entry *entry)
{
	const char *end = strrchr(entry->kernel, '.');
	return (end && strcasecmp(end, ".efi") == 0) || starts_with(entry->words, "initrd=") || strstr(entry->words, " initrd=");
}

// That is what update-grub leaves when it ran before the initrd was made.
static void judge_no_initrd(struct check *check, const struct facts *facts, const struct boot_entry *entry)
{
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	char make[TOOL_TEXT_SIZE], apply[CURE_SIZE];
	if (brings_initrd(entry)) {
		check_find(check, CHECK_NEXT_INITRD, "next-unknown", "%s names no initrd: that of kernel %s is in the kernel's file, or on its command line, and was not checked",
			   entry->words_from, kernel->release);
		return;
	}
	if (kernel->initrd_found)
		tools_renew_initrd(&facts->tools, kernel->release, make, sizeof(make));
	else
		tools_make_initrd(&facts->tools, kernel->release, make, sizeof(make));
	check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s loads no initrd for kernel %s" CURE "%s, then %s", entry->words_from,
		   kernel->release, make, apply_text(facts, entry, apply, sizeof(apply)));
}

static void judge_initrd(struct check *check, const struct facts *facts, const struct next_boot_kernel *kernel)
{
	const struct initrd_image *initrd = &kernel->initrd;
	const char *path = kernel->initrd_path, *release = kernel->release;
	char renew[TOOL_TEXT_SIZE], make[TOOL_TEXT_SIZE];
	tools_renew_initrd(&facts->tools, release, renew, sizeof(renew));
	if (!kernel->initrd_found)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s is not there" CURE "%s", path,
			   tools_make_initrd(&facts->tools, release, make, sizeof(make)));
	else if (initrd->unpacked == UNPACK_DAMAGED)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s cannot be unpacked: %s" CURE "%s", path, initrd->reason, renew);
	else if (initrd->unpacked != UNPACK_WHOLE)
		tell_unread(check, kernel);
	else if (!initrd->program || !initrd->snapshot)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s has no gvt-early in it" CURE "%s", path, renew);
	else if (!initrd->kvmgt || !initrd->i915)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s has no module %s in it" CURE "%s", path,
			   initrd->kvmgt ? "i915" : "kvmgt", renew);
	else if (initrd->kvmgt == INITRD_MODULE_EMPTY || initrd->i915 == INITRD_MODULE_EMPTY)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "the module %s in %s is damaged: it is empty" CURE
			   "reinstall the package of kernel %s, which makes its initrd anew as well",
			   initrd->kvmgt == INITRD_MODULE_EMPTY ? "kvmgt" : "i915", path, release);
	else if (!streq(initrd->build_id, build_id()))
		check_find(check, CHECK_NEXT_INITRD, "next-initrd",
			   "the gvt-early in %s is another build than the installed one (%.12s, installed %.12s)" CURE "%s", path,
			   initrd->build_id, build_id(), renew);
	else
		compare_snapshot(check, facts, kernel);
}

void check_next_initrd(struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	size_t known = 0, unknown = 0;
	if (facts->config.wanted.count == 0 || !facts->config.settings.early) {
		check_ok(check, CHECK_NEXT_INITRD, "nothing has to be in it: %s",
			 facts->config.settings.early ? "no vGPU is wanted" : "'early = no', gvt-early.service does the job");
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
		check_unknown(check, CHECK_NEXT_INITRD, "not checked: the kernel that boots next is not known");
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
			same += esps->items[j].readable && streq(esps->items[j].entry.release, esps->items[i].entry.release);
		const char *release = esps->items[i].entry.release;
		if (esps->items[i].readable && release[0] &&
		    (same > most || (same == most && version_compare(release, best) > 0))) {
			most = same;
			best = release;
		}
	}
	return best;
}

// How those with the same fault can be read, "" when nothing is known that helps.
static const char *cure_unreadable(const struct facts *facts, const struct esp *esp, const char *lines, char *ret, size_t size)
{
	ret[0] = '\0';
	if (*as_root(esp->reason))
		snprintf(ret, size, "%s", as_root(esp->reason) + strlen(CURE));
	else if (esp->fault == ESP_FAULT_LINE)
		snprintf(ret, size, "remove what is no UUID: sed -i '%s' /" ESP_LIST, lines);
	else if (esp->fault == ESP_FAULT_COPY)
		snprintf(ret, size, "run this on that host itself, as root, or take a capture there as root");
	else if (esp->fault == ESP_FAULT_GONE)
		snprintf(ret, size, "connect its disk, or %s",
			 facts->tools.has[TOOL_PROXMOX_BOOT_TOOL] ? "run 'proxmox-boot-tool clean', which takes ESPs that are gone off the list" :
								    "take it off the list, /" ESP_LIST);
	else
		snprintf(ret, size, "'dmesg' may say more");
	return ret;
}

// Those that could not be read for the same reason are told together.
static void tell_unreadable(struct check *check, const struct facts *facts, const struct esp_list *esps, size_t index)
{
	const char *reason = esps->items[index].reason;
	char names[160] = "", lines[64] = "", cure[CURE_SIZE];
	size_t count = 0;
	for (size_t i = 0; i < esps->count; i++) {
		const struct esp *esp = &esps->items[i];
		if (esp->readable || !streq(esp->reason, reason))
			continue;
		if (i < index)
			return; // told with that
		check_append(lines, sizeof(lines), "%s%ud", count ? ";" : "", esp->line);
		check_append(names, sizeof(names), "%s%s", count++ ? ", " : "", esp->uuid);
	}
	check_find(check, CHECK_NEXT_ESP, "next-unknown", "%zu of %zu ESPs cannot be read (%s): %s" CURE "%s", count, esps->count, names, reason,
		   cure_unreadable(facts, &esps->items[index], lines, cure, sizeof(cure)));
}

static void judge_esp(struct check *check, const struct esp *esp, const char *common, const char *refresh)
{
	const struct boot_entry *entry = &esp->entry;
	if (!is_known(entry) && !entry->nothing) {
		check_find(check, CHECK_NEXT_ESP, "next-unknown", "it cannot be told what the ESP %s boots: %s", esp->uuid, entry->trouble);
		return;
	}
	if (!is_known(entry)) {
		check_find(check, CHECK_NEXT_ESP, "next-esp", "the ESP %s boots no kernel: %s" CURE "%s", esp->uuid, entry->trouble,
			   refresh);
		return;
	}
	if (common[0] && !streq(entry->release, common))
		check_find(check, CHECK_NEXT_ESP, "next-esp", "the ESP %s boots kernel %s, others boot %s: it was left out when they were filled"
			   CURE "%s, and see its warnings", esp->uuid, entry->release, common, refresh);
	switch (esp->copies) {
	case COPIES_UNKNOWN:
		check_find(check, CHECK_NEXT_ESP, "next-unknown", "the ESP %s: %s", esp->uuid,
			   esp->reason[0] ? esp->reason : "its kernel's name does not tell the release");
		break;
	case COPIES_MISSING:
		check_find(check, CHECK_NEXT_ESP, "next-esp", "the ESP %s has no %s, which it should boot" CURE "%s", esp->uuid, esp->copy,
			   refresh);
		break;
	case COPIES_DIFFER:
		check_find(check, CHECK_NEXT_ESP, "next-esp",
			   "%s on the ESP %s is not the one in /boot: it was not copied, or not to its end" CURE
			   "%s, and see that the ESP is not full", esp->copy, esp->uuid, refresh);
		break;
	case COPIES_SAME:
		break;
	}
}

void check_next_esp(struct check *check, const struct facts *facts)
{
	const struct esp_list *esps = &facts->next->esps;
	const char *common = common_release(esps);
	char refresh[CURE_SIZE];
	refresh_text(facts, refresh, sizeof(refresh));
	if (esps->trouble[0])
		check_find(check, CHECK_NEXT_ESP, "next-unknown", "the list of ESPs, /" ESP_LIST ", cannot be read: %s%s", esps->trouble,
			   as_root(esps->trouble));
	for (size_t i = 0; i < esps->count; i++)
		if (esps->items[i].readable)
			judge_esp(check, &esps->items[i], common, refresh);
		else
			tell_unreadable(check, facts, esps, i);
	bool initrds = true;
	for (size_t i = 0; i < esps->count; i++)
		initrds &= esps->items[i].entry.initrd[0] != '\0';
	if (esps->count > 0)
		check_ok(check, CHECK_NEXT_ESP, "%zu of %zu boot kernel %s, with the kernel%s of /boot", esps->count, esps->count, common,
			 initrds ? " and initrd" : "");
	else
		check_ok(check, CHECK_NEXT_ESP, "no ESPs managed by proxmox-boot-tool");
}

//
// The kernel command line
//

// Whether the cause stands on the kernel command line.
static bool is_of_words(const struct finding *leave)
{
	return strstr(leave->text, "command line");
}

static bool tell_against(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct cure_of of = { .facts = later, .entry = entry };
	struct finding leave;
	char seen[TEXT_SIZE], cure[CURE_SIZE];
	for (enum host_requirement i = REQUIRE_BOOT; check_forbids(later, &i, &leave); i++) {
		if (!is_of_words(&leave))
			continue;
		finding_seen(&leave, seen, sizeof(seen));
		if (leave.word)
			cure_remove(&of, leave.word, leave.item, cure, sizeof(cure));
		else
			snprintf(cure, sizeof(cure), "%s", finding_cure(&leave));
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s: %.220s" CURE "%s", entry->words_from, seen, cure);
		return true;
	}
	return false;
}

// Why intel_iommu=on is not among the words, as far as that is known, and how it gets there.
static void explain_iommu(struct check *check, const struct facts *later, const struct boot_entry *entry, struct check_cause *ret)
{
	const struct cure_of of = { .facts = later, .entry = entry };
	struct finding finding;
	ret->seen[0] = '\0';
	if (check_find_lost(check, &of, "intel_iommu", "on", "", &finding)) {
		finding_seen(&finding, ret->seen, sizeof(ret->seen));
		finding_fix(&finding, ret->cure, sizeof(ret->cure));
	} else if (!check_near_miss(check, &of, "intel_iommu", "on", ret)) {
		cure_add(&of, "intel_iommu=on", ret->cure, sizeof(ret->cure));
	}
}

enum iommu_default { DEFAULT_OFF, DEFAULT_ON, DEFAULT_UNKNOWN };

// Whether a kernel switches VT-d on without being told. Proxmox VE's do from 6.8 on.
static enum iommu_default iommu_default_of(const struct facts *facts, const struct next_boot_kernel *kernel)
{
	if (!kernel)
		return DEFAULT_UNKNOWN;
	if (kernel->config_found)
		return kernel->iommu_on ? DEFAULT_ON : DEFAULT_OFF;
	const char *suffix = strrchr(kernel->release, '-');
	if (suffix && streq(suffix, "-pve"))
		return version_compare(kernel->release, "6.8") >= 0 ? DEFAULT_ON : DEFAULT_OFF;
	// Another one whose configuration is not known does as it does now.
	if (!streq(kernel->release, facts->host.release) || cmdline_last(&facts->host.cmdline, "intel_iommu"))
		return DEFAULT_UNKNOWN;
	return facts->host.iommu.unit[0] ? DEFAULT_ON : DEFAULT_OFF;
}

static void judge_iommu_words(struct check *check, const struct facts *facts, const struct facts *later, const struct boot_entry *entry)
{
	const struct iommu off = { .dmar_table = true, .sysfs_found = true };
	const struct cure_of of = { .facts = later, .entry = entry };
	const struct next_boot_kernel *kernel = next_boot_kernel_of(facts->next, entry);
	struct finding finding;
	char seen[TEXT_SIZE], cure[CURE_SIZE];
	struct check_cause cause;
	enum iommu_state state = iommu_judge(&finding, &off, &later->host.cmdline);
	if ((!judge_needs_iommu(&facts->config) && !facts->next->esps.found) || !facts->host.iommu.dmar_table)
		return; // GVT-g itself needs no IOMMU
	if (state == IOMMU_OFF_BY_PARAMETER) {
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s: %s" CURE "%s", entry->words_from,
			   finding_seen(&finding, seen, sizeof(seen)), cure_write(&of, "intel_iommu=on", finding.word, cure, sizeof(cure)));
		return;
	}
	enum iommu_default by_itself = iommu_default_of(facts, kernel);
	if (by_itself == DEFAULT_ON || state == IOMMU_REFUSED) // by words that are right
		return;
	explain_iommu(check, later, entry, &cause);
	const char *colon = cause.seen[0] ? ": " : "";
	if (by_itself == DEFAULT_OFF)
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline",
			   "%s has no intel_iommu=on, and kernel %s does not switch VT-d on without (Proxmox VE will start no guest with a "
			   "vGPU)%s%s" CURE "%s",
			   entry->words_from, kernel->release, colon, cause.seen, cause.cure);
	else
		check_find(check, CHECK_NEXT_CMDLINE, "next-unknown",
			   "%s has no intel_iommu=on, and it cannot be told whether that kernel switches VT-d on without%s%s" CURE "%s",
			   entry->words_from, colon, cause.seen, cause.cure);
}

// A word that was meant to switch GVT-g on. Where gvt-early loads i915 from the initrd it needs none, and that is a hint.
static void judge_gvt_words(struct check *check, const struct facts *later, const struct boot_entry *entry)
{
	const struct cure_of of = { .facts = later, .entry = entry };
	size_t length;
	const char *option = module_option_value(later->host.i915_policy.options, "enable_gvt", &length);
	const struct next_boot_kernel *kernel = next_boot_kernel_of(later->next, entry);
	bool early = later->config.settings.early && (tools_make_early(&later->tools) || (kernel && kernel->initrd.program));
	struct check_cause cause;
	if (later->config.wanted.count == 0 || cmdline_last(&later->host.cmdline, "i915.enable_gvt") || (option && kernel_bool(option) == 1))
		return;
	if (!check_near_miss(check, &of, "i915.enable_gvt", "1", &cause))
		return;
	if (early)
		check_hint(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s: %s; gvt-early sets it from the initrd" CURE "%s", entry->words_from,
			   cause.seen, cause.cure);
	else
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s has no i915.enable_gvt=1: %s" CURE "%s", entry->words_from, cause.seen,
			   cause.cure);
}

static bool has_told_root(const struct check *check)
{
	for (size_t i = 0; i < check->items[CHECK_NEXT_CMDLINE].count; i++)
		if (streq(check->items[CHECK_NEXT_CMDLINE].findings[i].name, "next-root"))
			return true;
	return false;
}

static void judge_root(struct check *check, const struct facts *facts, const struct boot_entry *entry, const struct cmdline *words)
{
	char root[160], mend[CURE_SIZE], apply[CURE_SIZE];
	if (first_line_gives_root(words) || !cmdline_last(&facts->host.cmdline, "root") ||
	    (has_told_root(check) && streq(entry->words_from, "/" SYSTEMD_BOOT_FILE)))
		return;
	first_line_root(facts, root, sizeof(root));
	if (first_line_judge(facts) != FIRST_LINE_FINE || first_line_gives_root(bootloader_words(&facts->bootloader, false)))
		mend[0] = '\0'; // it is mended on the way, or is right
	else
		snprintf(mend, sizeof(mend), "put %.120s back into %s and ", root, bootloader_file(&facts->bootloader, false));
	check_find(check, CHECK_NEXT_CMDLINE, "next-root", "%s has no root=: that boot will not find its root file system" CURE "%s%s",
		   entry->words_from, mend, apply_text(facts, entry, apply, sizeof(apply)));
}

// The file that the next entries are made of.
static void judge_first_line(struct check *check, const struct facts *facts)
{
	static const struct boot_entry any;
	const enum first_line_state state = first_line_judge(facts);
	char cure[CURE_SIZE];
	apply_text(facts, &any, cure, sizeof(cure));
	if (state == FIRST_LINE_REFUSED)
		check_find(check, CHECK_NEXT_CMDLINE, "next-root",
			   "/" SYSTEMD_BOOT_FILE " has no root= in its first line: proxmox-boot-tool refuses to refresh, and so does every update of a "
			   "kernel or an initrd" CURE "%s", cure);
	else if (state == FIRST_LINE_NO_ROOT)
		check_find(check, CHECK_NEXT_CMDLINE, "next-root",
			   "/" SYSTEMD_BOOT_FILE " has no root= as a word of its own%s: every update of a kernel or an initrd makes entries of it, and "
			   "with these this host will not find its root file system" CURE "%s",
			   facts->bootloader.proxmox_boot_tool ? " in its first line" : "", cure);
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
		if (!tell_against(check, later, entry)) {
			judge_iommu_words(check, facts, later, entry);
			judge_gvt_words(check, later, entry);
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
	if (next->cmdline_file.trouble[0] && (next->esps.found || facts->bootloader.kind == BOOTLOADER_SYSTEMD_BOOT))
		check_find(check, CHECK_NEXT_CMDLINE, "next-unknown", "/" SYSTEMD_BOOT_FILE " cannot be read: %s", next->cmdline_file.trouble);
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
		check_unknown(check, CHECK_NEXT_CMDLINE, "not checked: it cannot be told which entry boots next");
	else if (known > 1)
		check_ok(check, CHECK_NEXT_CMDLINE, "what %zu ESPs give has what is needed", known);
	else
		check_ok(check, CHECK_NEXT_CMDLINE, "%s has what is needed", from);
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
static void judge_modprobe(struct check *check, const struct facts *facts, const struct facts *now, const struct next_boot_kernel *kernel)
{
	const struct modprobe_lines *lines = &kernel->initrd.modprobe;
	struct facts *later = malloc(sizeof(*later));
	struct finding leave;
	char seen[TEXT_SIZE], renew[TOOL_TEXT_SIZE];
	if (!later) {
		check->error = -ENOMEM;
		return;
	}
	*later = *now;
	modprobe_lines_policy(lines, "i915", &later->host.i915_policy);
	modprobe_lines_policy(lines, "kvmgt", &later->host.kvmgt_policy);
	modprobe_lines_policy(lines, "vfio-pci", &later->host.vfio_pci_policy);
	if (facts->config.settings.early && kernel->initrd.program && forbidden(now, &leave) != FORBIDDEN_OTHERWISE &&
	    forbidden(later, &leave) == FORBIDDEN_OTHERWISE) {
		finding_seen(&leave, seen, sizeof(seen));
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s has an old modprobe.d: %.220s" CURE "%s", kernel->initrd_path,
			   seen, tools_renew_initrd(&facts->tools, kernel->release, renew, sizeof(renew)));
	}
	free(later);
}

// The GPU is bound to another driver now, and nothing that was read says why.
static void judge_binding(struct check *check, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	if (gpu && gpu->driver[0] && !streq(gpu->driver, "i915") && check->items[CHECK_FREE].count == 0)
		check_find(check, CHECK_FREE, "next-unknown",
			   "%s is bound to %s now, and neither the kernel command line nor modprobe.d says so: it cannot be told whether it will be "
			   "after the next boot" CURE "find what binds %s to %s (driverctl, a script)",
			   gpu->address, gpu->driver, gpu->address, gpu->driver);
}

static void judge_room(struct check *check, struct facts *later, const struct facts *facts)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	static const struct cmdline none;
	struct host *host = &later->host;
	// The types that are offered now are offered then; the command line is told by itself.
	if (gpu && facts->host.kvmgt_state == MODULE_LIVE && host_types(&facts->host, gpu->address)->registered) {
		host->kvmgt_state = host->i915_state = MODULE_LIVE;
		host->enable_gvt = 1;
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
		if (requirement == CHECK_FREE && judge_host(REQUIRE_FREE, &later->host, &later->config, &leave) != STANCE_ACT && is_of_words(&leave))
			check_ok(check, requirement, "see cmdline");
		else if (requirement == CHECK_FREE)
			check_free_gpu(check, later);
		else if (requirement == CHECK_ROOM)
			judge_room(check, later, facts);
		else if (forbidden(later, &leave) == FORBIDDEN_BY_WORDS)
			check_ok(check, requirement, "see cmdline");
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
