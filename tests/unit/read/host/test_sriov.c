// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"
#include "sriov_tree.h"

#include "base/replay.h"
#include "read/host/sriov.h"

static struct sriov sriov;
static struct tree *tree;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	return 0;
}

static void read_pf(void)
{
	sriov_read(&sriov, &tree->root, PF);
}

static void without_the_capability(void **state)
{
	(void)state;
	put_function(tree, PF, "0x8086", "0x3e92", "0x030000", 256);
	read_pf();
	assert_false(sriov.capable || sriov.admin || sriov.bars_missing || sriov.hung);
	assert_int_equal(sriov.total, -ENOENT);
	assert_int_equal(sriov.autoprobe, -ENOENT);
	assert_int_equal(sriov.count, 0);
	sriov_read(&sriov, &tree->root, "0000:07:00.0");
	assert_false(sriov.capable);
}

static void before_any_driver(void **state)
{
	(void)state;
	put_pf(tree);
	put_vf_bars(tree, VF_BAR_0, VF_BAR_2);
	read_pf();
	assert_true(sriov.capable);
	assert_int_equal(sriov.total, 7);
	assert_int_equal(sriov.offset, 1);
	assert_int_equal(sriov.stride, 1);
	assert_int_equal(sriov.autoprobe, 1);
	assert_int_equal(sriov.count, 0);
	assert_false(sriov.admin || sriov.bars_missing || sriov.hung);
	assert_null(sriov_vf(&sriov, 1));
}

static void three_vfs(void **state)
{
	(void)state;
	put_pf(tree);
	put_vf(tree, 1, "20", "vfio-pci", "vfio-pci");
	put_vf(tree, 2, "21", "xe", NULL);
	put_vf(tree, 3, NULL, NULL, "vfio-pci");
	tree_put(tree, PF_PATH "/sriov_drivers_autoprobe", "0\n");
	read_pf();
	assert_int_equal(sriov.count, 3);
	assert_int_equal(sriov.autoprobe, 0);
	const struct vf *vf = sriov_vf(&sriov, 1);
	assert_string_equal(vf->address, "0000:00:02.1");
	assert_string_equal(vf->driver, "vfio-pci");
	assert_string_equal(vf->driver_override, "vfio-pci");
	assert_string_equal(vf->group, "20");
	assert_false(vf->shared);
	vf = sriov_vf(&sriov, 2);
	assert_string_equal(vf->driver, "xe");
	assert_string_equal(vf->driver_override, ""); // what the kernel writes for none is none
	vf = sriov_vf(&sriov, 3);
	assert_string_equal(vf->driver, "");
	assert_string_equal(vf->driver_override, "vfio-pci");
	assert_string_equal(vf->group, "");
	assert_false(vf->shared);
	assert_null(sriov_vf(&sriov, 4));
	assert_null(sriov_vf(&sriov, 0));
}

static void a_group_of_several(void **state)
{
	(void)state;
	put_pf(tree);
	put_vf(tree, 1, "20", NULL, NULL);
	put_vf(tree, 2, "20", NULL, NULL);
	put_vf(tree, 3, "21", NULL, NULL);
	read_pf();
	assert_true(sriov_vf(&sriov, 1)->shared);
	assert_true(sriov_vf(&sriov, 2)->shared);
	assert_false(sriov_vf(&sriov, 3)->shared);
}

// Whatever is in the files, the numbers stay in their range.
static void odd_numbers(void **state)
{
	(void)state;
	put_pf(tree);
	static const struct {
		const char *text;
		int number;
	} samples[] = {
		{ "0\n", 0 },         { "", -EBADMSG },      { "-1\n", -EBADMSG },
		{ " 7\n", -EBADMSG }, { "7 x\n", -EBADMSG }, { "4294967295\n", -ERANGE },
		{ "7", 7 },           { "0x7\n", -EBADMSG }, { "99999999999999999999\n", -ERANGE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		tree_put(tree, PF_PATH "/sriov_totalvfs", samples[i].text);
		tree_put(tree, PF_PATH "/sriov_drivers_autoprobe", samples[i].text);
		read_pf();
		assert_true(sriov.capable);
		assert_int_equal(sriov.total, samples[i].number);
		assert_int_equal(sriov.autoprobe, samples[i].number);
	}
	static const char *const odd[] = { "0\n", "x\n", "65536\n", "" };
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		tree_put(tree, PF_PATH "/sriov_offset", odd[i]);
		tree_put(tree, PF_PATH "/sriov_stride", odd[i]);
		read_pf();
		assert_int_equal(sriov.offset, 1);
		assert_int_equal(sriov.stride, 1);
	}
}

