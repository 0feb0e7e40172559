// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "guests.h"

static struct claim_list claims;

static void parse(const char *text)
{
	claims.count = 0;
	guests_parse(&claims, "100.conf", text);
}

static void assert_claims(const char *text, const char *address)
{
	parse(text);
	if (claims.count != (address ? 1 : 0)) {
		print_error("%zu claims in: %s\n", claims.count, text);
		fail();
	}
	if (address)
		assert_string_equal(claims.items[0].address, address);
}

static void addresses(void **state)
{
	(void)state;
	char address[PCI_ADDRESS_SIZE];
	assert_int_equal(claim_parse_address("00:02.0", address), 0);
	assert_string_equal(address, "0000:00:02.0");
	assert_int_equal(claim_parse_address("00:02", address), 0);
	assert_string_equal(address, "0000:00:02");
	assert_int_equal(claim_parse_address("10000:AF:02", address), 0);
	assert_string_equal(address, "10000:af:02");
	static const char *const bad[] = { "",	       "02",	     "00:02.", "00:02.8", "../x", "0000:00:02.0.0",
					   "00:02.0 ", "a:b:c:d:e:f" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(claim_parse_address(bad[i], address), -EINVAL);
}

static void whole_devices(void **state)
{
	(void)state;
	assert_claims("hostpci0: 0000:00:02.0\n", "0000:00:02.0");
	assert_claims("hostpci0: 00:02\n", "0000:00:02");
	assert_claims("hostpci15: host=0000:00:02.0,pcie=1,x-vga=1", "0000:00:02.0");
	assert_claims("hostpci0: pcie=1,host=00:02.0\r\n", "0000:00:02.0");
	assert_claims("cores: 4\nhostpci0:00:02.0,rombar=0\nmemory: 4096\n", "0000:00:02.0");

	parse("name: x\nhostpci1: 00:02.0;03:00,pcie=1\nhostpci0: 04:00.1\n");
	assert_int_equal(claims.count, 3);
	assert_string_equal(claims.items[0].address, "0000:00:02.0");
	assert_string_equal(claims.items[0].source, "/100.conf:2");
	assert_string_equal(claims.items[1].address, "0000:03:00");
	assert_string_equal(claims.items[2].address, "0000:04:00.1");
	assert_string_equal(claims.items[2].source, "/100.conf:3");
}

static void no_claims(void **state)
{
	(void)state;
	assert_claims("", NULL);
	assert_claims("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4\n", NULL); // a vGPU
	assert_claims("hostpci0: mdev=i915-GVTg_V5_4,host=00:02.0\n", NULL);
	assert_claims("hostpci0: mapping=gpu,pcie=1\n", NULL);
	assert_claims("hostpci0\nhostpci1:\nhostpci2: ,,;\nhostpci3: host=\n", NULL);
	assert_claims("#hostpci0: 00:02.0\nusb0: host=00:02.0\ndescription: hostpci0: 00:02.0\n", NULL);
	assert_claims("hostpci0: ../../00:02.0\n", NULL);
	// A template never starts; what stands in a section is a pending change or a snapshot.
	assert_claims("hostpci0: 00:02.0\ntemplate: 1\n", NULL);
	assert_claims("memory: 1\n[PENDING]\nhostpci0: 00:02.0\n", NULL);
	assert_claims("memory: 1\n\n[before-update]\nhostpci0: 00:02.0\n", NULL);
	assert_claims("hostpci0: 00:02.0\n[x]\ntemplate: 1\n", "0000:00:02.0");
}

static void more_than_fit(void **state)
{
	(void)state;
	char text[CLAIMS_MAX * 32 + 256] = "hostpci0: 00:00.0";
	for (unsigned i = 1; i < CLAIMS_MAX + 8; i++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, ";00:%02x.%x", i / 8, i % 8);
	}
	parse(text);
	assert_int_equal(claims.count, CLAIMS_MAX);
	guests_parse(&claims, "101.conf", "hostpci0: 01:00.0\n");
	assert_int_equal(claims.count, CLAIMS_MAX);
}

static void finding(void **state)
{
	(void)state;
	parse("hostpci0: 0000:00:02\nhostpci1: 03:00.1\n");
	assert_ptr_equal(claim_on(&claims, "0000:00:02.0"), &claims.items[0]);
	assert_ptr_equal(claim_on(&claims, "0000:03:00.1"), &claims.items[1]);
	assert_null(claim_on(&claims, "0000:03:00.0"));
	assert_null(claim_on(&claims, "0001:00:02.0"));
	assert_null(claim_on(&claims, "10000:00:02.0"));
}

static void reading(void **state)
{
	struct tree *tree = *state;
	claims.count = 0;
	guests_read(&claims, &tree->root);
	assert_int_equal(claims.count, 0);
	tree_put(tree, GUESTS_DIR "/100.conf", "hostpci0: 00:02.0\n");
	tree_put(tree, GUESTS_DIR "/101.conf", "hostpci0: 03:00.0,mdev=x\n");
	tree_put(tree, GUESTS_DIR "/102.conf.tmp.1", "hostpci0: 04:00.0\n");
	tree_put(tree, GUESTS_DIR "/103", "hostpci0: 05:00.0\n");
	tree_dir(tree, GUESTS_DIR "/104.conf");
	char *text = malloc(GUEST_FILE_MAX + 1);
	assert_non_null(text);
	memset(text, '\n', GUEST_FILE_MAX + 1);
	memcpy(text, "hostpci0: 06:00.0", 17);
	tree_put_bytes(tree, GUESTS_DIR "/105.conf", text, GUEST_FILE_MAX + 1);
	free(text);
	guests_read(&claims, &tree->root);
	assert_int_equal(claims.count, 1);
	assert_string_equal(claims.items[0].source, "/" GUESTS_DIR "/100.conf:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),	 cmocka_unit_test(whole_devices), cmocka_unit_test(no_claims),
		cmocka_unit_test(more_than_fit), cmocka_unit_test(finding),	  tree_test(reading),
	};
	return run_group(tests);
}
