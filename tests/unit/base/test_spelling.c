// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/spelling.h"

static void the_same(void **state)
{
	(void)state;
	assert_true(spelling_is_same("enable_gvt", "enable_gvt"));
	assert_true(spelling_is_same("Enable-GVT", "enable_gvt"));
	assert_true(spelling_is_same("", ""));
	assert_false(spelling_is_same("enable_gv", "enable_gvt"));
	assert_false(spelling_is_same("enable_gvt", "enable_gv"));
}

static void one_letter_from_it(void **state)
{
	(void)state;
	static const char *const typos[] = { "enable_gv",   "enable_gvtt", "enable_gvx", "enabel_gvt",
					     "xenable_gvt", "nable_gvt",   "Enable-GTV" };
	static const char *const others[] = { "enable_gvt",   "Enable-Gvt", "enable_guc", "able_gvt",
					      "enable_gvtxx", "",           "gvt" };
	for (size_t i = 0; i < ARRAY_SIZE(typos); i++)
		assert_true(spelling_is_typo(typos[i], "enable_gvt"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(spelling_is_typo(others[i], "enable_gvt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same),
		cmocka_unit_test(one_letter_from_it),
	};
	return run_group(tests);
}
