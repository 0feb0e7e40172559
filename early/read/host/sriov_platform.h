// SPDX-License-Identifier: GPL-2.0-or-later
// The platforms whose GPU has virtual functions (VFs), and which driver can be the physical function (PF) there: what
// the drivers' own tables say (xe_pci.c, i915_pci.c, xe_uc_fw.c, intel_uc_fw.c). igpu-ids.tsv has the platform of each
// device ID.
#pragma once

#include <stdbool.h>

// A kernel's version as a number, which can be compared.
#define KERNEL_AT(major, minor) ((unsigned)(major) << 16 | (unsigned)(minor))

// The version at the beginning of a release, "6.18.9-1-pve"; 0 when there is none.
unsigned kernel_version(const char *release);

#define GUC_NAMES_MAX 3

struct sriov_platform {
	const char *key;    // "adl_n", as xe's descriptor is named
	unsigned xe_since;  // KERNEL_AT(6, 18): the first kernel whose own xe can be the PF; 0 when none is known
	bool xe_forced;     // xe takes it only with force_probe
	bool dkms_i915;     // i915-sriov-dkms' i915 can be its PF
	bool dkms_xe;       // likewise its xe
	bool xe_never;      // xe must not be forced there: the host hangs
	const char *guc_xe; // the GuC firmware that xe asks for, below a firmware directory; NULL when xe names none
	const char *huc_xe; // likewise of HuC: xe gives the GPU up without what it names (xe_huc_init); i915 does not
	// What i915-sriov-dkms' i915 asks for, the first that is there; NULL behind the last.
	const char *guc_i915[GUC_NAMES_MAX + 1];
};

// The platform of a key, or NULL.
const struct sriov_platform *sriov_platform_find(const char *key);