static void links_to_something_else(void **state)
{
	(void)state;
	put_pf(tree);
	put_vf(tree, 1, "20", NULL, NULL);
	tree_link(tree, PF_PATH "/virtfn1", "../..");
	tree_link(tree, PF_PATH "/virtfn2", "../0000:00:02.3");
	read_pf();
	assert_int_equal(sriov.count, 1);
}

static void as_many_as_there_is_room_for(void **state)
{
	(void)state;
	put_pf(tree);
	for (unsigned i = 0; i < VFS_MAX + 1; i++) {
		char path[128], target[64];
		snprintf(path, sizeof(path), PF_PATH "/virtfn%u", i);
		snprintf(target, sizeof(target), "../0000:%02x:%02x.%u", (i + 17) >> 8, (i + 17) >> 3, (i + 17) & 7);
		tree_link(tree, path, target);
	}
	read_pf();
	assert_int_equal(sriov.count, VFS_MAX);
	assert_string_equal(sriov.vfs[VFS_MAX - 1].address, "0000:00:0a.0");
	assert_int_equal(sriov.vfs[VFS_MAX - 1].number, VFS_MAX);
}

static void bars(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second;
		bool missing;
	} samples[] = {
		{ VF_BAR_0, VF_BAR_2, false },
		{ VF_BAR_0, VF_BAR_NONE, false }, // a device whose VFs have but one
		{ VF_BAR_NONE, VF_BAR_NONE, true },
		// no address yet, as the kernel has it before it looks for one
		{ "0x0000000000000000 0x0000000006ffffff 0x0000000000140204", VF_BAR_2, true },
		{ VF_BAR_0, "0x0000000000000000 0x00000000dfffffff 0x000000002014220c", true },
		{ VF_BAR_0, "0x0000000080000000 0x000000015fffffff 0x000000002014220c",
		  true }, // the firmware's, refused
	};
	put_pf(tree);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		put_vf_bars(tree, samples[i].first, samples[i].second);
		read_pf();
		assert_int_equal(sriov.bars_missing, samples[i].missing);
	}
	// What comes behind is no BAR.
	char text[2048];
	put_vf_bars(tree, VF_BAR_0, VF_BAR_2);
	snprintf(text, sizeof(text), "%.1900s0x0000000000000000 0x0000000000000fff 0x0000000000000200\n",
		 tree_get(tree, PF_PATH "/resource"));
	tree_put(tree, PF_PATH "/resource", text);
	read_pf();
	assert_false(sriov.bars_missing);
	// Unknown is not missing.
	tree_put(tree, PF_PATH "/resource", VF_BAR_2 "\n");
	read_pf();
	assert_false(sriov.bars_missing);
	assert_int_equal(unlinkat(tree->root.fs, PF_PATH "/resource", 0), 0);
	read_pf();
	assert_false(sriov.bars_missing);
}

