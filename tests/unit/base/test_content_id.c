// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/content_id.h"

static void names_of_contents(void **state)
{
	(void)state;
	char one[CONTENT_ID_SIZE], other[CONTENT_ID_SIZE];
	content_id("a", 1, one);
	assert_int_equal(one[14], '5'); // of the SHA-1 kind
	content_id("a", 1, other);
	assert_string_equal(one, other);
	content_id("a\0", 2, other);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_contents),
	};
	return run_group(tests);
}
