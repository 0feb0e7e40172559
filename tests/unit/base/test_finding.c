// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/finding.h"

static struct finding finding;
static char seen[TEXT_SIZE];

static void with_cure(void **state)
{
	(void)state;
	finding_set(&finding, "iommu-off", SEVERITY_WARNING, "off by '%s'" CURE "remove %s", "x", "it");
	assert_string_equal(finding.text, "off by 'x'; remove it");
	finding_seen(&finding, seen, sizeof(seen));
	assert_string_equal(seen, "off by 'x'");
	assert_string_equal(finding_cure(&finding), "remove it");
}

static void without(void **state)
{
	(void)state;
	finding_set(&finding, "gpu", SEVERITY_OK, "fine; really");
	finding_seen(&finding, seen, sizeof(seen));
	assert_string_equal(seen, "fine; really");
	assert_string_equal(finding_cure(&finding), "");
}

static void too_long(void **state)
{
	(void)state;
	char text[2 * TEXT_SIZE];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	finding_set(&finding, "gpu", SEVERITY_OK, "%s" CURE "cure", text);
	assert_int_equal(strlen(finding.text), TEXT_SIZE - 1);
	assert_string_equal(finding_cure(&finding), "");
	finding_set(&finding, "gpu", SEVERITY_OK, "%.*s" CURE "cure", TEXT_SIZE - 3, text);
	assert_int_equal(strlen(finding.text), TEXT_SIZE - 1);
	assert_true(strlen(finding_cure(&finding)) <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_cure),
		cmocka_unit_test(without),
		cmocka_unit_test(too_long),
	};
	return run_group(tests);
}