static void numbers_and_addresses(void **state)
{
	(void)state;
	char address[PCI_ADDRESS_SIZE];
	sriov = (struct sriov){ .offset = 1, .stride = 1 };
	assert_int_equal(sriov_vf_address(&sriov, PF, 1, address), 0);
	assert_string_equal(address, "0000:00:02.1");
	assert_int_equal(sriov_vf_address(&sriov, PF, 7, address), 0);
	assert_string_equal(address, "0000:00:02.7");
	assert_int_equal(sriov_vf_address(&sriov, PF, 8, address), 0);
	assert_string_equal(address, "0000:00:03.0");
	assert_int_equal(sriov_vf_address(&sriov, PF, 0, address), -EINVAL);
	assert_int_equal(sriov_vf_address(&sriov, PF, VFS_MAX, address), 0);
	assert_int_equal(sriov_vf_address(&sriov, PF, VFS_MAX + 1, address), -EINVAL);
	assert_int_equal(sriov_vf_address(&sriov, "0000:00:02", 1, address), -EINVAL);
	assert_int_equal(sriov_vf_address(&sriov, "0000:ff:1f.7", 1, address), -EINVAL);     // there is no bus 0x100
	assert_int_equal(sriov_vf_address(&sriov, "ffffffff:00:02.0", 1, address), -EINVAL); // longer than any

	static const struct {
		const char *address;
		unsigned number;
	} samples[] = {
		{ "0000:00:02.1", 1 },  { "0000:00:02.7", 7 },  { "0000:00:03.0", 8 }, { PF, 0 },
		{ "0000:00:01.7", 0 },  { "0001:00:02.1", 0 },  { "00:02.1", 0 },      { "0000:00:02", 0 },
		{ "0000:00:02.1 ", 0 }, { "0000:00:0a.0", 64 }, { "0000:00:0a.1", 0 }, { "", 0 },
		{ "0000:00:02.8", 0 },  { "0000:00:20.0", 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		assert_int_equal(sriov_vf_number(&sriov, PF, samples[i].address), samples[i].number);

	assert_int_equal(sriov_vf_number(&sriov, "0000:00:1f.0", "0000:00:20.0"), 0); // no such device on any bus

	// A discrete GPU's VFs are elsewhere; VMD has domains of its own.
	sriov = (struct sriov){ .offset = 8, .stride = 2 };
	assert_int_equal(sriov_vf_address(&sriov, "10000:03:00.0", 2, address), 0);
	assert_string_equal(address, "10000:03:01.2");
	assert_int_equal(sriov_vf_number(&sriov, "10000:03:00.0", "10000:03:01.2"), 2);
	assert_int_equal(sriov_vf_number(&sriov, "10000:03:00.0", "10000:03:01.1"), 0);
	assert_int_equal(sriov_vf_number(&sriov, "10000:03:00.0", "10000:03:00.1"), 0);
	sriov.offset = 0x100;
	assert_int_equal(sriov_vf_address(&sriov, "0000:03:00.0", 1, address), 0);
	assert_string_equal(address, "0000:04:00.0");

	// What was never read is as for Intel's integrated GPUs.
	sriov = (struct sriov){ 0 };
	assert_int_equal(sriov_vf_number(&sriov, PF, "0000:00:02.3"), 3);
	assert_int_equal(sriov_vf_address(&sriov, PF, 3, address), 0);
	assert_string_equal(address, "0000:00:02.3");
}

// What is there is stronger than what is computed.
static void addresses_of_those_that_are_there(void **state)
{
	(void)state;
	char address[PCI_ADDRESS_SIZE];
	put_pf(tree);
	tree_link(tree, PF_PATH "/virtfn0", "../0000:00:05.3");
	read_pf();
	assert_int_equal(sriov_vf_number(&sriov, PF, "0000:00:05.3"), 1);
	assert_int_equal(sriov_vf_address(&sriov, PF, 1, address), 0);
	assert_string_equal(address, "0000:00:05.3");
}

static long profile(unsigned number, const char *attribute)
{
	return sriov_profile(&tree->root, PF, number, attribute);
}

static void scheduling_by_xe(void **state)
{
	(void)state;
	put_pf(tree);
	assert_int_equal(profile(1, "exec_quantum_ms"), -ENOENT);
	assert_int_equal(sriov_set_profile(&tree->root, PF, 1, "exec_quantum_ms", 25), -ENOENT);
	tree_put(tree, PF_PATH "/sriov_admin/pf/profile/exec_quantum_ms", "10\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf1/profile/exec_quantum_ms", "25\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf1/profile/preempt_timeout_us", "4294967295\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf2/profile/exec_quantum_ms", "much\n");
	read_pf();
	assert_true(sriov.admin);
	assert_int_equal(profile(0, "exec_quantum_ms"), 10);
	assert_int_equal(profile(1, "exec_quantum_ms"), 25);
	assert_true(profile(1, "preempt_timeout_us") == 4294967295L);
	assert_int_equal(profile(2, "exec_quantum_ms"), -EBADMSG);
	assert_int_equal(profile(3, "exec_quantum_ms"), -ENOENT);
	assert_int_equal(profile(VFS_MAX + 1, "exec_quantum_ms"), -EINVAL);

	assert_int_equal(sriov_set_profile(&tree->root, PF, 1, "preempt_timeout_us", 500000), 0);
	assert_starts(tree_get(tree, PF_PATH "/sriov_admin/vf1/profile/preempt_timeout_us"), "500000");
	assert_int_equal(sriov_set_profile(&tree->root, PF, 9, "preempt_timeout_us", 1), -ENOENT);
}

#define PRELIM PF_PATH "/drm/card1/prelim_iov"

// Each GT has its own, and they may differ.
static void scheduling_by_the_dkms_i915(void **state)
{
	(void)state;
	put_pf(tree);
	tree_dir(tree, PF_PATH "/drm/renderD128");
	tree_dir(tree, PF_PATH "/drm/card1");
	assert_int_equal(profile(1, "exec_quantum_ms"), -ENOENT); // a stock i915
	read_pf();
	assert_false(sriov.admin);
	tree_put(tree, PRELIM "/mode", "SR-IOV PF\n");
	tree_put(tree, PRELIM "/pf/gt0/exec_quantum_ms", "0\n");
	tree_put(tree, PRELIM "/vf2/gt0/exec_quantum_ms", "25\n");
	tree_put(tree, PRELIM "/vf2/gt1/exec_quantum_ms", "25\n");
	tree_put(tree, PRELIM "/vf3/gt0/exec_quantum_ms", "25\n");
	tree_put(tree, PRELIM "/vf3/gt1/exec_quantum_ms", "26\n");
	tree_put(tree, PRELIM "/vf4/id", "4\n");
	read_pf();
	assert_true(sriov.admin);
	assert_int_equal(profile(0, "exec_quantum_ms"), 0);
	assert_int_equal(profile(2, "exec_quantum_ms"), 25);
	assert_int_equal(profile(3, "exec_quantum_ms"), -EUCLEAN);
	assert_int_equal(profile(4, "exec_quantum_ms"), -ENOENT);
	assert_int_equal(profile(5, "exec_quantum_ms"), -ENOENT);

	assert_int_equal(sriov_set_profile(&tree->root, PF, 3, "exec_quantum_ms", 40), 0);
	assert_string_equal(tree_get(tree, PRELIM "/vf3/gt0/exec_quantum_ms"), "40\n"); // in place, as sysfs has it
	assert_int_equal(profile(3, "exec_quantum_ms"), 40);
	// The first error is the answer.
	assert_int_equal(unlinkat(tree->root.fs, PRELIM "/vf2/gt0/exec_quantum_ms", 0), 0);
	assert_int_equal(mkdirat(tree->root.fs, PRELIM "/vf2/gt0/exec_quantum_ms", 0755), 0);
	assert_true(sriov_set_profile(&tree->root, PF, 2, "exec_quantum_ms", 40) < 0);
	assert_string_equal(tree_get(tree, PRELIM "/vf2/gt1/exec_quantum_ms"), "25\n");
}

// As a capture has it of a host whose driver held the lock.
static void what_does_not_answer(void **state)
{
	(void)state;
	put_pf(tree);
	put_vf(tree, 1, "20", "vfio-pci", "vfio-pci");
	put_vf(tree, 2, "21", "vfio-pci", "vfio-pci");
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 sys/bus/pci/devices/0000:00:02.1/driver_override\n"), 0);
	read_pf();
	assert_true(sriov.hung);
	assert_int_equal(sriov.count, 2);
	assert_string_equal(sriov.vfs[0].driver, "vfio-pci");
	assert_string_equal(sriov.vfs[0].driver_override, "");
	assert_string_equal(sriov.vfs[1].driver_override, "vfio-pci");
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 " PF_PATH "/sriov_totalvfs\n"), 0);
	read_pf();
	assert_true(sriov.hung && sriov.capable);
	assert_int_equal(sriov.total, -ETIMEDOUT);
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 " PF_PATH "/resource\nerror 110 " PF_PATH "/virtfn1\n"), 0);
	read_pf();
	assert_true(sriov.hung);
	assert_false(sriov.bars_missing);
	assert_int_equal(sriov.count, 1);
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
	read_pf();
	assert_false(sriov.hung);
}

#define sriov_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sriov_test(without_the_capability),
		sriov_test(before_any_driver),
		sriov_test(three_vfs),
		sriov_test(a_group_of_several),
		sriov_test(odd_numbers),
		sriov_test(links_to_something_else),
		sriov_test(as_many_as_there_is_room_for),
		sriov_test(bars),
		sriov_test(numbers_and_addresses),
		sriov_test(addresses_of_those_that_are_there),
		sriov_test(scheduling_by_xe),
		sriov_test(scheduling_by_the_dkms_i915),
		sriov_test(what_does_not_answer),
	};
	return run_group(tests);
}
