// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the kernel drives an IOMMU. GVT-g itself needs none, Proxmox VE refuses every mediated device without one.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/host/cmdline.h"

struct iommu {
	char unit[32];    // an entry of /sys/class/iommu, "" when there is none: the test that Proxmox VE makes
	int unit_count;   // how many
	bool dmar_table;  // the firmware offers VT-d: /sys/firmware/acpi/tables/DMAR
	bool sysfs_found; // /sys/class/iommu is there at all
	bool hung;        // one of these does not answer
};

void iommu_read(struct iommu *iommu, const struct root *root);

enum iommu_state {
	IOMMU_ON,
	IOMMU_OFF_BY_PARAMETER, // the kernel command line switches it off
	IOMMU_OFF_BY_DEFAULT,   // the firmware offers it, this kernel wants to be told
	IOMMU_REFUSED,          // the firmware offers it and intel_iommu=on is given, and yet it is off
	IOMMU_ABSENT,           // the firmware does not offer it
	IOMMU_UNKNOWN,          // no sysfs, or it does not answer
};

// The state, and one sentence that says what was seen and, behind CURE (finding.h), what mends it. *ret_word is the word that switches
// it off or was meant to switch it on, NULL when there is none. Pure.
enum iommu_state iommu_judge(const struct iommu *iommu, const struct cmdline *cmdline, char *ret_text, size_t size,
			     const struct cmdline_word **ret_word);
