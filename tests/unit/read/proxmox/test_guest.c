// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/proxmox/guest.h"

#define MDEV "0000:00:02.0,mdev=i915-GVTg_V5_4"

static struct guest guest;

static void parse(const char *text)
{
	assert_int_equal(guest_parse(&guest, text, NULL), 0);
}

// hostpci0 of a guest with this text is on that line with that value; "" when there is none.
static void assert_device(const char *text, unsigned line, const char *value)
{
	parse(text);
	if (guest.hostpci[0].line != line || !streq(guest.hostpci[0].text, value)) {
		print_error("line %u, '%s' in: %s\n", guest.hostpci[0].line, guest.hostpci[0].text, text);
		fail();
	}
}

static void values(void **state)
{
	(void)state;
	parse("hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4,pcie=1,x-vga=off,romfile=a.rom,driver=keep\n"
	      "hostpci15: mdev=i915-GVTg_V5_8,mapping=igpu\n"
	      "hostpci3: host=00:02;03:00.1,rombar=0\n"
	      "hostpci4: 00:02.0,driver=vfio,vendor-id=0x8086,sub-device-id=0xAbCd,legacy-igd=1\n");
	assert_string_equal(guest.hostpci[0].host, "0000:00:02.0");
	assert_string_equal(guest.hostpci[0].mdev, "i915-GVTg_V5_4");
	assert_true(guest.hostpci[0].keep);
	assert_false(guest.hostpci[0].legacy_igd);
	assert_int_equal(guest.hostpci[15].line, 2);
	assert_string_equal(guest.hostpci[15].mapping, "igpu");
	assert_string_equal(guest.hostpci[15].host, "");
	assert_false(guest.hostpci[15].keep);
	assert_string_equal(guest.hostpci[3].host, "00:02;03:00.1");
	assert_string_equal(guest.hostpci[3].mdev, "");
	assert_true(guest.hostpci[4].legacy_igd);
	assert_int_equal(guest.hostpci[1].line, 0);
}

// Proxmox VE starts such a guest without the device: an earlier line that it can read still counts.
static void values_that_are_not_taken(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"00:AF.0,mdev=x",
		"00:02.0,mdev=a/b",
		"00:02.0,mdev=a.b",
		"00:02.0,mdev=a:b",
		"00:02.0,mdev=",
		"00:02.0,mdev=x,mdev=y",
		"00:02.0,host=00:02.0",
		"00:02.0,driver=nouveau",
		"00:02.0,pcie=maybe",
		"mapping=9gpu,mdev=x",
		"mapping=a.b,mdev=x",
		"00:02.0,romfile=a;b",
		"00:02.0,vendor-id=8086",
		"00:02.0,x-vga=",
		"00:02.0,device-id=0x123g",
		"00:02.0;,mdev=x",
		"00:02.0,sub-vendor-id=0x",
		"=x",
		"../../00:02.0",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];
		snprintf(text, sizeof(text), "hostpci0: " MDEV "\nhostpci0: %s\n", bad[i]);
		assert_device(text, 1, MDEV);
		assert_int_equal(guest.faults[0].line, 2);
		assert_int_equal(guest.faults[0].mdev, strstr(bad[i], "mdev=") != NULL);
		assert_true(guest.faults[0].why[0]);
	}
}

static void assert_fault(const char *value, const char *why)
{
	char text[256];
	snprintf(text, sizeof(text), "hostpci0: %s\n", value);
	assert_device(text, 0, "");
	assert_int_equal(guest.faults[0].line, 1);
	assert_true(guest.faults[0].mdev);
	assert_string_equal(guest.faults[0].why, why);
}

// A key that Proxmox VE does not have makes it ignore all of the line.
static void unknown_keys(void **state)
{
	(void)state;
	assert_fault("00:02.0, mdev=x", "there is no key ' mdev', write 'mdev' without blanks and in lower case");
	assert_fault("00:02.0,MDEV=x", "there is no key 'MDEV', write 'mdev' without blanks and in lower case");
	assert_fault("00:02.0,mdev =x", "there is no key 'mdev ', write 'mdev' without blanks and in lower case");
	assert_fault("00:02.0,mdev=x,X-VGA=1",
		     "there is no key 'X-VGA', write 'x-vga' without blanks and in lower case");
	assert_fault("00:02.0,mdev=x,colour=red", "there is no key 'colour'");
	assert_fault("00:02.0,mdev=x,m dev=y", "there is no key 'm dev'");
	assert_fault("00:02.0,mdev=x,mdev=y", "it is not a list of KEY=VALUE, each key once");
}

