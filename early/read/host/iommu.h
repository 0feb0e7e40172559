// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the kernel drives an IOMMU. GVT-g itself needs none, Proxmox VE refuses every mediated device without one.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"

struct iommu {
	char unit[32];    // an entry of /sys/class/iommu, "" when there is none: the test that Proxmox VE makes
	int unit_count;   // how many
	bool dmar_table;  // the firmware offers VT-d: /sys/firmware/acpi/tables/DMAR
	bool amd;         // the processor is AMD's, and so is the IOMMU: no word has to switch it on
	bool ivrs_table;  // the firmware offers that: /sys/firmware/acpi/tables/IVRS. Both read without a DMAR table
			  // alone
	bool sysfs_found; // /sys/class/iommu is there at all
	bool hung;        // one of these does not answer
};

void iommu_read(struct iommu *iommu, const struct root *root);
