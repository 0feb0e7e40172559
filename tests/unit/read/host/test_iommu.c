// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/iommu.h"

static void reading(void **state)
{
	struct tree *tree = *state;
	struct iommu iommu;
	iommu_read(&iommu, &tree->root);
	assert_false(iommu.sysfs_found);

	tree_dir(tree, "sys/class/iommu");
	iommu_read(&iommu, &tree->root);
	assert_true(iommu.sysfs_found);
	assert_string_equal(iommu.unit, "");
	assert_int_equal(iommu.unit_count, 0);
	assert_false(iommu.dmar_table);

	tree_put(tree, "sys/firmware/acpi/tables/DMAR", "DMAR");
	tree_link(tree, "sys/class/iommu/dmar1", "../../devices/virtual/iommu/dmar1");
	tree_link(tree, "sys/class/iommu/dmar0", "../../devices/virtual/iommu/dmar0");
	iommu_read(&iommu, &tree->root);
	assert_string_equal(iommu.unit, "dmar0");
	assert_int_equal(iommu.unit_count, 2);
	assert_true(iommu.dmar_table);
}

static void no_sysfs(void **state)
{
	(void)state;
	const struct root nothing = { .path = "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	struct iommu iommu;
	iommu_read(&iommu, &nothing);
	assert_false(iommu.sysfs_found);
	assert_false(iommu.dmar_table);
	assert_string_equal(iommu.unit, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(reading),
		cmocka_unit_test(no_sysfs),
	};
	return run_group(tests);
}
