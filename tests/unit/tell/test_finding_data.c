// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "tell/finding_data.h"

static struct finding finding;

static void assert_data(const char *wanted)
{
	json_t *object = json_object();
	finding_add_data(object, &finding);
	char *text = json_dumps(object, JSON_COMPACT);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(object);
}

static void values(void **state)
{
	(void)state;
	finding_make(&finding, "gpu-taken", SEVERITY_FAILED, CAUSE_GPU_BOUND);
	finding_value(&finding, VALUE_ADDRESS, "A");
	finding_part(&finding, VALUE_GIVER, PART_BY_WORD);
	finding.error = EACCES;
	assert_data(
		"{\"cause\":\"gpu-bound\",\"errno\":\"EACCES\",\"values\":{\"address\":\"A\",\"giver\":\"kernel-command-line\"},"
		"\"steps\":[]}");
}

static void lists_parts_and_steps(void **state)
{
	(void)state;
	finding_make(&finding, "x", SEVERITY_FAILED, CAUSE_XEN);
	for (int i = 1; i <= 3; i++)
		finding_value(&finding, VALUE_GUESTS, "%d", i);
	finding_open(&finding, VALUE_BY, PART_OPTION_ON);
	finding_value(&finding, VALUE_PLACE, "F:1");
	finding_close(&finding);
	finding_open_step(&finding, JOINT_NONE, FIX_RUN);
	finding_value(&finding, VALUE_COMMAND, "update-grub");
	finding_close(&finding);
	finding_step(&finding, JOINT_AND, FIX_REBOOT);
	assert_data(
		"{\"cause\":\"below-xen\",\"values\":{\"guests\":[\"1\",\"2\",\"3\"],\"by\":{\"is\":\"option-on\",\"place\":\"F:1\"}},"
		"\"steps\":[{\"step\":\"run\",\"command\":\"update-grub\"},{\"step\":\"reboot\"}]}");
}

// A value that is no UTF-8 does not take the object with it.
static void strange_bytes(void **state)
{
	(void)state;
	finding_make(&finding, "x", SEVERITY_FAILED, CAUSE_XEN);
	finding_value(&finding, VALUE_FILE, "\xff");
	assert_data("{\"cause\":\"below-xen\",\"values\":{\"file\":\"?\"},\"steps\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(lists_parts_and_steps),
		cmocka_unit_test(strange_bytes),
	};
	return run_group(tests);
}
