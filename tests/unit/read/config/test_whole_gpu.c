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
	claims.count = claims.more = 0;
	for (unsigned i = 0; i < CLAIMS_MAX + 8; i++)
		whole_gpu_add(&claims, "00:02.0;03:00", "/x:1");
	assert_int_equal(claims.count, CLAIMS_MAX);
	assert_int_equal(claims.more, CLAIMS_MAX + 16); // two for each
}

static void who_wants_it(void **state)
{
	(void)state;
	static const struct {
		const char *source;
		unsigned vmid;
	} sources[] = {
		{ "/etc/pve/nodes/pve/qemu-server/8006.conf:12", 8006 },
		{ "/etc/pve/qemu-server/100.conf:1", 100 },
		{ "/etc/pve/qemu-server/99.conf:1", 0 },
		{ "/etc/pve/qemu-server/x100.conf:1", 0 },
		{ "/etc/pve/qemu-server/9999999999.conf:1", 0 },
		{ "/etc/pve/qemu-server/100:1", 0 },
		{ "100.conf:1", 0 },
		{ "", 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		claims = (struct whole_gpu_list){ .count = 0 };
		whole_gpu_add(&claims, "00:02.1", sources[i].source);
		assert_int_equal(claims.items[0].vmid, sources[i].vmid);
		assert_string_equal(claims.items[0].source, sources[i].source);
	}
	claims.count = 0;
	whole_gpu_add_for(&claims, "00:02.1;00:02.2",
			  &(struct whole_gpu){ .vmid = 100, .index = 3, .boot = true, .mapping = "vf", .entry = 5 });
	for (size_t i = 0; i < 2; i++) {
		const struct whole_gpu *claim = &claims.items[i];
		assert_string_equal(claim->address, i ? "0000:00:02.2" : "0000:00:02.1");
		assert_true(claim->vmid == 100 && claim->index == 3 && claim->boot && claim->entry == 5);
		assert_string_equal(claim->mapping, "vf");
	}
}

static void virtual_functions(void **state)
{
	(void)state;
	static const char *const can[] = { "0000:00:02.1", "00:02.7",      "0000:03:00.1",
					   "0000:03:01.0", "0001:80:00.7", "10000:01:00.2" };
	static const char *const cannot[] = { "0000:00:02.0", "0000:00:02", "0000:00:1f.3", "00:00.1", "0000:03:00.0",
					      "0000:03:00",   "",           ".1",           "02.1" };
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		assert_true(whole_gpu_may_be_vf(can[i]) && whole_gpu_names_vf(can[i]));
	for (size_t i = 0; i < ARRAY_SIZE(cannot); i++)
		assert_false(whole_gpu_may_be_vf(cannot[i]) || whole_gpu_names_vf(cannot[i]));
	assert_true(whole_gpu_names_vf("0000:00:1f.3;0000:00:02.1"));
	assert_true(whole_gpu_names_vf("0000:00:02.1;0000:00:1f.3"));
	assert_false(whole_gpu_names_vf("0000:00:1f.3;0000:00:02.0"));
	assert_false(whole_gpu_names_vf("00000000000000000000000:02.1"));
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
		cmocka_unit_test(adding),       cmocka_unit_test(more_than_fit),     cmocka_unit_test(finding),
		cmocka_unit_test(who_wants_it), cmocka_unit_test(virtual_functions),
	};
	return run_group(tests);
}
