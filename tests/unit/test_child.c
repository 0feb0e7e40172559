// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <signal.h>

#include "child.h"
#include "clock.h"

static int give(void *data)
{
	return *(int *)data;
}

static int crash(void *data)
{
	(void)data;
	(void)signal(SIGTERM, SIG_DFL);
	return raise(SIGTERM);
}

static int hang(void *data)
{
	(void)data;
	while (pause() < 0)
		;
	return 0;
}

// Nobody who reads our output waits for a child that hangs.
static int look_at_output(void *data)
{
	struct stat ours, null;
	(void)data;
	for (int fd = 0; fd <= 2; fd++)
		if (fstat(fd, &ours) < 0 || stat("/dev/null", &null) < 0 || ours.st_rdev != null.st_rdev)
			return 1;
	return 0;
}

static uint64_t in_ms(unsigned ms)
{
	return clock_now_us() + ms * USEC_PER_MSEC;
}

static void results(void **state)
{
	(void)state;
	for (int code = 0; code < 3; code++)
		assert_int_equal(child_run(give, &code, in_ms(5000)), code);
	assert_int_equal(child_run(crash, NULL, in_ms(5000)), -EIO);
	assert_int_equal(child_run(look_at_output, NULL, in_ms(5000)), 0);
}

static void too_late(void **state)
{
	(void)state;
	uint64_t started = clock_now_us();
	assert_int_equal(child_run(hang, NULL, in_ms(200)), -ETIMEDOUT);
	uint64_t took = clock_now_us() - started;
	assert_true(took >= 190 * USEC_PER_MSEC && took < 3000 * USEC_PER_MSEC);
}

struct shared {
	int first, second;
	bool hangs;
};

static int write_both(void *data)
{
	struct shared *shared = data;
	shared->first = 1;
	while (shared->hangs)
		(void)pause();
	shared->second = 2;
	return 3;
}

// What was written is there; of a child that hangs, what it had written before.
static void shared_data(void **state)
{
	(void)state;
	struct shared whole = { .second = 7 }, part = { .second = 7, .hangs = true };
	assert_int_equal(child_run_shared(write_both, &whole, sizeof(whole), in_ms(5000)), 3);
	assert_int_equal(whole.first, 1);
	assert_int_equal(whole.second, 2);
	assert_int_equal(child_run_shared(write_both, &part, sizeof(part), in_ms(1000)), -ETIMEDOUT);
	assert_int_equal(part.first, 1);
	assert_int_equal(part.second, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(too_late),
		cmocka_unit_test(shared_data),
	};
	return run_group(tests);
}