// "driver" came with a release of its own; of an unknown release that is not said.
static void releases(void **state)
{
	(void)state;
	static const struct {
		pve_version version;
		bool known;
	} cases[] = { { 0, true },
		      { PVE_VERSION(9, 0, 24), false },
		      { PVE_VERSION(9, 0, 25), true },
		      { PVE_VERSION(8, 4, 10), false } };
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pve_versions versions = { .qemu_server = cases[i].version };
		assert_int_equal(guest_parse(&guest, "hostpci0: " MDEV ",driver=keep\n", &versions), 0);
		assert_int_equal(guest.hostpci[0].line, cases[i].known);
		assert_true(cases[i].known ||
			    streq(guest.faults[0].why, "this release does not know the key 'driver'"));
	}
}

// What is not checked may be as long as it likes.
static void lengths(void **state)
{
	(void)state;
	char text[4 * HOSTPCI_SIZE] = "hostpci0: " MDEV ",romfile=";
	memset(text + strlen(text), 'a', 2 * HOSTPCI_SIZE);
	parse(text);
	assert_int_equal(guest.hostpci[0].line, 1);
	assert_string_equal(guest.hostpci[0].mdev, "i915-GVTg_V5_4");
	assert_int_equal(strlen(guest.hostpci[0].text), HOSTPCI_SHOWN - 1);
	strcpy(text, "hostpci0: 00:02.0,mdev=");
	memset(text + strlen(text), 'a', HOSTPCI_SIZE);
	parse(text);
	assert_int_equal(guest.hostpci[0].line, 0);
	assert_has(guest.faults[0].why, "longer than");
}

