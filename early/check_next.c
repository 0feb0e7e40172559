// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of the next boot, before a host far away is rebooted.
#include <errno.h>
#include <stdio.h>

#include "build.h"
#include "check.h"

void check_next_kernel(struct check *check, const struct facts *facts)
{
	const struct next *next = facts->next;
	bool pins = facts->tools.has[TOOL_PROXMOX_BOOT_TOOL];
	if (!next->release[0])
		check_skip(check, CHECK_NEXT_KERNEL, "it cannot be told which kernel boots next: no bootloader that is known here");
	else if (!next->modules)
		check_find(check, CHECK_NEXT_KERNEL, "next-kernel", "%s boots next (%s), and its modules are not in /lib/modules" CURE
			   "reinstall its package, or pin another kernel",
			   next->release, next->chosen_by);
	else if (!next->kvmgt)
		check_find(check, CHECK_NEXT_KERNEL, "next-kernel", "%s boots next (%s), and it has no module kvmgt" CURE
			   "pin a kernel that has it (%sGRUB_DEFAULT in /etc/default/grub)",
			   next->release, next->chosen_by, pins ? "'proxmox-boot-tool kernel pin RELEASE', or " : "");
	else
		check_ok(check, CHECK_NEXT_KERNEL, "%s (%s) has kvmgt%s", next->release, next->chosen_by,
			 streq(next->release, facts->host.release) ? "" : "; another one runs now");
}

void check_next_initrd(struct check *check, const struct facts *facts)
{
	const struct next *next = facts->next;
	const struct initrd_file *initrd = &next->initrd;
	const char *path = next->initrd_path, *release = next->release;
	char text[300], renew[TOOL_TEXT_SIZE], make[TOOL_TEXT_SIZE];
	bool wanted = facts->config.wanted.count > 0 && facts->config.settings.early;
	tools_renew_initrd(&facts->tools, release, renew, sizeof(renew));
	if (!wanted)
		check_ok(check, CHECK_NEXT_INITRD, "nothing has to be in it: %s",
			 facts->config.settings.early ? "no vGPU is wanted" : "'early = no', gvt-early.service does the job");
	else if (!next->initrd_found)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s is not there" CURE "%s", path,
			   tools_make_initrd(&facts->tools, release, make, sizeof(make)));
	else if (initrd->error[0])
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s cannot be looked into: %s" CURE "%s", path, initrd->error,
			   renew);
	else if (!initrd->program || !initrd->snapshot)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s has no gvt-early in it" CURE "%s", path, renew);
	else if (!initrd->kvmgt || !initrd->i915)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "%s has no module %s in it" CURE "%s", path,
			   initrd->kvmgt ? "i915" : "kvmgt", renew);
	else if (!streq(initrd->build_id, build_id()))
		check_find(check, CHECK_NEXT_INITRD, "next-initrd",
			   "the gvt-early in %s is another build than the installed one (%.12s, installed %.12s)" CURE "%s", path,
			   initrd->build_id, build_id(), renew);
	if (check->items[CHECK_NEXT_INITRD].status != CHECK_IS_OK || !wanted)
		return;

	struct config snapshot;
	config_init(&snapshot);
	if (config_parse(&snapshot, CONFIG_SNAPSHOT, initrd->snapshot, initrd->snapshot_length, true) < 0)
		check->error = -ENOMEM;
	else if (initrd_compare(&snapshot, &facts->config, text, sizeof(text)) > 0)
		check_find(check, CHECK_NEXT_INITRD, "next-initrd", "the snapshot in %s is old: %.220s" CURE "%s", path, text, renew);
	else
		check_ok(check, CHECK_NEXT_INITRD, "%s has this gvt-early, kvmgt, and what is wanted today", path);
	config_free(&snapshot);
}

void check_next_esp(struct check *check, const struct facts *facts)
{
	const struct next *next = facts->next;
	size_t unreadable = 0;
	const char *reason = "";
	char refresh[TOOL_TEXT_SIZE];
	tools_refresh_esps(&facts->tools, refresh, sizeof(refresh));
	for (size_t i = 0; i < next->esp_count; i++) {
		const struct esp *esp = &next->esps[i];
		switch (esp->state) {
		case ESP_UNREADABLE:
			unreadable++;
			reason = esp->reason;
			break;
		case ESP_LACKS:
			check_find(check, CHECK_NEXT_ESP, "next-esp", "the ESP %s has no kernel and initrd of %s" CURE
				   "%s", esp->uuid, next->release, refresh);
			break;
		case ESP_DIFFERS:
			check_find(check, CHECK_NEXT_ESP, "next-esp",
				   "the initrd of %s on the ESP %s is not the one in /boot: it was not copied, or not to its end" CURE
				   "%s, and see that the ESP is not full", next->release, esp->uuid, refresh);
			break;
		case ESP_SAME:
			break;
		}
	}
	if (unreadable > 0 && check->items[CHECK_NEXT_ESP].count == 0)
		check_skip(check, CHECK_NEXT_ESP, "%zu of %zu ESPs cannot be read: %s", unreadable, next->esp_count, reason);
	else
		check_ok(check, CHECK_NEXT_ESP, next->esp_count ? "the initrd on it is the one in /boot" : "proxmox-boot-tool fills none");
}

