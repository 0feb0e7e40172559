// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/config/sriov_wish.h"

static struct sriov_wish_list list;

static const struct sriov_wish *add(const char *device, int result)
{
	struct sriov_wish wish = { .vfs = (unsigned)list.count + 1 };
	const struct sriov_wish *other = NULL;
	strcpy(wish.device, device);
	assert_int_equal(sriov_wish_add(&list, &wish, &other), result);
	return other;
}

static void adding(void **state)
{
	(void)state;
	list.count = 0;
	add("", 0);
	add("0000:03:00.0", 0);
	assert_ptr_equal(add("", -EEXIST), &list.items[0]);
	assert_ptr_equal(add("0000:03:00.0", -EEXIST), &list.items[1]);
	for (unsigned i = 2; i < SRIOV_WISHES_MAX; i++) {
		char device[PCI_ADDRESS_SIZE];
		snprintf(device, sizeof(device), "0000:1%x:00.0", i & 15);
		add(device, 0);
	}
	add("0000:20:00.0", -ENOSPC);
	assert_int_equal(list.count, SRIOV_WISHES_MAX);
}

static void choosing(void **state)
{
	(void)state;
	list.count = 0;
	assert_ptr_equal(sriov_wish_for(&list, "0000:00:02.0", true), &sriov_wish_default);
	assert_true(sriov_wish_default.fair && sriov_wish_default.vfs == 0 && sriov_wish_default.host == 0);
	add("", 0);
	add("0000:03:00.0", 0);
	assert_ptr_equal(sriov_wish_for(&list, "0000:00:02.0", true), &list.items[0]);
	assert_ptr_equal(sriov_wish_for(&list, "0000:00:02.0", false), &sriov_wish_default);
	assert_ptr_equal(sriov_wish_for(&list, "0000:03:00.0", true), &list.items[1]);
	assert_ptr_equal(sriov_wish_for(&list, "0000:03:00.0", false), &list.items[1]);
	assert_ptr_equal(sriov_wish_for(&list, "0000:04:00.0", false), &sriov_wish_default);
}

static void counting(void **state)
{
	(void)state;
	struct sriov_wish wish = { .vfs = 0 };
	assert_int_equal(sriov_wish_count(&wish), 0);
	wish.vfs = 3;
	assert_int_equal(sriov_wish_count(&wish), 3);
	wish.host = 0x2; // VF 2
	assert_int_equal(sriov_wish_count(&wish), 3);
	wish.host = 0x40; // VF 7
	assert_int_equal(sriov_wish_count(&wish), 7);
	wish.host = UINT64_MAX;
	assert_int_equal(sriov_wish_count(&wish), 64);
	wish.host = 0x5;
	assert_true(sriov_wish_keeps(&wish, 1) && !sriov_wish_keeps(&wish, 2) && sriov_wish_keeps(&wish, 3));
	assert_false(sriov_wish_keeps(&wish, 0) || sriov_wish_keeps(&wish, 65));
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int result;
		uint64_t bits;
	} cases[] = {
		{ "", 0, 0 },
		{ " , ", 0, 0 },
		{ "1", 0, 1 },
		{ "3, 4", 0, 0xc },
		{ "3,4,3\t64", 0, 0x800000000000000c },
		{ "0", -ERANGE, 0 },
		{ "1 65", -ERANGE, 0 },
		{ "1 -2", -EINVAL, 0 },
		{ "1-3", -EINVAL, 0 },
		{ "0x2", -EINVAL, 0 },
		{ "1;2", -EINVAL, 0 },
		{ "99999999999999999999", -EINVAL, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bits = 0;
		assert_int_equal(sriov_wish_parse_numbers(cases[i].text, &bits), cases[i].result);
		assert_int_equal(bits, cases[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adding),
		cmocka_unit_test(choosing),
		cmocka_unit_test(counting),
		cmocka_unit_test(numbers),
	};
	return run_group(tests);
}
