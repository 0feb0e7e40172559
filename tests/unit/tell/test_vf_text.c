// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/sriov/sriov_host.h"

#include "tell/vf_text.h"

static struct whole_gpu *claim_by(const char *address, unsigned vmid, unsigned index, const char *mapping)
{
	claim(address, "/etc/pve/nodes/pve/qemu-server/1.conf:2");
	struct whole_gpu *made = &config.claims.items[config.claims.count - 1];
	made->vmid = vmid;
	made->index = index;
	strcpy(made->mapping, mapping);
	return made;
}

#define assert_owners(address, text)                 \
	do {                                         \
		char owners[VF_OWNERS_SIZE];         \
		vf_owners(&config, address, owners); \
		assert_string_equal(owners, text);   \
	} while (0)

static void who_has_it(void **state)
{
	(void)state;
	assert_owners(VF(1), "");
	claim_by(VF(1), 101, 0, "");
	assert_owners(VF(1), "guest 101, hostpci0");
	claim_by(VF(1), 102, 3, "");
	assert_owners(VF(1), "guest 101, hostpci0; guest 102, hostpci3");
	assert_owners(VF(2), "");
	assert_true(vf_is_of_guest(&config, VF(1), 102));
	assert_false(vf_is_of_guest(&config, VF(1), 103));
	assert_false(vf_is_of_guest(&config, VF(2), 102));
	for (unsigned i = 0; i < 3; i++)
		claim_by(VF(1), 110 + i, 0, "");
	assert_owners(VF(1),
		      "guest 101, hostpci0; guest 102, hostpci3; guest 110, hostpci0; guest 111, hostpci0; and "
		      "others");
	claim_by(VF(3), 0, 0, "");
	assert_owners(VF(3), "/etc/pve/nodes/pve/qemu-server/1.conf:2");
}

// A mapping is told once, with the guests that name it.
static void by_mapping(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		claim_by(VF(1), 101 + i, i, "igpu");
	assert_owners(VF(1), "guest 101, 102 or 103, by mapping 'igpu'");
	for (unsigned i = 0; i < 3; i++)
		claim_by(VF(1), 104 + i, 0, "igpu");
	assert_owners(VF(1), "guest 101, 102, 103, 104 or others, by mapping 'igpu'");
}

static void nobody_has_it(void **state)
{
	(void)state;
	char owners[VF_OWNERS_SIZE];
	struct planned_vf planned = { .host = true, .source = "/etc/gvt-early/gvt-early.conf:7" };
	vf_owners_or_host(&config, VF(1), &planned, owners);
	assert_string_equal(owners, "the host (/etc/gvt-early/gvt-early.conf:7)");
	planned.host = false;
	vf_owners_or_host(&config, VF(1), &planned, owners);
	assert_string_equal(owners, "no guest yet, wanted by /etc/gvt-early/gvt-early.conf:7");
	vf_owners_or_host(&config, VF(1), NULL, owners);
	assert_string_equal(owners, "no guest yet");
	claim_by(VF(1), 101, 0, "");
	vf_owners_or_host(&config, VF(1), &planned, owners);
	assert_string_equal(owners, "guest 101, hostpci0");
}

static void the_guests_line(void **state)
{
	(void)state;
	char line[VF_LINE_SIZE];
	struct whole_gpu *made = claim_by(VF(2), 101, 4, "");
	vf_hostpci(made, line);
	assert_string_equal(line, "hostpci4: 0000:00:02.2");
	strcpy(made->mapping, "igpu");
	vf_hostpci(made, line);
	assert_string_equal(line, "hostpci4: mapping=igpu");
	made->vmid = 0;
	vf_hostpci(made, line);
	assert_string_equal(line, "");
	json_t *guests = vf_guests_json(&config, VF(2));
	assert_int_equal(json_array_size(guests), 1);
	assert_true(json_is_null(json_object_get(json_array_get(guests, 0), "guest")));
	json_decref(guests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_has_it, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(by_mapping, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(nobody_has_it, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(the_guests_line, sriov_setup, sriov_teardown),
	};
	return run_group(tests);
}
