// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/snapshot_difference.h"
#include "tell/words.h"

#define ONE "[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]\ntype = i915-GVTg_V5_4\n"

static struct config had, today;
static struct host host;
static char text[600];

static unsigned compare(const char *before, const char *now)
{
	config_init(&had);
	config_init(&today);
	assert_int_equal(config_parse(&had, "a", before, strlen(before), true), 0);
	assert_int_equal(config_parse(&today, "b", now, strlen(now), true), 0);
	struct finding finding;
	finding_make(&finding, "initrd-stale", SEVERITY_WARNING, CAUSE_SNAPSHOT_OLD);
	unsigned count = snapshot_difference(&had, &today, &host, &finding);
	assert_equal(count > 0, finding_has(&finding, VALUE_DIFFERENCES));
	finding_seen(&finding, text, sizeof(text));
	config_free(&had);
	config_free(&today);
	return count;
}

static void differences(void **state)
{
	(void)state;
	assert_int_equal(compare(ONE, ONE), 0);
	// Where an entry stands does not count.
	assert_int_equal(compare(ONE "source = /etc/a:1\n", ONE "source = /etc/b:2\n"), 0);
	assert_int_equal(compare("", ONE), 1);
	assert_has(text, "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 (/b:2) is not in it");
	assert_int_equal(compare(ONE, ""), 1);
	assert_has(text, "is no longer wanted");
	assert_int_equal(compare(ONE, "[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]\ntype = i915-GVTg_V5_8\n"), 1);
	assert_has(text, "is i915-GVTg_V5_4 in it, now i915-GVTg_V5_8");
	assert_int_equal(compare(ONE, ONE "parent = 01:00.0\n"), 1);
	assert_has(text, "another parent");
	assert_int_equal(compare("[settings]\ndeadline = 20\n", "[settings]\ndeadline = 30\nmodules = vfio\n"), 2);
	assert_has(text, "its deadline is 20 s, now 30 s, it has another list of modules");
}

static void many(void **state)
{
	(void)state;
	char all[2048] = "";
	for (unsigned i = 0; i < 9; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all),
			 "[instance 00000000-0000-4000-8000-00000000000%u]\ntype = i915-GVTg_V5_8\n", i);
	assert_int_equal(compare("", all), 9);
	assert_has(text, "00000003 (/b");
	assert_lacks(text, "00000004 (/b");
	assert_has(text, "is not in it and 5 more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences),
		cmocka_unit_test(many),
	};
	return run_group(tests);
}