static void locks(void **state)
{
	(void)state;
	static const struct {
		const char *text, *lock;
	} cases[] = {
		{ "", "" },
		{ "lock: migrate\n", "migrate" },
		{ "lock: backup\n", "" },    // startall removes it
		{ "lock: suspended\n", "" }, // it resumes
		{ "lock: suspending\n", "suspending" },
		{ "lock: suspended\nlock: migrate\n", "migrate" },
		{ "lock: migrate\nlock: \"backup\"\n", "" },
		{ "lock: what\n", "what" },
		{ "[PENDING]\nlock: migrate\n[snap]\nlock: migrate\n", "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(cases[i].text);
		assert_string_equal(guest.lock, cases[i].lock);
	}
}

static void machines(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool q35;
	} cases[] = {
		{ "", false },
		{ "machine: q35\n", true },
		{ "machine: pc-q35-9.2+pve1,viommu=intel\n", true },
		{ "machine: viommu=virtio,type=q35\n", true },
		{ "machine: pc-i440fx-9.2\n", false },
		{ "machine: pc-q35-\n", false },
		{ "machine: q35\nmachine: pc\n", false },
		{ "machine: q35\n[PENDING]\ndelete: machine\n", false },
		{ "[PENDING]\nmachine: q35\n", true },
		{ "machine: q35\n[PENDING]\nmachine: pc\n", false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(cases[i].text);
		assert_int_equal(guest.q35, cases[i].q35);
	}
}

// A line that ends so is one of a snapshot for Proxmox VE, whatever else it says.
static void snapshot_states(void **state)
{
	(void)state;
	assert_device("hostpci0: " MDEV ",romfile=snapstate: delete\n", 0, "");
	assert_device("hostpci0: " MDEV ",romfile=snapstate:prepare \n", 0, "");
	assert_device("hostpci0: " MDEV ",romfile=snapstate:deleted\n", 1, MDEV ",romfile=snapstate:deleted");
	assert_device("hostpci0: " MDEV ",romfile=snapstate:\n", 1, MDEV ",romfile=snapstate:");
}

// ^([a-z][a-z_\-]*\d*):\s*(.+?)\s*$
static void lines(void **state)
{
	(void)state;
	assert_device("hostpci0: " MDEV, 1, MDEV);
	assert_device("hostpci0:" MDEV "\t \r\n", 1, MDEV);
	assert_device("\n\n#hostpci0: 00:02.0\nhostpci0: \t" MDEV "\n", 4, MDEV);
	assert_device("hostpci0: 00:02.0\nhostpci0: " MDEV "\n", 2, MDEV); // the last counts
	static const char *const others[] = {
		" hostpci0: " MDEV,    "Hostpci0: " MDEV,  "hostpci00: " MDEV, "hostpci: " MDEV,   "hostpci16: " MDEV,
		"hostpci0 : " MDEV,    "hostpci0= " MDEV,  "hostpci0",         "hostpci0:",        "hostpci0:  \t",
		"description: x" MDEV, "xhostpci0: " MDEV, "hostpci0x: " MDEV, "hostpci0_: " MDEV, "9hostpci0: " MDEV,
	};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_device(others[i], 0, "");
}

static void sections(void **state)
{
	(void)state;
	assert_device("hostpci0: " MDEV "\n\n[before-update]\nhostpci0: 00:02.0\nonboot: 1\ntemplate: 1\n", 1, MDEV);
	assert_false(guest.onboot || guest.template);
	assert_device("[special:cloudinit]\nhostpci0: " MDEV "\n", 0, "");
	assert_device("[special:fleecing]\nhostpci0: " MDEV "\n[x]\nhostpci0: " MDEV "\n", 0, "");
	assert_device("[ what ever! ] \t\nhostpci0: " MDEV "\n", 0, "");
	// What begins no section leaves the one before as it is.
	assert_device("[x\nhostpci0: " MDEV "\n", 2, MDEV);
	assert_device("[x] y\nhostpci0: " MDEV "\n", 2, MDEV);
	assert_device(" [x]\nhostpci0: " MDEV "\n", 2, MDEV);
}

static void pending(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned line;
	} cases[] = {
		{ "[PENDING]\nhostpci0: " MDEV "\n", 2 },
		{ "[pending] \r\nhostpci0: " MDEV "\n", 2 },
		{ "hostpci0: 00:02.0\n[PENDING]\nhostpci0: " MDEV "\n", 3 },
		{ "hostpci0: " MDEV "\n[PENDING]\nhostpci1: 00:02.0\n", 1 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete: hostpci0\n", 0 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete: cores,!hostpci0;memory\n", 0 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete:  cores hostpci0\n", 0 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete: hostpci01,hostpci,!!hostpci0,xhostpci0\n", 1 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete: hostpci0\ndelete: cores\n", 1 }, // the last counts
		{ "hostpci0: " MDEV "\ndelete: hostpci0\n", 1 },                           // only pending
		{ "hostpci0: 00:02.0\n[PENDING]\ndelete: hostpci0\nhostpci0: " MDEV "\n",
		  4 },                                                                // deleted first, then set
		{ "hostpci0: " MDEV "\n[PENDING]\nhostpci0: 00:02.0,mdev=a/b\n", 1 }, // not taken
		{ "[PENDING]\nhostpci0: 00:02.0\n[x]\ncores: 1\n[PENDING]\nhostpci0: " MDEV "\n", 6 },
		{ "hostpci0: " MDEV "\n[PENDING]\ndelete: hostpci0\n[PENDING]\ncores: 1\n",
		  1 }, // the last section counts
		// Suspended to disk: it goes on as it was.
		{ "lock: suspended\nhostpci0: " MDEV "\n[PENDING]\ndelete: hostpci0\n", 2 },
		{ "hostpci0: " MDEV "\nvmstate: local:100/vm-100-state.raw\n[PENDING]\nhostpci0: 00:02.0\n", 1 },
		{ "lock: backup\nhostpci0: " MDEV "\n[PENDING]\ndelete: hostpci0\n", 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_device(cases[i].text, cases[i].line, cases[i].line ? MDEV : "");

	// Mistakes go the same way.
	parse("hostpci0: x\n[PENDING]\ndelete: hostpci0\n");
	assert_int_equal(guest.faults[0].line, 0);
	parse("hostpci0: x\n[PENDING]\nhostpci0: " MDEV "\n");
	assert_int_equal(guest.faults[0].line, 0);
	parse("hostpci0: " MDEV "\n[PENDING]\nhostpci0: x\n");
	assert_int_equal(guest.faults[0].line, 3);
}

static void flags(void **state)
{
	(void)state;
	parse("");
	assert_false(guest.onboot || guest.template);
	assert_true(guest.order == GUEST_ORDER_MAX);
	parse("onboot: 1\ntemplate: yes\n");
	assert_true(guest.onboot && guest.template);
	parse("onboot: on\nonboot: 2\n"); // what cannot be read changes nothing
	assert_true(guest.onboot);
	parse("onboot: 1\nonboot: no\n");
	assert_false(guest.onboot);
	// Who starts at boot is chosen before the pending changes are applied.
	parse("onboot: 1\nstartup: order=3\n[PENDING]\nonboot: 0\nstartup: order=1\n");
	assert_true(guest.onboot && guest.order == 3);
	parse("[PENDING]\nonboot: 1\n");
	assert_false(guest.onboot);
	parse("[PENDING]\ntemplate: 1\n");
	assert_true(guest.template);
}

static void hookscripts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum hookscript expected;
	} cases[] = {
		{ "onboot: 1\n", HOOKSCRIPT_NONE },
		{ "hookscript: local:snippets/gvt-early\n", HOOKSCRIPT_OURS },
		{ "hookscript: nas:snippets/gvt-early.pl\n", HOOKSCRIPT_OTHER },
		{ "hookscript: gvt-early\n", HOOKSCRIPT_OTHER },
		{ "hookscript: local:snippets/gvt-early\n[PENDING]\ndelete: hookscript\n", HOOKSCRIPT_NONE },
		{ "hookscript: local:snippets/gvt-early\n[PENDING]\nhookscript: local:snippets/x\n", HOOKSCRIPT_OTHER },
		{ "[PENDING]\nhookscript: local:snippets/gvt-early\n", HOOKSCRIPT_OURS },
		{ "[snap]\nhookscript: local:snippets/gvt-early\n", HOOKSCRIPT_NONE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(cases[i].text);
		assert_equal(guest.hookscript, cases[i].expected);
	}
}

static void orders(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t order;
	} cases[] = {
		{ "order=5", 5 },
		{ "5", 5 },
		{ "order=0", 0 },
		{ "order=07,up=30,down=60", 7 },
		{ "up=1,order=2,", 2 },
		{ "order=1,order=2", 2 },
		{ "order=1, ,3", 3 },
		{ "up=5", GUEST_ORDER_MAX },
		{ "0", GUEST_ORDER_MAX },
		{ "order=", GUEST_ORDER_MAX },
		{ "order=-1", GUEST_ORDER_MAX },
		{ "order=1,colour=2", GUEST_ORDER_MAX },
		{ "order=1, up=2", GUEST_ORDER_MAX },
		{ "=5", GUEST_ORDER_MAX },
		{ "order=99999999999999999999999", UINT64_MAX },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64];
		snprintf(text, sizeof(text), "startup: %s\n", cases[i].text);
		parse(text);
		if (guest.order != cases[i].order) {
			print_error("%s: %llu\n", cases[i].text, (unsigned long long)guest.order);
			fail();
		}
	}
	parse("startup: order=4\nstartup: nonsense\n");
	assert_true(guest.order == 4);
}

