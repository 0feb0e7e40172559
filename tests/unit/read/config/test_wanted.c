// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/config/wanted.h"

#define UUID "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"

static void uuids(void **state)
{
	(void)state;
	char uuid[UUID_SIZE];
	assert_int_equal(wanted_parse_uuid(UUID, uuid), 0);
	assert_string_equal(uuid, UUID);
	assert_int_equal(wanted_parse_uuid("5E1F0B52-6B0C-4C55-9D3E-1F6A7C2B9A01", uuid), 0);
	assert_string_equal(uuid, UUID);
	assert_int_equal(wanted_parse_uuid("00000001-0000-0000-0000-000000008006", uuid), 0);

	static const char *const bad[] = {
		"",
		"1",
		"5e1f0b526b0c4c559d3e1f6a7c2b9a01",
		UUID " ",
		" " UUID,
		UUID "/..",
		"5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a0",
		"5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a0g",
		"../f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01",
		"5e1f0b52/6b0c-4c55-9d3e-1f6a7c2b9a01",
		"5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a0\n",
		"{5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a}",
		"0x1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01",
		"5e1f0b52-6b0c-4c55-9d3e- 1f6a7c2b9a0",
		"5e1f0b52-6b0c-4c55-9d3e-+1f6a7c2b9a0",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(wanted_parse_uuid(bad[i], uuid), -EINVAL);
}

static void types(void **state)
{
	(void)state;
	char type[TYPE_NAME_SIZE];
	assert_int_equal(wanted_parse_type("i915-GVTg_V5_4", type), 0);
	assert_string_equal(type, "i915-GVTg_V5_4");
	assert_int_equal(wanted_parse_type("mtty-2", type), 0);

	static const char *const bad[] = { "",   ".",  "..",  "../x",      "a/b", "/a",  "a.b",  "a b",
					   "-a", "_a", "a\n", "a\xc3\xa4", "a*",  "a%s", "a\x01" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(wanted_parse_type(bad[i], type), -EINVAL);

	char longest[TYPE_NAME_SIZE + 1];
	memset(longest, 'a', sizeof(longest));
	longest[TYPE_NAME_SIZE] = '\0';
	assert_int_equal(wanted_parse_type(longest, type), -EINVAL);
	longest[TYPE_NAME_SIZE - 1] = '\0';
	assert_int_equal(wanted_parse_type(longest, type), 0);
	assert_string_equal(type, longest);
}

static void parents(void **state)
{
	(void)state;
	static const struct {
		const char *text, *normal;
	} good[] = {
		{ "0000:00:02.0", "0000:00:02.0" }, { "00:02.0", "0000:00:02.0" },
		{ "0000:AF:1f.7", "0000:af:1f.7" }, { "10000:00:02.0", "10000:00:02.0" },
		{ "fffffff:ff:1f.7", "" },          { "ABCDE:00:02.0", "abcde:00:02.0" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char parent[PCI_ADDRESS_SIZE];
		if (!good[i].normal[0]) {
			assert_int_equal(wanted_parse_parent(good[i].text, parent), 0); // the longest that fits
			continue;
		}
		assert_int_equal(wanted_parse_parent(good[i].text, parent), 0);
		assert_string_equal(parent, good[i].normal);
	}

	static const char *const bad[] = {
		"",
		"00:02",
		"0:02.0",
		"00:2.0",
		"00:02.8",
		"00:20.0",
		"000:00:02.0",
		"0000:00:02.0 ",
		" 0000:00:02.0",
		"0000:00:02.0/..",
		"../../00:02.0",
		"0000-00-02.0",
		"0000:00:02.0x",
		"g000:00:02.0",
		"123456789:00:02.0",
		"0000:000:02.0",
		"0000:00:02.00",
		"0000:00:02:0",
		"12345678:00:02.0", // a domain that long does not fit into an address here
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char parent[PCI_ADDRESS_SIZE];
		if (wanted_parse_parent(bad[i], parent) == 0) {
			print_error("'%s' passes as '%s'\n", bad[i], parent);
			fail();
		}
	}
}

static void guests(void **state)
{
	(void)state;
	char uuid[UUID_SIZE];
	wanted_guest_uuid(8006, 1, uuid);
	assert_string_equal(uuid, "00000001-0000-0000-0000-000000008006");
	wanted_guest_uuid(100, 0, uuid);
	assert_string_equal(uuid, "00000000-0000-0000-0000-000000000100");
	wanted_guest_uuid(999999999, 15, uuid);
	assert_string_equal(uuid, "00000015-0000-0000-0000-000999999999");
	char again[UUID_SIZE];
	assert_int_equal(wanted_parse_uuid(uuid, again), 0);
}

static void adding(void **state)
{
	(void)state;
	struct wanted_list list = { 0 };
	const struct wanted *other = NULL;
	for (unsigned i = 0; i < WANTED_MAX; i++) {
		struct wanted item = { .type = "i915-GVTg_V5_4" };
		wanted_guest_uuid(100 + i, 0, item.uuid);
		assert_int_equal(wanted_add(&list, &item, &other), 0);
	}
	struct wanted item = { .source = "again" };
	wanted_guest_uuid(101, 0, item.uuid);
	assert_int_equal(wanted_add(&list, &item, &other), -EEXIST);
	assert_ptr_equal(other, &list.items[1]);
	wanted_guest_uuid(99, 0, item.uuid);
	assert_int_equal(wanted_add(&list, &item, &other), -ENOSPC);
	assert_int_equal(list.count, WANTED_MAX);
	assert_string_equal(list.items[0].uuid, "00000000-0000-0000-0000-000000000100");
	wanted_free(&list);
	assert_int_equal(list.count, 0);
	wanted_free(&list);
}

static void devices(void **state)
{
	(void)state;
	char device[PCI_ADDRESS_SIZE];
	assert_int_equal(wanted_parse_device("00:02.0", device), 0);
	assert_string_equal(device, "0000:00:02.0");
	assert_int_equal(wanted_parse_device("00:02", device), 0);
	assert_string_equal(device, "0000:00:02");
	assert_int_equal(wanted_parse_device("10000:AF:02", device), 0);
	assert_string_equal(device, "10000:af:02");
	static const char *const bad[] = { "",         "02",         "00:02.", "00:02.8", "../x", "0000:00:02.0.0",
					   "00:02.0 ", "a:b:c:d:e:f" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(wanted_parse_device(bad[i], device), -EINVAL);

	assert_true(wanted_device_has("0000:00:02.0", "0000:00:02.0"));
	assert_true(wanted_device_has("0000:00:02", "0000:00:02.7"));
	assert_false(wanted_device_has("0000:00:02.1", "0000:00:02.0"));
	assert_false(wanted_device_has("0000:00:02.0", "0000:00:02"));
	assert_false(wanted_device_has("0000:00:02.0", "0000:00:02.0.1"));
	assert_false(wanted_device_has("0000:00:02", "10000:00:02.0"));
}

static void guests_back(void **state)
{
	(void)state;
	unsigned vmid, index;
	assert_true(wanted_is_guest("00000001-0000-0000-0000-000000008006", &vmid, &index));
	assert_int_equal(vmid, 8006);
	assert_int_equal(index, 1);
	assert_true(wanted_is_guest("00000015-0000-0000-0000-000999999999", &vmid, &index));
	assert_int_equal(vmid, 999999999);
	assert_int_equal(index, 15);
	static const char *const others[] = { "",
					      UUID,
					      "00000016-0000-0000-0000-000000000100",
					      "00000000-0000-0000-0000-000000000099",
					      "00000000-0000-0000-0000-001000000000",
					      "00000000-0000-0000-0001-000000000100",
					      "0000000a-0000-0000-0000-000000000100",
					      "00000000-0000-0000-0000-00000000010a" };
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(wanted_is_guest(others[i], &vmid, &index));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids),       cmocka_unit_test(types),  cmocka_unit_test(parents),
		cmocka_unit_test(guests),      cmocka_unit_test(adding), cmocka_unit_test(devices),
		cmocka_unit_test(guests_back),
	};
	return run_group(tests);
}
