// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/iommu_rules.h"
#include "tell/words.h"

static char text[480];
static const char *blamed; // by its name, NULL for none
static enum cause cause;

static enum iommu_state judge(const struct iommu *iommu, const char *words)
{
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, words), 0);
	static char name[64];
	struct finding finding;
	enum iommu_state state = iommu_judge(&finding, iommu, &cmdline);
	finding_text(&finding, text, sizeof(text));
	cause = finding.cause;
	if (finding.word)
		snprintf(name, sizeof(name), "%s", finding.word->name);
	blamed = finding.word ? name : NULL;
	cmdline_free(&cmdline);
	return state;
}

static const struct iommu on = { .unit = "dmar0", .unit_count = 1, .dmar_table = true, .sysfs_found = true };
static const struct iommu off = { .dmar_table = true, .sysfs_found = true };

static void on_is_on(void **state)
{
	(void)state;
	assert_equal(judge(&on, ""), IOMMU_ON);
	assert_string_equal(text, "on (dmar0)");
	// What is there counts, not what was asked for: the platform may have forced it.
	assert_equal(judge(&on, "intel_iommu=off"), IOMMU_ON);

	struct iommu two = on;
	two.unit_count = 2;
	assert_equal(judge(&two, ""), IOMMU_ON);
	assert_string_equal(text, "on (dmar0 and others)");

	const struct iommu amd = { .unit = "ivhd0", .unit_count = 1, .sysfs_found = true };
	assert_equal(judge(&amd, ""), IOMMU_ON);
}

static void of_amd(void **state)
{
	(void)state;
	const struct iommu there = { .amd = true, .ivrs_table = true, .sysfs_found = true };
	const struct iommu none = { .amd = true, .sysfs_found = true };
	assert_equal(judge(&there, "intel_iommu=on"), IOMMU_REFUSED);
	assert_equal(cause, CAUSE_IOMMU_AMD_NOT_ENABLED);
	assert_equal(judge(&there, "amd_iommu=fullflush,off iommu=pt"), IOMMU_OFF_BY_PARAMETER);
	assert_string_equal(blamed, "amd_iommu");
	assert_equal(cause, CAUSE_IOMMU_AMD_OFF_BY_WORD);
	assert_equal(judge(&there, "iommu=off"), IOMMU_OFF_BY_PARAMETER);
	assert_string_equal(blamed, "iommu");
	assert_equal(judge(&there, "intel_iommu=off -- amd_iommu=off"), IOMMU_REFUSED);
	assert_equal(judge(&none, "amd_iommu=off"), IOMMU_ABSENT);
	assert_equal(cause, CAUSE_IOMMU_NO_IVRS);
	assert_null(blamed);
}

static void switched_off(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		enum iommu_state state;
		const char *says;
	} cases[] = {
		{ "intel_iommu=off", IOMMU_OFF_BY_PARAMETER, "'intel_iommu=off'" },
		{ "intel-iommu=off", IOMMU_OFF_BY_PARAMETER, "'intel-iommu=off'" },
		{ "intel_iommu=igfx_off", IOMMU_OFF_BY_DEFAULT, "add intel_iommu=on" },
		{ "intel_iommu=sm_off", IOMMU_OFF_BY_DEFAULT, "add intel_iommu=on" },
		{ "intel_iommu=on,off", IOMMU_OFF_BY_PARAMETER, "'intel_iommu=on,off'" },
		{ "intel_iommu=off,on", IOMMU_REFUSED, "dmesg" },
		{ "intel_iommu=igfx_off,off", IOMMU_OFF_BY_PARAMETER, "'intel_iommu=igfx_off,off'" },
		{ "intel_iommu=off intel_iommu=on", IOMMU_REFUSED, "dmesg" },
		{ "intel_iommu=on intel_iommu=off", IOMMU_OFF_BY_PARAMETER, "'intel_iommu=off'" },
		{ "intel_iommu=off intel_iommu=igfx_off", IOMMU_OFF_BY_PARAMETER, "'intel_iommu=off'" },
		{ "intel_iommu=on intel_iommu=sm_on", IOMMU_REFUSED, "dmesg" },
		{ "intel_iommu=", IOMMU_OFF_BY_DEFAULT, "supports VT-d" },
		{ "intel_iommu", IOMMU_OFF_BY_DEFAULT, "supports VT-d" },
		{ "iommu=off", IOMMU_OFF_BY_PARAMETER, "'iommu=off'" },
		{ "iommu=pt,off", IOMMU_OFF_BY_PARAMETER, "'iommu=pt,off'" },
		{ "iommu=off iommu=on", IOMMU_OFF_BY_PARAMETER, "'iommu=off'" }, // cannot be taken back
		{ "iommu=pt", IOMMU_OFF_BY_DEFAULT, "add intel_iommu=on" },
		{ "quiet -- intel_iommu=off iommu=off", IOMMU_OFF_BY_DEFAULT, "add intel_iommu=on" },
		{ "", IOMMU_OFF_BY_DEFAULT, "add intel_iommu=on" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_equal(judge(&off, cases[i].words), cases[i].state);
		assert_has(text, cases[i].says);
		assert_equal(blamed != NULL,
			     cases[i].state == IOMMU_OFF_BY_PARAMETER || cause == CAUSE_IOMMU_WORD_WRONG);
	}
}

static void not_there(void **state)
{
	(void)state;
	const struct iommu absent = { .sysfs_found = true };
	assert_equal(judge(&absent, ""), IOMMU_ABSENT);
	assert_has(text, "no DMAR table");
	assert_has(text, "firmware setup");
	assert_equal(judge(&absent, "intel_iommu=on"), IOMMU_ABSENT);

	const struct iommu unknown = { 0 };
	assert_equal(judge(&unknown, ""), IOMMU_UNKNOWN);
	assert_has(text, "/sys is not mounted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_is_on),
		cmocka_unit_test(of_amd),
		cmocka_unit_test(switched_off),
		cmocka_unit_test(not_there),
	};
	return run_group(tests);
}
