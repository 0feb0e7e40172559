// SPDX-License-Identifier: GPL-2.0-or-later
// What the unit tests of SR-IOV share: a GPU with virtual functions, as files of a tree.
#pragma once

#include "host_tree.h"

#define PF      HOST_GPU
#define PF_PATH "sys/bus/pci/devices/" PF

// A function of a host whose GPU has the capability: an N100, before any driver is loaded.
HELPER void put_pf(const struct tree *tree)
{
	put_function(tree, PF, "0x8086", "0x46d1", "0x030000", 256);
	tree_put(tree, PF_PATH "/sriov_totalvfs", "7\n");
	tree_put(tree, PF_PATH "/sriov_offset", "1\n");
	tree_put(tree, PF_PATH "/sriov_stride", "1\n");
	tree_put(tree, PF_PATH "/sriov_drivers_autoprobe", "1\n");
	// Nobody reads it: it takes the device's lock.
	assert_int_equal(mkfifoat(tree->root.fs, PF_PATH "/sriov_numvfs", 0644), 0);
}

// The resources of the PF, those of its VFs' BARs 0 and 2 as they are given, the others empty.
HELPER void put_vf_bars(const struct tree *tree, const char *first, const char *second)
{
	static const char none[] = "0x0000000000000000 0x0000000000000000 0x0000000000000000";
	char text[2048];
	size_t used = 0;
	for (int i = 0; i < 13; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n",
					 i == 0           ? "0x00000000f6000000 0x00000000f6ffffff 0x0000000000140204"
						 : i == 7 ? first
						 : i == 9 ? second
							  : none);
	tree_put(tree, PF_PATH "/resource", text);
}

#define VF_BAR_0    "0x0000004010000000 0x0000004016ffffff 0x0000000000140204"
#define VF_BAR_2    "0x0000004020000000 0x00000040ffffffff 0x000000000014220c"
#define VF_BAR_NONE "0x0000000000000000 0x0000000000000000 0x0000000000000000"

// VF number from 1, in an IOMMU group; driver and driver_override may be NULL for none.
HELPER void put_vf(const struct tree *tree, unsigned number, const char *group, const char *driver,
		   const char *driver_override)
{
	char address[16], path[256], target[256];
	snprintf(address, sizeof(address), "0000:00:02.%u", number);
	put_function(tree, address, "0x8086", "0x46d1", "0x030000", 0);
	snprintf(path, sizeof(path), PF_PATH "/virtfn%u", number - 1);
	snprintf(target, sizeof(target), "../%s", address);
	tree_link(tree, path, target);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/physfn", address);
	tree_link(tree, path, "../" PF);
	if (group) {
		snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices/%s", group, address);
		tree_put(tree, path, "");
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/iommu_group", address);
		snprintf(target, sizeof(target), "../../../../kernel/iommu_groups/%s", group);
		tree_link(tree, path, target);
	}
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver_override", address);
	snprintf(target, sizeof(target), "%s\n", driver_override ? driver_override : "(null)");
	tree_put(tree, path, target);
	if (driver) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", address);
		snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
		tree_link(tree, path, target);
	}
}
