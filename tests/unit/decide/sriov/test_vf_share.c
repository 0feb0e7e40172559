// SPDX-License-Identifier: GPL-2.0-or-later
// Guests that want the same virtual functions, in the order in which they start.
#include "sriov_host.h"

#include "decide/sriov/vf_share.h"

static struct vf_clash_list list;

// A slot's claim, or one of its claims.
static void guest(unsigned vmid, unsigned index, uint64_t order, const char *mapping, unsigned entry,
		  const char *addresses)
{
	struct whole_gpu who = { .vmid = vmid, .index = index, .order = order, .boot = true, .entry = entry };
	strcpy(who.mapping, mapping);
	snprintf(who.source, sizeof(who.source), "/%u.conf:%u", vmid, index + 1);
	whole_gpu_add_for(&config.claims, addresses, &who);
}

static void find(void)
{
	vf_clash_find(&list, &host, &config);
}

static void two_of_one(void **state)
{
	(void)state;
	guest(100, 0, 0, "", 0, VF(1));
	guest(101, 0, 0, "", 0, VF(2));
	find();
	assert_int_equal(list.count, 0);
	guest(99, 3, 1, "", 0, VF(2));
	find();
	assert_int_equal(list.count, 1); // it starts last
	assert_string_equal(list.items[0].claim->source, "/99.conf:4");
	assert_string_equal(list.items[0].other->source, "/101.conf:1");
	assert_int_equal(list.items[0].entries, 0);
	config.claims.items[1].boot = false;
	find();
	assert_int_equal(list.count, 0);
}

static void pools(void **state)
{
	(void)state;
	for (unsigned vmid = 100; vmid < 102; vmid++) {
		guest(vmid, 0, 0, "pool", 0, VF(1));
		guest(vmid, 0, 0, "pool", 2, VF(2) ";" VF(3)); // both together
	}
	find();
	assert_int_equal(list.count, 0);
	guest(102, 1, 0, "", 0, VF(3));
	find();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].claim->vmid, 102);
	assert_int_equal(list.items[0].other->vmid, 101);
	config.claims.items[config.claims.count - 1].order = 0;
	config.claims.items[config.claims.count - 1].vmid = 90;
	find();
	assert_int_equal(list.count, 1); // half of the entry is not enough
	assert_int_equal(list.items[0].claim->vmid, 101);
	assert_int_equal(list.items[0].entries, 2);
}

// hostpci10 comes before hostpci2.
static void one_guest(void **state)
{
	(void)state;
	guest(100, 2, 0, "", 0, VF(1));
	guest(100, 10, 0, "", 0, VF(1));
	find();
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].claim->index, 2);
	assert_int_equal(list.items[0].other->index, 10);
}

static void other_devices(void **state)
{
	(void)state;
	guest(100, 0, 0, "", 0, "0000:01:00.1");
	guest(101, 0, 0, "", 0, "0000:01:00.1");
	claim(VF(1), "/somewhere:1"); // whose it is nobody knows
	claim(VF(1), "/somewhere:2");
	find();
	assert_int_equal(list.count, 0);
	host.gpus.items[0].verdict = GPU_SUPPORTED; // GVT-g's
	guest(100, 1, 0, "", 0, VF(1));
	guest(101, 1, 0, "", 0, VF(1));
	find();
	assert_int_equal(list.count, 0);
}

static void free_ones(void **state)
{
	(void)state;
	char address[PCI_ADDRESS_SIZE];
	struct sriov_wish wish = { .host = 1 << 1 };
	const struct sriov_wish *other;
	const struct gpu *gpu = &host.gpus.items[0];
	claim(VF(1), "/100.conf:4");
	claim(VF(4), "/100.conf:5");
	assert_int_equal(sriov_wish_add(&config.sriov, &wish, &other), 0);
	assert_int_equal(vf_next_free(&host, gpu, &config, 1, address), 3);
	assert_string_equal(address, VF(3));
	assert_int_equal(vf_next_free(&host, gpu, &config, 4, address), 5);
	assert_int_equal(vf_next_free(&host, gpu, &config, 8, address), 0);
	host.sriov.gpus[0].total = 4;
	assert_int_equal(vf_next_free(&host, gpu, &config, 4, address), 0);
	host.sriov.gpus[0].total = -ENODATA;
	assert_int_equal(vf_most(&host, gpu), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_of_one, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(pools, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(one_guest, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(other_devices, sriov_setup, sriov_teardown),
		cmocka_unit_test_setup_teardown(free_ones, sriov_setup, sriov_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
