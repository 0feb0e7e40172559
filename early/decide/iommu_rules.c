// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/iommu_rules.h"

// The word that switches the IOMMU off, or NULL; and whether another switches it on. intel_iommu= takes a comma list in
// which the last of "on" and "off" wins over all occurrences; "off" in iommu= cannot be taken back (kernel.md, section
// 4).
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
	static const char *const known[] = { "on",     "off",    "igfx_off", "intgpu_off", "forcedac",
					     "strict", "sp_off", "sm_on",    "sm_off",     "tboot_noforce" };
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

// The name goes by the state alone.
static void make(struct finding *finding, enum iommu_state state, enum cause cause, const struct cmdline_word *word)
{
	finding_make(finding,
		     state == IOMMU_ON               ? "iommu"
			     : state == IOMMU_ABSENT ? "vtd-firmware"
						     : "iommu-off",
		     state == IOMMU_ON ? SEVERITY_OK : SEVERITY_WARNING, cause);
	finding_blame(finding, word, "");
	if (word)
		finding_value(finding, VALUE_WORD, "%s%s%.100s", word->name, word->value ? "=" : "",
			      word->value ? word->value : "");
}

// The word that switches AMD's IOMMU off, and by which item of its list; or NULL.
static const struct cmdline_word *amd_switched_off_by(const struct cmdline *cmdline, const char **ret_item)
{
	const struct cmdline_word *word = cmdline_lists(cmdline, "amd_iommu", *ret_item = "off", false);
	return word ? word : cmdline_lists(cmdline, "iommu", "off", false);
}

// AMD's is on unless a word or the firmware says otherwise.
static enum iommu_state judge_amd(struct finding *finding, const struct iommu *iommu, const struct cmdline *cmdline)
{
	const char *item;
	const struct cmdline_word *off = amd_switched_off_by(cmdline, &item);
	enum iommu_state state = !iommu->ivrs_table ? IOMMU_ABSENT : off ? IOMMU_OFF_BY_PARAMETER : IOMMU_REFUSED;
	make(finding, state,
	     state == IOMMU_ABSENT ? CAUSE_IOMMU_NO_IVRS
		     : off         ? CAUSE_IOMMU_AMD_OFF_BY_WORD
				   : CAUSE_IOMMU_AMD_NOT_ENABLED,
	     state == IOMMU_ABSENT ? NULL : off);
	if (finding->word)
		finding_blame(finding, off, item);
	return state;
}

enum iommu_state iommu_judge(struct finding *finding, const struct iommu *iommu, const struct cmdline *cmdline)
{
	enum iommu_state state = IOMMU_OFF_BY_DEFAULT;
	bool asked;
	const struct cmdline_word *off = switched_off_by(cmdline, &asked), *wrong = misspelt(cmdline);
	if (iommu->unit[0])
		make(finding, state = IOMMU_ON, CAUSE_IOMMU_ON, NULL);
	else if (iommu->hung)
		make(finding, state = IOMMU_UNKNOWN, CAUSE_IOMMU_HUNG, NULL);
	else if (!iommu->sysfs_found)
		make(finding, state = IOMMU_UNKNOWN, CAUSE_IOMMU_NO_SYSFS, NULL);
	else if (iommu->amd)
		return judge_amd(finding, iommu, cmdline);
	else if (!iommu->dmar_table)
		make(finding, state = IOMMU_ABSENT, CAUSE_IOMMU_NO_DMAR, NULL);
	else if (off)
		make(finding, state = IOMMU_OFF_BY_PARAMETER, CAUSE_IOMMU_OFF_BY_WORD, off);
	else if (asked)
		make(finding, state = IOMMU_REFUSED, CAUSE_IOMMU_REFUSED, NULL);
	else if (wrong)
		make(finding, state, CAUSE_IOMMU_WORD_WRONG, wrong);
	else
		make(finding, state, CAUSE_IOMMU_NOT_ENABLED, NULL);
	finding_value(finding, VALUE_UNIT, "%s", iommu->unit);
	finding_flag(finding, VALUE_MORE, iommu->unit_count > 1);
	return state;
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
	enum iommu_state state = iommu_judge(finding, &host->iommu, &host->cmdline);
	if (host->xen) {
		finding_make(finding, "iommu", SEVERITY_UNKNOWN, CAUSE_IOMMU_BELOW_XEN);
	} else if (state != IOMMU_ON && state != IOMMU_UNKNOWN && !judge_needs_iommu(config)) {
		finding_wrap(finding, "no-iommu", CAUSE_IOMMU_NOT_NEEDED);
		finding_blame(finding, NULL, "");
		finding->severity = SEVERITY_HINT;
	}
}

const struct cmdline_word *iommu_excludes_gpu(const struct cmdline *cmdline, const char **ret_item)
{
	static const char *const items[] = { "igfx_off", "intgpu_off" };
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		*ret_item = items[i];
		const struct cmdline_word *word = cmdline_lists(cmdline, "intel_iommu", items[i], false);
		if (word)
			return word;
	}
	return NULL;
}
