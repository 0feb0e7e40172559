// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/proxmox/pve_version.h"

#define PACKAGE(name, status, version) \
	"Package: " name "\nStatus: " status "\nPriority: optional\nVersion: " version "\n\n"
#define INSTALLED "install ok installed"

static void versions(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		pve_version qemu_server, guest_common;
	} cases[] = {
		{ "", 0, 0 },
		{ PACKAGE("qemu-server", INSTALLED, "9.0.25"), PVE_VERSION(9, 0, 25), 0 },
		{ PACKAGE("bash", INSTALLED, "5.2") PACKAGE("qemu-server", INSTALLED, "8.3.9+pve1~2")
			  PACKAGE("libpve-guest-common-perl", INSTALLED, "5.2-1"),
		  PVE_VERSION(8, 3, 9), PVE_VERSION(5, 2, 0) },
		{ PACKAGE("not-qemu-server", INSTALLED, "9.0.25") PACKAGE("qemu-server-more", INSTALLED, "9.0.25"), 0,
		  0 },
		{ PACKAGE("qemu-server", "deinstall ok config-files", "9.0.25"), 0, 0 },
		{ PACKAGE("qemu-server", INSTALLED, "9000.1.2"), 0, 0 },
		{ PACKAGE("qemu-server", INSTALLED, "1:9.1"), 0, 0 }, // an epoch: nothing is known of that
		{ "Package: qemu-server\nStatus: " INSTALLED, 0, 0 },
		{ "Package: qemu-server\nStatus: " INSTALLED "\n", 0, 0 },
		{ "Package: qemu-server\nStatus: " INSTALLED "\nVersion: 9.1.13", PVE_VERSION(9, 1, 13), 0 },
		{ "Package: qemu-server\n\nStatus: " INSTALLED "\nVersion: 9.1.13\n", 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pve_versions got;
		pve_versions_parse(&got, cases[i].text);
		assert_int_equal(got.qemu_server, cases[i].qemu_server);
		assert_int_equal(got.guest_common, cases[i].guest_common);
	}
	assert_true(pve_version_before(PVE_VERSION(8, 99, 99), PVE_VERSION(9, 0, 0)));
	assert_false(pve_version_before(PVE_VERSION(9, 0, 0), PVE_VERSION(9, 0, 0)));
	assert_false(pve_version_before(0, PVE_VERSION(9, 0, 0))); // of an unknown one that is not known
}

static void reading(void **state)
{
	struct tree *tree = *state;
	struct pve_versions got = { 1, 1 };
	pve_versions_read(&got, &tree->root);
	assert_int_equal(got.qemu_server + got.guest_common, 0);
	tree_put(tree, DPKG_STATUS, PACKAGE("qemu-server", INSTALLED, "8.4.10"));
	pve_versions_read(&got, &tree->root);
	assert_int_equal(got.qemu_server, PVE_VERSION(8, 4, 10));
	assert_int_equal(got.guest_common, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(versions), tree_test(reading) };
	return run_group(tests);
}
