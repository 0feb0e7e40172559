// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/boot/run_journal.h"

#define OLD    "\"state\": \"running\", \"started_us\": 7, \"steps\": [{\"name\": \"a\"}]"
#define LINE_B "{\"started_us\": 7, \"from\": 1, \"steps\": [{\"name\": \"b\"}], \"current\": {\"name\": \"c\"}}\n"

static json_t *report;

static int teardown(void **state)
{
	(void)state;
	json_decref(report);
	report = NULL;
	return 0;
}

static void assert_steps(const char *expected)
{
	char got[64] = "";
	size_t i;
	json_t *step;
	assert_non_null(report);
	json_array_foreach(json_object_get(report, "steps"), i, step)
	{
		strcat(got, json_string_value(json_object_get(step, "name")));
	}
	assert_string_equal(got, expected);
}

static void names_of_files(void **state)
{
	(void)state;
	char file[RUN_JOURNAL_FILE_SIZE];
	run_journal_file(COMMAND_BOOT, file);
	assert_string_equal(file, "gvt-early/steps-boot");
	run_journal_file(RUN_GUEST "999999999", file);
	assert_string_equal(file, "gvt-early/steps-guest-999999999");
}

// A line that is met twice changes nothing more.
static void lines_behind_a_report(void **state)
{
	(void)state;
	report = run_journal_parse("{" OLD "}\n" LINE_B "\n" LINE_B
				   "{\"started_us\": 7, \"from\": 2, \"steps\": [{\"na");
	assert_steps("ab");
	assert_string_equal(json_string_value(json_object_get(json_object_get(report, "current"), "name")), "c");
	run_journal_apply(report, "{\"started_us\": 7, \"from\": 2, \"steps\": [{\"name\": \"c\"}], \"gpu\": \"x\"}\n");
	assert_steps("abc");
	assert_null(json_object_get(report, "current"));
	assert_null(json_object_get(report, "from"));
	assert_string_equal(json_string_value(json_object_get(report, "gpu")), "x");
}

// Whoever has closed a report knew the lines.
static void a_closed_report(void **state)
{
	(void)state;
	report = run_journal_parse(
		"{\"started_us\": 7, \"state\": \"gave-up\", \"steps\": [{\"name\": \"z\"}]}\n" LINE_B);
	assert_steps("z");
	assert_null(json_object_get(report, "current"));
}

static void of_another_run(void **state)
{
	(void)state;
	report = run_journal_parse("{" OLD "}\n{\"started_us\": 8, \"from\": 0, \"steps\": []}\n");
	assert_steps("a");
}

static void no_report(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "[]\n" LINE_B, "{", "\"text\"" };
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(run_journal_parse(texts[i]));
	report = run_journal_parse("{\"state\": \"running\", \"started_us\": 7}\n" LINE_B);
	assert_non_null(report); // it has no list that steps could be added to
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(names_of_files, teardown),
		cmocka_unit_test_teardown(lines_behind_a_report, teardown),
		cmocka_unit_test_teardown(a_closed_report, teardown),
		cmocka_unit_test_teardown(of_another_run, teardown),
		cmocka_unit_test_teardown(no_report, teardown),
	};
	return run_group(tests);
}
