// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/iommu.h"

#include <stdio.h>

#include "base/file.h"
#include "base/finding.h"

void iommu_read(struct iommu *iommu, const struct root *root)
{
	*iommu = (struct iommu){ 0 };
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->sys, "class/iommu", &names);
	iommu->sysfs_found = file_exists(root->sys, "class");
	if (count > 0) {
		iommu->unit_count = count;
		snprintf(iommu->unit, sizeof(iommu->unit), "%s", names[0]);
	}
	iommu->dmar_table = file_exists(root->sys, "firmware/acpi/tables/DMAR");
	iommu->hung = !file_answers(root->sys, "class/iommu") || !file_answers(root->sys, "firmware/acpi/tables/DMAR");
}

// The word that switches the IOMMU off, or NULL; and whether another switches it on. intel_iommu= takes a comma list in which the last of "on" and "off"
// wins over all occurrences; "off" in iommu= cannot be taken back (kernel.md, section 4).
static const struct cmdline_word *switched_off_by(const struct cmdline *cmdline, bool *ret_on)
{
	const struct cmdline_word *intel_off = NULL, *all_off = NULL;
	*ret_on = false;
	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_word *word = &cmdline->words[i];
		if (word->for_init || !word->value)
			continue;
		if (names_equal(word->name, "intel_iommu")) {
			for (const char *item = word->value; *item; item += strcspn(item, ","), item += *item == ',') {
				bool on = starts_with(item, "on"), off = starts_with(item, "off");
				if (on || off)
					intel_off = off ? word : NULL;
				*ret_on = on || (*ret_on && !off);
			}
		} else if (names_equal(word->name, "iommu") && comma_list_has(word->value, "off", false)) {
			all_off = word;
		}
	}
	return intel_off ? intel_off : all_off;
}

// Whether the kernel knows an item of intel_iommu=, compared as it does: by the beginning.
static bool is_known_item(const char *item)
{
	static const char *const known[] = { "on", "off", "igfx_off", "intgpu_off", "forcedac", "strict",
					     "sp_off", "sm_on", "sm_off", "tboot_noforce" };
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (starts_with(item, known[i]))
			return true;
	return false;
}

// A word that was meant to switch the IOMMU on and that the kernel does not understand so, or NULL.
static const struct cmdline_word *misspelt(const struct cmdline *cmdline)
{
	static const char *const guesses[] = { "intel_iommu", "iommu", "vt_d", "vtd", "intel_vtd", "amd_iommu" };
	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_word *word = &cmdline->words[i];
		bool guessed = false;
		for (size_t j = 0; j < ARRAY_SIZE(guesses); j++)
			guessed |= names_equal(word->name, guesses[j]);
		if (!guessed || word->for_init)
			continue;
		const char *value = word->value ? word->value : "";
		if (names_equal(word->name, "intel_iommu") ? !is_known_item(value) : kernel_bool(value) == 1)
			return word;
	}
	return NULL;
}

// GVT-g itself needs none.
#define FOR_PROXMOX " (Proxmox VE starts no guest with a vGPU without an IOMMU)"

enum iommu_state iommu_judge(const struct iommu *iommu, const struct cmdline *cmdline, char *ret_text, size_t size,
			     const struct cmdline_word **ret_word)
{
	*ret_word = NULL;
	if (iommu->unit[0]) {
		snprintf(ret_text, size, "on (%s%s)", iommu->unit, iommu->unit_count > 1 ? " and others" : "");
		return IOMMU_ON;
	}
	if (iommu->hung) {
		snprintf(ret_text, size, "unknown: /sys does not answer");
		return IOMMU_UNKNOWN;
	}
	if (!iommu->sysfs_found) {
		snprintf(ret_text, size, "nothing is known of the IOMMU: /sys is not mounted");
		return IOMMU_UNKNOWN;
	}
	if (!iommu->dmar_table) {
		snprintf(ret_text, size,
			 "the firmware has no DMAR table" CURE "enable VT-d in the firmware setup "
			 "(Proxmox VE starts no guest with a vGPU without it)");
		return IOMMU_ABSENT;
	}
	bool asked;
	const struct cmdline_word *off = switched_off_by(cmdline, &asked);
	if (off) {
		*ret_word = off;
		snprintf(ret_text, size,
			 "'%s=%.100s' on the kernel command line switches VT-d off" CURE
			 "run 'gvt-early check', which names the cause and the fix" FOR_PROXMOX,
			 off->name, off->value);
		return IOMMU_OFF_BY_PARAMETER;
	}
	if (asked) {
		snprintf(ret_text, size,
			 "the firmware supports VT-d and intel_iommu=on is on the kernel command line, but this kernel did not enable "
			 "it" CURE "'dmesg | grep DMAR' may say why; update the firmware" FOR_PROXMOX);
		return IOMMU_REFUSED;
	}
	const struct cmdline_word *wrong = misspelt(cmdline);
	if (wrong) {
		*ret_word = wrong;
		snprintf(ret_text, size,
			 "the firmware supports VT-d, but '%s%s%.100s' on the kernel command line does not enable it" CURE
			 "write intel_iommu=on instead" FOR_PROXMOX,
			 wrong->name, wrong->value ? "=" : "", wrong->value ? wrong->value : "");
		return IOMMU_OFF_BY_DEFAULT;
	}
	snprintf(ret_text, size,
		 "the firmware supports VT-d, but this kernel did not enable it" CURE "add intel_iommu=on to the "
		 "kernel command line" FOR_PROXMOX);
	return IOMMU_OFF_BY_DEFAULT;
}
