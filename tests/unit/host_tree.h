// SPDX-License-Identifier: GPL-2.0-or-later
// What the unit tests of a whole host share: its PCI functions, its drivers and its instances, as files of a tree.
#pragma once

#include "helper.h"

#define HOST_GPU     "0000:00:02.0"
#define HOST_RELEASE "6.1.0-13-amd64"
#define HOST_BOOT_ID "11111111-2222-3333-4444-555555555555"

// A PCI function of a fixture; BAR 2 is aperture MiB large.
HELPER void put_function(const struct tree *tree, const char *address, const char *vendor, const char *device,
			 const char *class, unsigned aperture_mib)
{
	char path[256], text[1024];
	static const char *const names[] = { "vendor", "device", "class", "irq" };
	const char *const values[] = { vendor, device, class, "16" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", address, names[i]);
		tree_put(tree, path, values[i]);
	}
	unsigned long long start = 0xc0000000ULL, size = aperture_mib * MIB;
	int n = snprintf(text, sizeof(text),
			 "0x00000000f6000000 0x00000000f6ffffff 0x0000000000140204\n"
			 "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
			 "0x%016llx 0x%016llx 0x000000000014220c\n",
			 size ? start : 0, size ? start + size - 1 : 0);
	for (int i = 0; i < 10; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/resource", address);
	tree_put(tree, path, text);
	char config[256] = { 0 };
	config[0x50] = (char)0xc1;
	config[0x51] = 0x22;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", address);
	tree_put_bytes(tree, path, config, sizeof(config));
}

// A boot of a host with one GPU, before any of its modules is loaded.
HELPER void put_host(const struct tree *tree)
{
	tree_put(tree, "proc/cmdline", "root=/dev/sda1 intel_iommu=on quiet\n");
	tree_put(tree, "proc/sys/kernel/osrelease", HOST_RELEASE "\n");
	tree_put(tree, "proc/sys/kernel/random/boot_id", HOST_BOOT_ID "\n");
	put_function(tree, HOST_GPU, "0x8086", "0x3e92", "0x030000", 512);
	tree_put(tree, "sys/firmware/acpi/tables/DMAR", "DMAR");
	tree_dir(tree, "sys/class/iommu/dmar0");
	tree_dir(tree, "sys/class/mdev_bus");
	tree_dir(tree, "sys/bus/mdev/devices");
}

// Its kernel's modules can be looked up; there is none.
HELPER void put_module_index(const struct tree *tree)
{
	static const char empty[12] = "\xb0\x07\xf4\x57\x00\x02\x00\x01"; // libkmod's magic number and version
	tree_put_bytes(tree, "lib/modules/" HOST_RELEASE "/modules.dep.bin", empty, sizeof(empty));
}

// The GPU offers two types.
HELPER void put_types(const struct tree *tree)
{
	tree_put(tree, "sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types/i915-GVTg_V5_4/available_instances",
		 "2\n");
	tree_put(tree, "sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types/i915-GVTg_V5_8/available_instances",
		 "5\n");
}

// i915 and kvmgt are loaded.
HELPER void put_drivers(const struct tree *tree)
{
	tree_put(tree, "sys/module/i915/initstate", "live\n");
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "Y\n");
	tree_put(tree, "sys/module/kvmgt/initstate", "live\n");
	tree_link(tree, "sys/bus/pci/devices/" HOST_GPU "/driver", "../../../bus/pci/drivers/i915");
	put_types(tree);
}

// An instance in the IOMMU group 12.
HELPER void put_instance(const struct tree *tree, const char *uuid, const char *type)
{
	char path[256], target[256];
	const char *parent = "sys/bus/pci/devices/" HOST_GPU;
	snprintf(path, sizeof(path), "%s/%s/mdev_type", parent, uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", type);
	tree_link(tree, path, target);
	snprintf(path, sizeof(path), "%s/%s/iommu_group", parent, uuid);
	tree_link(tree, path, "../../../../kernel/iommu_groups/12");
	snprintf(path, sizeof(path), "%s/%s/driver", parent, uuid);
	tree_link(tree, path, "../../../../bus/mdev/drivers/vfio_mdev");
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	snprintf(target, sizeof(target), "../../pci/devices/" HOST_GPU "/%s", uuid);
	tree_link(tree, path, target);
}

// A host on which the one instance that is wanted exists.
HELPER void put_fine_host(const struct tree *tree, const char *uuid)
{
	char config[128];
	put_host(tree);
	put_drivers(tree);
	put_module_index(tree);
	put_instance(tree, uuid, "i915-GVTg_V5_4");
	snprintf(config, sizeof(config), "[instance %s]\ntype = i915-GVTg_V5_4\n", uuid);
	tree_put(tree, "etc/gvt-early/gvt-early.conf", config);
	tree_put(tree, "dev/kvm", "");
}

// A process that has IOMMU group 12 open.
HELPER void put_user(const struct tree *tree, unsigned pid, const char *name)
{
	char path[64], text[160];
	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	snprintf(text, sizeof(text), "%s\n", name);
	tree_put(tree, path, text);
	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(text, sizeof(text), "%u (x) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 4711 23\n", pid);
	tree_put(tree, path, text);
	snprintf(path, sizeof(path), "proc/%u/fd/3", pid);
	tree_link(tree, path, "/dev/vfio/12");
}
