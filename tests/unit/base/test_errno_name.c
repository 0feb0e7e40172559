// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <errno.h>
#include <limits.h>

#include "base/errno_name.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(errno_name(ENOENT), "ENOENT");
	assert_string_equal(errno_name(EPERM), "EPERM");
	assert_string_equal(errno_name(EAGAIN), "EAGAIN"); // and not its other name, EWOULDBLOCK
	assert_string_equal(errno_name(EHWPOISON), "EHWPOISON");
}

static void test_none(void **state)
{
	(void)state;
	static const int numbers[] = {
		0, -1, -ENOENT, 41, EHWPOISON + 1, 524, 4096, INT_MAX, INT_MIN
	}; // Linux has no 41
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_string_equal(errno_name(numbers[i]), "EUNKNOWN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
