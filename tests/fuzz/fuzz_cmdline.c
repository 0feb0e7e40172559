// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel command line: whatever stands in it, words lie within the text, and what they say of the IOMMU fits.
#include "fuzz.h"

#include <errno.h>

#include "decide/iommu_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct cmdline cmdline;
	int r = cmdline_parse(&cmdline, text);
	size_t length = strlen(text);
	CHECK(r == (length > CMDLINE_MAX ? -E2BIG : 0));

	bool for_init = false;
	for (size_t i = 0; i < cmdline.count; i++) {
		const struct cmdline_word *word = &cmdline.words[i];
		CHECK(word->name >= cmdline.text && word->name + strlen(word->name) <= cmdline.text + length);
		CHECK(!word->value ||
		      (word->value > word->name && word->value + strlen(word->value) <= cmdline.text + length));
		CHECK(word->for_init || !for_init); // once init's, always init's
		for_init = word->for_init;
		if (!word->for_init)
			CHECK(cmdline_last(&cmdline, word->name) >= word);
		else if (!word->value)
			CHECK(cmdline_flag(&cmdline, word->name));
		(void)kernel_bool(word->value);
		CHECK(!word->value || !*word->value || strchr(word->value, ',') ||
		      comma_list_has(word->value, word->value, true));
	}
	(void)cmdline_lists(&cmdline, "modprobe.blacklist", "i915", true);

	const struct iommu off = { .dmar_table = true, .sysfs_found = true };
	struct finding finding;
	enum iommu_state state = iommu_judge(&finding, &off, &cmdline);
	CHECK(state == IOMMU_OFF_BY_PARAMETER || state == IOMMU_OFF_BY_DEFAULT || state == IOMMU_REFUSED);
	CHECK(state != IOMMU_OFF_BY_PARAMETER || finding.word);
	cmdline_free(&cmdline);
	free(text);
	return 0;
}
