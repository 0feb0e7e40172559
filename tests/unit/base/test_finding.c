// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/finding.h"

static struct finding finding, other;

static void values(void **state)
{
	(void)state;
	finding_make(&finding, "gpu-taken", SEVERITY_WARNING, CAUSE_GPU_BOUND);
	finding_value(&finding, VALUE_ADDRESS, "%04x:00", 0);
	finding_value(&finding, VALUE_DRIVER, "%s", "");
	finding_flag(&finding, VALUE_MORE, true);
	finding_flag(&finding, VALUE_QM, false);
	finding_part(&finding, VALUE_GIVER, PART_BY_WORD);
	assert_string_equal(finding_get(&finding, VALUE_ADDRESS), "0000:00");
	assert_false(finding_has(&finding, VALUE_DRIVER));
	assert_string_equal(finding_get(&finding, VALUE_DRIVER), "");
	assert_true(finding_has(&finding, VALUE_MORE));
	assert_false(finding_has(&finding, VALUE_QM));
	assert_equal(finding_part_of(&finding, VALUE_GIVER), PART_BY_WORD);
	assert_equal(finding_part_of(&finding, VALUE_ADDRESS), CAUSE_NONE);
	assert_string_equal(finding_get(&finding, VALUE_GIVER), "");
}

// What lies in a part is not the finding's own.
static void inner(void **state)
{
	(void)state;
	struct finding_record record;
	finding_make(&finding, "x", SEVERITY_OK, CAUSE_XEN);
	finding_open(&finding, VALUE_SOURCE, PART_BY_WORD);
	finding_value(&finding, VALUE_FILE, "inner");
	finding_open(&finding, VALUE_LIST, PART_BY_MODPROBE);
	finding_close(&finding);
	finding_close(&finding);
	finding_value(&finding, VALUE_TYPE, "outer");
	assert_false(finding_has(&finding, VALUE_FILE));
	assert_string_equal(finding_get(&finding, VALUE_TYPE), "outer");
	const char *at = finding.values;
	assert_true(finding_next_record(&at, at + finding.used, &record));
	assert_equal(record.part, PART_BY_WORD);
	assert_true(finding_next_record(&record.inner, record.inner_end, &record));
	assert_string_equal(record.text, "inner");
}

static void steps_go(void **state)
{
	(void)state;
	finding_make(&finding, "x", SEVERITY_OK, CAUSE_XEN);
	finding_open_step(&finding, JOINT_AND, CAUSE_GPU_BOUND);
	finding_value(&finding, VALUE_FILE, "a");
	finding_close(&finding);
	finding_value(&finding, VALUE_TYPE, "stays");
	finding_step(&finding, JOINT_AND, CAUSE_GPU_BOUND);
	finding_step(&finding, JOINT_AND, CAUSE_GPU_BOUND);
	assert_true(finding_has(&finding, VALUE_FIX));
	finding_wrap(&finding, "y", CAUSE_GPU_ABLE);
	assert_true(finding_has(&finding, VALUE_FIX));
	finding_drop_fix(&finding);
	assert_false(finding_has(&finding, VALUE_FIX));
	assert_string_equal(finding_get(&finding, VALUE_TYPE), "stays");
	assert_equal(finding_part_of(&finding, VALUE_BECAUSE), CAUSE_XEN);
	assert_equal(finding.cause, CAUSE_GPU_ABLE);
	assert_string_equal(finding.name, "y");
}

static void equal(void **state)
{
	(void)state;
	finding_make(&finding, "x", SEVERITY_OK, CAUSE_XEN);
	finding_make(&other, "x", SEVERITY_WARNING, CAUSE_XEN);
	assert_true(finding_equal(&finding, &other));
	finding_value(&finding, VALUE_TYPE, "a");
	assert_false(finding_equal(&finding, &other));
	finding_value(&other, VALUE_TYPE, "b");
	assert_false(finding_equal(&finding, &other));
}

// Nothing behind what was cut is there, whatever was open is closed, and all of it can be gone through.
static void too_long(void **state)
{
	(void)state;
	char text[2 * VALUES_SIZE];
	struct finding_record record;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	finding_make(&finding, "x", SEVERITY_OK, CAUSE_XEN);
	finding_open(&finding, VALUE_SOURCE, PART_BY_WORD);
	finding_value(&finding, VALUE_FILE, "%s", text);
	finding_open(&finding, VALUE_LIST, PART_BY_WORD);
	finding_value(&finding, VALUE_TYPE, "b");
	finding_close(&finding);
	finding_close(&finding);
	finding_value(&finding, VALUE_UNIT, "c");
	finding_part(&finding, VALUE_GIVER, PART_BY_WORD);
	assert_true(finding.used <= sizeof(finding.values));
	assert_false(finding_has(&finding, VALUE_UNIT));
	assert_false(finding_has(&finding, VALUE_GIVER));
	const char *at = finding.values, *end = at + finding.used;
	assert_true(finding_next_record(&at, end, &record));
	assert_false(finding_next_record(&at, end, &(struct finding_record){ .value = VALUE_NONE }));
	assert_true(finding_next_record(&record.inner, record.inner_end, &record));
	assert_true(strlen(record.text) > VALUES_SIZE - 40);

	finding_make(&finding, "x", SEVERITY_OK, CAUSE_XEN);
	for (size_t i = 0; i < 2 * VALUES_SIZE; i++)
		finding_open(&finding, VALUE_LIST, PART_BY_WORD);
	for (size_t i = 0; i < 2 * VALUES_SIZE; i++)
		finding_close(&finding);
	assert_true(finding.used <= sizeof(finding.values));
	assert_true(finding_has(&finding, VALUE_LIST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values), cmocka_unit_test(inner),    cmocka_unit_test(steps_go),
		cmocka_unit_test(equal),  cmocka_unit_test(too_long),
	};
	return run_group(tests);
}
