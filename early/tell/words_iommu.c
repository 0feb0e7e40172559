// SPDX-License-Identifier: GPL-2.0-or-later
// The IOMMU. GVT-g itself needs none.
#include "tell/words.h"

#define FOR_PROXMOX " (Proxmox VE starts no guest with a vGPU without an IOMMU)"

static const struct words rows[] = {
	{ CAUSE_IOMMU_ON, "iommu-on", "on ({unit}{more? and others})", NULL },
	{ CAUSE_IOMMU_HUNG, "iommu-hung", "unknown: /sys does not answer", NULL },
	{ CAUSE_IOMMU_NO_SYSFS, "iommu-no-sysfs", "unknown: /sys is not mounted", NULL },
	{ CAUSE_IOMMU_BELOW_XEN, "iommu-below-xen", "not checked: Xen hides it", NULL },
	{ CAUSE_IOMMU_NO_DMAR, "iommu-no-dmar", "the firmware has no DMAR table",
	  "enable VT-d in the firmware setup (Proxmox VE starts no guest with a vGPU without it)" },
	{ CAUSE_IOMMU_OFF_BY_WORD, "iommu-off-by-word", "'{word}' on the kernel command line switches VT-d off",
	  "run 'gvt-early check', which names the cause and the fix" FOR_PROXMOX },
	{ CAUSE_IOMMU_REFUSED, "iommu-refused",
	  "the firmware supports VT-d and intel_iommu=on is on the kernel command line, but this kernel did not "
	  "enable it",
	  "'dmesg | grep DMAR' may say why; update the firmware" FOR_PROXMOX },
	{ CAUSE_IOMMU_WORD_WRONG, "iommu-word-wrong",
	  "the firmware supports VT-d, but '{word}' on the kernel command line does not enable it",
	  "write intel_iommu=on instead" FOR_PROXMOX },
	{ CAUSE_IOMMU_NOT_ENABLED, "iommu-not-enabled", "the firmware supports VT-d, but this kernel did not enable it",
	  "add intel_iommu=on to the kernel command line" FOR_PROXMOX },
	{ CAUSE_IOMMU_NO_IVRS, "iommu-no-ivrs", "the firmware has no IVRS table: AMD's IOMMU is off in its setup",
	  "enable the IOMMU (AMD-Vi) in the firmware setup (Proxmox VE starts no guest with a vGPU without it)" },
	{ CAUSE_IOMMU_AMD_OFF_BY_WORD, "iommu-amd-off-by-word",
	  "'{word}' on the kernel command line switches AMD's IOMMU off",
	  "run 'gvt-early check', which names the cause and the fix" FOR_PROXMOX },
	{ CAUSE_IOMMU_AMD_NOT_ENABLED, "iommu-amd-not-enabled",
	  "the firmware supports AMD's IOMMU, but this kernel did not enable it",
	  "'dmesg | grep AMD-Vi' may say why; update the firmware" FOR_PROXMOX },
	{ CAUSE_IOMMU_NOT_NEEDED, "iommu-not-needed",
	  "{because}: GVT-g needs no IOMMU; only a guest with a whole PCI device needs one", NULL },
};

const struct word_table words_iommu = { rows, ARRAY_SIZE(rows) };
