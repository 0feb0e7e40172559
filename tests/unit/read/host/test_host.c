// SPDX-License-Identifier: GPL-2.0-or-later
// Each part of a host is read when it is asked for, and not before; what was not read is told from what is not there.
#include "helper.h"
#include "sriov_tree.h"

#include "base/replay.h"
#include "read/host/host.h"

#define UUID       "00000000-0000-0000-0000-000000000100"
#define EVERYTHING (HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE | HOST_USERS)

static struct host host;
static struct tree *tree;

// A host on which every part finds something.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	put_host(tree);
	put_drivers(tree);
	put_instance(tree, UUID, "i915-GVTg_V5_4");
	put_user(tree, 4711, "kvm");
	host = (struct host){ 0 };
	return 0;
}

static int teardown(void **state)
{
	host_free(&host);
	return tree_teardown(state);
}

static void read_parts(unsigned parts)
{
	assert_int_equal(host_read(&host, &tree->root, parts, HOST_UNBOUNDED), 0);
}

static void assert_read(unsigned parts)
{
	for (unsigned part = HOST_WORDS; part <= HOST_USERS; part <<= 1)
		assert_equal(host_was_read(&host, part), (parts & part) != 0);
	assert_equal(host_was_read(&host, EVERYTHING), parts == EVERYTHING);
	// By what each of them finds here.
	assert_equal(host.release[0] != '\0', (parts & HOST_WORDS) != 0);
	assert_equal(host.gpus.count, parts & HOST_GPUS ? 1 : 0);
	assert_equal(host.iommu.dmar_table, (parts & HOST_KERNEL) != 0);
	assert_equal(host.modules != NULL, (parts & HOST_KERNEL) != 0);
	assert_equal(host.instances.count, parts & HOST_STATE ? 1 : 0);
	assert_equal(host.users.count, parts & HOST_USERS ? 1 : 0);
}

static void nothing_is_read_unasked(void **state)
{
	(void)state;
	assert_read(0);
	read_parts(0);
	assert_read(0);
	read_parts(HOST_WORDS);
	assert_read(HOST_WORDS);
	assert_string_equal(host.release, "6.1.0-13-amd64");
	assert_string_equal(cmdline_last(&host.cmdline, "intel_iommu")->value, "on");
	assert_equal(host.i915_state, MODULE_LIVE); // the one of what changes that costs nothing
	assert_equal(host.gvt.kvmgt_state, MODULE_NOT_LOADED);
}

static void each_part_alone(void **state)
{
	(void)state;
	static const unsigned parts[] = { HOST_GPUS, HOST_KERNEL, HOST_STATE };
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		read_parts(HOST_WORDS);
		read_parts(parts[i]);
		assert_read(HOST_WORDS | parts[i]);
	}
}

static void one_after_the_other_and_all_at_once(void **state)
{
	(void)state;
	read_parts(HOST_WORDS);
	read_parts(HOST_GPUS | HOST_KERNEL | HOST_STATE);
	read_parts(HOST_USERS);
	assert_read(EVERYTHING);
	assert_string_equal(host.gpus.items[0].driver, "i915");
	assert_int_equal(host_types(&host, HOST_GPU)->count, 2);
	assert_equal(host.instances.items[0].use, USE_OPEN);
	host_free(&host);
	host = (struct host){ 0 };
	read_parts(EVERYTHING);
	assert_read(EVERYTHING);
	assert_int_equal(host_types(&host, HOST_GPU)->count, 2);
	assert_equal(host.instances.items[0].use, USE_OPEN);
}

// The types are those of the GPUs that were found; without GPUs nobody is asked for types.
static void state_without_gpus(void **state)
{
	(void)state;
	read_parts(HOST_WORDS | HOST_STATE);
	assert_false(host_was_read(&host, HOST_GPUS | HOST_STATE));
	assert_int_equal(host_types(&host, HOST_GPU)->count, 0);
	assert_equal(host.gvt.kvmgt_state, MODULE_LIVE);
}

static void state_is_read_anew(void **state)
{
	(void)state;
	read_parts(EVERYTHING);
	put_instance(tree, "00000000-0000-0000-0000-000000000101", "i915-GVTg_V5_8");
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "N\n");
	read_parts(HOST_STATE);
	assert_int_equal(host.instances.count, 2);
	assert_equal(host.gvt.enable_gvt, 0);
	// Who has the new ones open, nobody has looked for.
	assert_false(host_was_read(&host, HOST_USERS));
	assert_true(host_was_read(&host, EVERYTHING & ~HOST_USERS));
	assert_equal(host.instances.items[0].use, USE_UNKNOWN);
}

static void words_begin_anew(void **state)
{
	(void)state;
	read_parts(EVERYTHING);
	tree_put(tree, "proc/cmdline", "nothing\n");
	read_parts(HOST_WORDS);
	assert_read(HOST_WORDS);
	assert_null(cmdline_last(&host.cmdline, "intel_iommu"));
}

// The kernel's part needs the release; what stood there before is not kept by a second look.
static void the_kernel_is_read_twice(void **state)
{
	(void)state;
	read_parts(HOST_WORDS | HOST_KERNEL);
	tree_put(tree, "sys/class/iommu/dmar1/x", "");
	read_parts(HOST_KERNEL);
	assert_int_equal(host.iommu.unit_count, 2);
	assert_non_null(host.modules);
}

static void without_proc_no_modules(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree->root.proc, "cmdline", 0), 0);
	read_parts(HOST_WORDS | HOST_KERNEL);
	assert_false(host.proc_found);
	assert_null(host.modules);
	assert_true(host_was_read(&host, HOST_KERNEL)); // it is not there, which is something else than not read
}

