// SPDX-License-Identifier: GPL-2.0-or-later
// What is named beside the verdict.
#include "helper.h"

#include "decide/check/check.h"

static struct check check;

static void find(enum requirement requirement, const char *name)
{
	struct finding finding;
	check_begin(&finding, name, CAUSE_PROBLEM);
	check_take(&check, requirement, &finding);
}

static void start(void)
{
	check = (struct check){ .error = 0 };
	for (enum requirement i = 0; i < CHECKS; i++)
		check.order[i] = i;
}

static void assert_named(const char *const *names, size_t count)
{
	const char *found[CHECK_NAMES_MAX];
	assert_int_equal(check_causes(&check, found), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(found[i], names[i]);
	check_free(&check);
}

static void findings_as_grave_as_the_verdict(void **state)
{
	(void)state;
	static const char *const names[] = { "iommu-off", "mapping-wrong" };
	start();
	check.verdict = CHECK_FAILED;
	find(CHECK_IOMMU, "iommu-off");
	find(CHECK_GUESTS, "hostpci-ignored"); // a warning
	find(CHECK_GUESTS, "mapping-wrong");
	find(CHECK_INSTANCES, "iommu-off"); // named once
	assert_named(names, ARRAY_SIZE(names));
}

// A name may begin another one.
static void what_could_not_be_looked_at(void **state)
{
	(void)state;
	static const char *const names[] = { "gpu-free", "gpu" };
	start();
	check.verdict = CHECK_UNKNOWN;
	check.order[0] = CHECK_FREE;
	check.order[CHECK_FREE] = CHECK_SOURCES;
	check.order[1] = CHECK_GPU;
	check.order[CHECK_GPU] = CHECK_BOOT;
	check.items[CHECK_FREE].name = "gpu-free";
	check.items[CHECK_GPU].name = "gpu";
	check_is_unknown(&check, CHECK_FREE, CAUSE_MODPROBE_UNREAD);
	check_is_unknown(&check, CHECK_GPU, CAUSE_MODPROBE_UNREAD);
	assert_named(names, ARRAY_SIZE(names));
}

static void nothing(void **state)
{
	(void)state;
	start();
	assert_named(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_as_grave_as_the_verdict),
		cmocka_unit_test(what_could_not_be_looked_at),
		cmocka_unit_test(nothing),
	};
	return run_group(tests);
}
