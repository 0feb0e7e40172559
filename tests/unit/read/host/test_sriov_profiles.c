// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"
#include "sriov_tree.h"

#include "base/clock.h"
#include "read/host/sriov_profiles.h"

static struct sriov sriov;
static struct sriov_profiles profiles;

static void read_profiles(struct tree *tree, unsigned limit_ms)
{
	memset(&profiles, 0xa5, sizeof(profiles)); // nothing is left of what was there
	sriov_read(&sriov, &tree->root, PF);
	sriov_profiles_read(&profiles, &tree->root, PF, &sriov, clock_now_us() + limit_ms * USEC_PER_MSEC);
}

static void of_each_vf(void **state)
{
	struct tree *tree = *state;
	put_pf(tree);
	put_vf(tree, 1, "20", "vfio-pci", "vfio-pci");
	put_vf(tree, 2, "21", "vfio-pci", "vfio-pci");
	read_profiles(tree, 5000);
	assert_false(profiles.hung);
	assert_int_equal(profiles.vfs[0].quantum_ms, -ENOENT); // the driver has none
	tree_put(tree, PF_PATH "/sriov_admin/vf1/profile/exec_quantum_ms", "25\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf2/profile/exec_quantum_ms", "50\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf2/profile/preempt_timeout_us", "500000\n");
	tree_put(tree, PF_PATH "/sriov_admin/vf2/profile/vram_quota", "1073741824\n");
	read_profiles(tree, 5000);
	assert_false(profiles.hung);
	assert_int_equal(profiles.vfs[0].quantum_ms, 25);
	assert_int_equal(profiles.vfs[0].timeout_us, -ENOENT);
	assert_int_equal(profiles.vfs[1].quantum_ms, 50);
	assert_int_equal(profiles.vfs[1].timeout_us, 500000);
	assert_int_equal(profiles.vfs[1].vram, 1073741824);
	assert_int_equal(profiles.vfs[1].ggtt, -ENOENT);
	assert_int_equal(profiles.vfs[2].quantum_ms, -ENOENT);
}

// A driver that does not answer: a FIFO that nobody writes to.
static void no_answer(void **state)
{
	struct tree *tree = *state;
	put_pf(tree);
	put_vf(tree, 1, "20", "vfio-pci", "vfio-pci");
	put_vf(tree, 2, "21", "vfio-pci", "vfio-pci");
	tree_put(tree, PF_PATH "/sriov_admin/vf1/profile/exec_quantum_ms", "25\n");
	tree_parents(tree, PF_PATH "/sriov_admin/vf2/profile/exec_quantum_ms");
	assert_int_equal(mkfifoat(tree->root.fs, PF_PATH "/sriov_admin/vf2/profile/exec_quantum_ms", 0600), 0);
	read_profiles(tree, 300);
	assert_int_equal(profiles.vfs[0].quantum_ms, 25);
	assert_true(profiles.hung || profiles.vfs[1].quantum_ms < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { tree_test(of_each_vf), tree_test(no_answer) };
	return run_group(tests);
}
