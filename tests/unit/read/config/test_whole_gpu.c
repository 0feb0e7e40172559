// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/config/whole_gpu.h"

static struct whole_gpu_list claims;

static void adding(void **state)
{
	(void)state;
	claims.count = 0;
	whole_gpu_add(&claims, "00:02.0;0000:03:00;../x;;0000:04:00.9;10000:05:00.1", "/100.conf:2");
	assert_int_equal(claims.count, 3);
	assert_string_equal(claims.items[0].address, "0000:00:02.0");
	assert_string_equal(claims.items[0].source, "/100.conf:2");
	assert_string_equal(claims.items[1].address, "0000:03:00");
	assert_string_equal(claims.items[2].address, "10000:05:00.1");
	whole_gpu_add(&claims, "", "/101.conf:2");
	whole_gpu_add(&claims, "0000000000000000000000000:00:02.0", "/101.conf:2");
	assert_int_equal(claims.count, 3);
}

static void more_than_fit(void **state)
{
	(void)state;
	claims.count = 0;
	for (unsigned i = 0; i < CLAIMS_MAX + 8; i++)
		whole_gpu_add(&claims, "00:02.0;03:00", "/x:1");
	assert_int_equal(claims.count, CLAIMS_MAX);
}

static void finding(void **state)
{
	(void)state;
	claims.count = 0;
	whole_gpu_add(&claims, "0000:00:02;03:00.1", "/x:1");
	assert_ptr_equal(whole_gpu_on(&claims, "0000:00:02.0"), &claims.items[0]);
	assert_ptr_equal(whole_gpu_on(&claims, "0000:03:00.1"), &claims.items[1]);
	assert_null(whole_gpu_on(&claims, "0000:03:00.0"));
	assert_null(whole_gpu_on(&claims, "0001:00:02.0"));
	assert_null(whole_gpu_on(&claims, "10000:00:02.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding),
		cmocka_unit_test(more_than_fit),
		cmocka_unit_test(finding),
	};
	return run_group(tests);
}
