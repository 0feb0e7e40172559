// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/check/near_miss.h"

static struct near_miss miss;

static enum near_miss_kind find(const char *words, const char *name, const char *value)
{
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, words), 0);
	miss = (struct near_miss){ .kind = MISS_NONE };
	bool found = near_miss_find(&miss, &cmdline, name, value);
	cmdline_free(&cmdline);
	assert_equal(found, miss.kind != MISS_NONE);
	return miss.kind;
}

static void of_gvt(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		enum near_miss_kind kind;
	} cases[] = {
		{ "quiet enable_gvt=1", MISS_PREFIX },
		{ "enable-gvt=1", MISS_PREFIX },
		{ "enable_gtv=1", MISS_PREFIX },
		{ "enable_gvt", MISS_PREFIX },
		{ "enable_gvt=0", MISS_NONE },
		{ "kvmgt.enable_gvt=1", MISS_OTHER },
		{ "I915.enable_gvt=1", MISS_CAPITALS },
		{ "i915.Enable_GVT=Y", MISS_CAPITALS },
		{ "i915.enable_gtv=1", MISS_TYPO },
		{ "i915.enable_gv=1", MISS_TYPO },
		{ "i915.enable_gvtt=1", MISS_TYPO },
		{ "i195.enable_gvt=1", MISS_TYPO },
		{ "i915_enable_gvt=1", MISS_TYPO },
		{ "i915.enable_guc=1", MISS_NONE },
		{ "i915.enable_gvt=enable", MISS_VALUE },
		{ "i915.enable_gvt=", MISS_VALUE },
		{ "i915.enable_gvt=0", MISS_NONE },
		{ "quiet,i915.enable_gvt=1", MISS_INSIDE },
		{ "\"quiet i915.enable_gvt=1\"", MISS_INSIDE },
		{ "\xe2\x80\x9ci915.enable_gvt=1", MISS_QUOTES },
		{ "\xe2\x80\x9ci915.enable_gvt=1\xe2\x80\x9d", MISS_QUOTES },
		{ "xi915.enable_gvt=1", MISS_TYPO },
		{ "xyi915.enable_gvt=1", MISS_OTHER },
		{ "quiet -- i915.enable_gvt=1", MISS_FOR_INIT },
		{ "i915.enable_gvt=1", MISS_NONE },
		{ "i915.enable-gvt=1", MISS_NONE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (find(cases[i].words, "i915.enable_gvt", "1") != cases[i].kind)
			fail_msg("%s: %d", cases[i].words, (int)miss.kind);
}

static void of_iommu(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		enum near_miss_kind kind;
	} cases[] = {
		{ "Intel_iommu=On", MISS_CAPITALS },
		{ "intel_iommu=ON", MISS_CAPITALS },
		{ "intel_iommu on", MISS_BLANKS },
		{ "intel_iommu= on", MISS_BLANKS },
		{ "intel_iomu=on", MISS_TYPO },
		{ "inetl_iommu=on", MISS_TYPO },
		{ "intel_iommu = on", MISS_BLANKS },
		{ "intel_iommu =on", MISS_BLANKS },
		{ "intel_iommu quiet", MISS_NO_VALUE },
		{ "amd_iommu=on", MISS_NONE },
		{ "intel_iommu=off", MISS_NONE },
		{ "intel_iommu=igfx_off", MISS_NONE },
		{ "iommu=pt", MISS_NONE },
		{ "a=1,intel_iommu=on", MISS_INSIDE },
		{ "intel-iommu=on", MISS_NONE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (find(cases[i].words, "intel_iommu", "on") != cases[i].kind)
			fail_msg("%s: %d", cases[i].words, (int)miss.kind);
}

static void quoted(void **state)
{
	(void)state;
	find("enable_gvt=1", "i915.enable_gvt", "1");
	assert_string_equal(miss.word, "enable_gvt=1");
	assert_false(near_miss_is_quoted(&miss));
	find("quiet \"intel_iommu=on i915.enable_gvt=1\"", "i915.enable_gvt", "1");
	assert_true(near_miss_is_quoted(&miss));
	find("quiet,i915.enable_gvt=1", "i915.enable_gvt", "1");
	assert_false(near_miss_is_quoted(&miss));
}

// What is written in place of it is the same, whichever of its parts is asked for.
static void mended(void **state)
{
	(void)state;
	static const struct {
		const char *words, *right; // NULL: not known
	} cases[] = {
		{ "intel_iomu=on", "intel_iommu=on" },
		{ "quiet,intel_iommu=on,i915.enable_gvt=1", "quiet intel_iommu=on i915.enable_gvt=1" },
		{ "quiet,splash,intel_iommu=on", "quiet splash intel_iommu=on" },
		{ "video=efifb:off,vesafb:off,intel_iommu=on", "video=efifb:off,vesafb:off intel_iommu=on" },
		{ "i915.enable_gvt=1;intel_iommu=on", "i915.enable_gvt=1 intel_iommu=on" },
		{ "\xe2\x80\x9cintel_iommu=on\xe2\x80\x9d", "intel_iommu=on" },
		{ "quiet/intel_iommu=on", NULL },
		{ "intel_iommu = on", "intel_iommu=on" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char right[NEAR_MISS_RIGHT_SIZE];
		assert_int_not_equal(find(cases[i].words, "intel_iommu", "on"), MISS_NONE);
		assert_equal(near_miss_right(&miss, "intel_iommu=on", right, sizeof(right)), cases[i].right != NULL);
		if (cases[i].right)
			assert_string_equal(right, cases[i].right);
	}
	char right[NEAR_MISS_RIGHT_SIZE];
	assert_equal(find(cases[1].words, "i915.enable_gvt", "1"), MISS_INSIDE);
	assert_true(near_miss_right(&miss, "i915.enable_gvt=1", right, sizeof(right)));
	assert_string_equal(right, cases[1].right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_gvt),
		cmocka_unit_test(of_iommu),
		cmocka_unit_test(quoted),
		cmocka_unit_test(mended),
	};
	return run_group(tests);
}