static void hopeless(void **state)
{
	(void)state;
	static const struct {
		const char *value, *why;
	} cases[] = {
		{ "00:02.0,mdev=x", NULL },
		{ "mapping=igpu,mdev=x", NULL },
		{ "00:02.0,mdev=x,legacy-igd=0", NULL },
		{ "00:02.0,mapping=igpu,mdev=x", "both 'host' and 'mapping'" },
		{ "mdev=x", "neither 'host' nor 'mapping'" },
		{ "00:02.0,mdev=x,legacy-igd=1", "'legacy-igd'" },
		{ "00:02.0;00:02.1,mdev=x", "'mdev' allows only one PCI function" },
		{ "00:02.0;00:02.1,legacy-igd=1", NULL }, // taken whole
		{ "rombar=1", "neither 'host' nor 'mapping'" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hostpci hostpci;
		char fault[HOSTPCI_WHY_SIZE];
		assert_int_equal(hostpci_parse(&hostpci, cases[i].value, 1, NULL, fault), 0);
		const char *why = hostpci_hopeless(&hostpci);
		assert_int_equal(why == NULL, cases[i].why == NULL);
		if (why)
			assert_has(why, cases[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),          cmocka_unit_test(values_that_are_not_taken),
		cmocka_unit_test(lines),           cmocka_unit_test(sections),
		cmocka_unit_test(pending),         cmocka_unit_test(flags),
		cmocka_unit_test(orders),          cmocka_unit_test(hookscripts),
		cmocka_unit_test(hopeless),        cmocka_unit_test(unknown_keys),
		cmocka_unit_test(releases),        cmocka_unit_test(lengths),
		cmocka_unit_test(locks),           cmocka_unit_test(machines),
		cmocka_unit_test(snapshot_states),
	};
	return run_group(tests);
}
