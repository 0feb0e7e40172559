// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <limits.h>

#include "base/clock.h"

static void time_goes_on(void **state)
{
	(void)state;
	uint64_t before = clock_now_us();
	assert_true(before > 0);
	usleep(2000);
	uint64_t passed = clock_now_us() - before;
	assert_true(passed >= 2000);
}

static void what_is_left(void **state)
{
	(void)state;
	assert_int_equal(clock_left_ms(0), 0);
	assert_int_equal(clock_left_ms(clock_now_us()), 0);
	assert_int_equal(clock_left_ms(UINT64_MAX), INT_MAX);
	int left = clock_left_ms(clock_now_us() + 60 * USEC_PER_SEC);
	assert_true(left > 0 && left <= 60000);
}

// Rounded down, a wait for less than a millisecond would spin.
static void rounded_up(void **state)
{
	(void)state;
	int left;
	int tries = 1000;
	do
		left = clock_left_ms(clock_now_us() + 900);
	while (left == 0 && --tries > 0); // the test itself may have slept longer than that
	assert_int_equal(left, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_goes_on),
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(rounded_up),
	};
	return run_group(tests);
}