// What the ESP's entry says goes before the file that it is made of.
static const char *entry_options(const struct next *next)
{
	for (size_t i = 0; i < next->esp_count; i++)
		if (next->esps[i].state != ESP_UNREADABLE && next->esps[i].options[0])
			return next->esps[i].options;
	return NULL;
}

// Whether the next boot's words stand against it; asked as the plan will ask then.
static bool tell_against(struct check *check, const struct facts *facts, const struct cmdline *words, const char *from)
{
	struct host host = facts->host;
	struct finding leave;
	char apply[TOOL_TEXT_SIZE];
	host.cmdline = *words;
	host.i915_state = host.kvmgt_state = MODULE_NOT_LOADED;
	host.vmcore = false;
	for (size_t i = 0; i < host.gpus.count; i++)
		host.gpus.items[i].driver[0] = '\0';
	for (enum host_requirement i = REQUIRE_BOOT; i < REQUIRE_LOADED; i++) {
		if (judge_host(i, &host, &facts->config, &leave) == STANCE_ACT || !strstr(leave.text, "command line"))
			continue;
		char seen[TEXT_SIZE];
		finding_seen(&leave, seen, sizeof(seen));
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s: %.300s" CURE "remove it there and %s", from, seen,
			   bootloader_apply(&facts->bootloader, &facts->tools, apply, sizeof(apply)));
		return true;
	}
	return false;
}

static void judge_words(struct check *check, const struct facts *facts, const struct cmdline *words, const char *from)
{
	const struct next *next = facts->next;
	const struct iommu off = { .dmar_table = true, .sysfs_found = true };
	const struct cmdline_word *word = cmdline_last(words, "intel_iommu");
	char text[TEXT_SIZE], cure[CURE_SIZE], apply[TOOL_TEXT_SIZE];
	struct finding finding;
	if (tell_against(check, facts, words, from) || !facts->host.iommu.dmar_table)
		return;
	enum iommu_state state = iommu_judge(&off, words, text, sizeof(text));
	finding_set(&finding, "next-cmdline", SEVERITY_FAILED, "%s", text);
	bool asked = word && word->value && comma_list_has(word->value, "on", false);
	// A kernel whose configuration is not known does as it does now.
	bool by_itself = next->config_found ? next->iommu_on
					    : streq(next->release, facts->host.release) && facts->host.iommu.unit[0] &&
						      !cmdline_last(&facts->host.cmdline, "intel_iommu");
	if (state == IOMMU_OFF_BY_PARAMETER) {
		finding_seen(&finding, text, sizeof(text));
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline", "%s: the IOMMU will be %.300s" CURE "remove it there and %s", from, text,
			   bootloader_apply(&facts->bootloader, &facts->tools, apply, sizeof(apply)));
	} else if (!asked && !by_itself) {
		check_cure_cmdline(facts, cure, sizeof(cure));
		check_find(check, CHECK_NEXT_CMDLINE, "next-cmdline",
			   "%s has no intel_iommu=on, and kernel %s does not switch VT-d on without: Proxmox VE will start no guest with a "
			   "vGPU" CURE "add intel_iommu=on %s",
			   from, next->release, cure);
	}
}

void check_next_cmdline(struct check *check, const struct facts *facts)
{
	const struct next *next = facts->next;
	const char *options = entry_options(next);
	struct cmdline words = { .count = 0 };
	if (options && cmdline_parse(&words, options) < 0)
		check->error = -ENOMEM;
	else if (options)
		judge_words(check, facts, &words, "the ESP's entry");
	else
		judge_words(check, facts, &next->words, next->words_from);
	cmdline_free(&words);
	check_ok(check, CHECK_NEXT_CMDLINE, "%s has what is needed", options ? "the ESP's entry" : next->words_from);
}