// In a child, which gives back the same.
static void bounded(void **state)
{
	(void)state;
	assert_int_equal(host_read(&host, &tree->root, HOST_WORDS | HOST_GPUS, HOST_LIMIT_US), 0);
	assert_read(HOST_WORDS | HOST_GPUS);
	assert_false(host.gpus.hung);
	assert_equal(host.gpus.items[0].verdict, GPU_SUPPORTED);
}

// As a capture has it of a host whose driver held its attribute.
static void a_driver_that_does_not_answer(void **state)
{
	(void)state;
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 sys/bus/pci/devices/" HOST_GPU "/driver_override\n"), 0);
	assert_int_equal(host_read(&host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_STATE, HOST_LIMIT_US), 0);
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
	assert_true(host.gpus.hung);
	assert_int_equal(host.gpus.count, 1);
	assert_int_equal(host_types(&host, HOST_GPU)->count, 2); // what takes no lock is read all the same
}

// The host of GVT-g is not asked for what only SR-IOV has.
static void no_sriov_on_a_host_of_gvt(void **state)
{
	(void)state;
	tree_put(tree, PF_PATH "/sriov_totalvfs", "7\n");
	tree_put(tree, "sys/module/xe/initstate", "live\n");
	read_parts(EVERYTHING);
	assert_false(host_may_have_sriov(&host));
	assert_false(host_sriov_of(&host, HOST_GPU)->capable);
	assert_int_equal(host_sriov_of(&host, HOST_GPU)->total, -ENOENT);
	assert_equal(host.sriov.xe_state, MODULE_NOT_LOADED);
}

// The GPU is one that xe splits: three VFs are there.
static void put_sriov(void)
{
	put_pf(tree);
	put_vf_bars(tree, VF_BAR_0, VF_BAR_2);
	put_vf(tree, 1, "20", "vfio-pci", "vfio-pci");
	put_vf(tree, 2, "21", "vfio-pci", "vfio-pci");
	put_vf(tree, 3, "22", NULL, NULL);
	put_module_index(tree);
	tree_put(tree, "sys/module/xe/initstate", "live\n");
	tree_put(tree, "sys/module/xe/parameters/max_vfs", "4294967295\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf1/profile/exec_quantum_ms", "25\n");
	tree_put(tree, "lib/firmware/i915/tgl_guc_70.bin", "x");
}

static void sriov_in_parts(void **state)
{
	(void)state;
	put_sriov();
	read_parts(HOST_WORDS | HOST_GPUS);
	assert_true(host_may_have_sriov(&host));
	read_parts(HOST_KERNEL);
	assert_int_equal(host.sriov.drivers.needs_xe[0].there, 1);
	assert_int_equal(host.sriov.drivers.xe_max_vfs, -ENOENT);
	assert_equal(host.sriov.xe_state, MODULE_NOT_LOADED);
	read_parts(HOST_STATE);
	assert_equal(host.sriov.xe_state, MODULE_LIVE);
	assert_true(host.sriov.xe_max_vfs == 4294967295L);
	assert_int_equal(host.sriov.i915_max_vfs, -ENOENT);
	const struct sriov *sriov = host_sriov_of(&host, HOST_GPU);
	assert_ptr_equal(sriov, &host.sriov.gpus[0]);
	assert_true(sriov->capable && sriov->admin && !sriov->bars_missing);
	assert_int_equal(sriov->count, 3);
	assert_false(host_sriov_of(&host, "0000:03:00.0")->capable);

	// Another VF less, which was removed together with all others.
	assert_int_equal(unlinkat(tree->root.fs, PF_PATH "/virtfn2", 0), 0);
	read_parts(HOST_STATE);
	assert_int_equal(host_sriov_of(&host, HOST_GPU)->count, 2);
}

static void the_next_boot_has_no_vfs(void **state)
{
	(void)state;
	put_sriov();
	tree_put(tree, PF_PATH "/sriov_drivers_autoprobe", "0\n"); // left behind
	tree_put(tree, "sys/module/i915/parameters/max_vfs", "3\n");
	read_parts(EVERYTHING);
	assert_int_equal(host.sriov.i915_max_vfs, 3);
	host_forget_boot(&host);
	const struct sriov *sriov = host_sriov_of(&host, HOST_GPU);
	assert_true(sriov->capable);
	assert_int_equal(sriov->count, 0);
	assert_int_equal(sriov->total, -ENODATA); // it is the driver's word: the setup has one bound
	assert_int_equal(sriov->autoprobe, 1);
	assert_false(sriov->admin);
	assert_null(sriov_vf(sriov, 1));
	assert_equal(host.sriov.xe_state, MODULE_NOT_LOADED);
	assert_true(host.sriov.xe_max_vfs == -ENOENT && host.sriov.i915_max_vfs == -ENOENT);
	assert_int_equal(host.sriov.drivers.needs_xe[0].there, 1); // it is the same kernel

	assert_int_equal(unlinkat(tree->root.fs, PF_PATH "/driver", 0), 0);
	read_parts(HOST_STATE);
	host_forget_boot(&host);
	assert_int_equal(sriov->total, 7);
}

#define host_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(nothing_is_read_unasked),
		host_test(each_part_alone),
		host_test(one_after_the_other_and_all_at_once),
		host_test(state_without_gpus),
		host_test(state_is_read_anew),
		host_test(words_begin_anew),
		host_test(the_kernel_is_read_twice),
		host_test(without_proc_no_modules),
		host_test(bounded),
		host_test(a_driver_that_does_not_answer),
		host_test(no_sriov_on_a_host_of_gvt),
		host_test(sriov_in_parts),
		host_test(the_next_boot_has_no_vfs),
	};
	return run_group(tests);
}
