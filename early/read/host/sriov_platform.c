// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov_platform.h"

#include <stdio.h>

#include "base/util.h"

#define GUC_TGL   "i915/tgl_guc_70.bin"
#define GUC_ADLP  "i915/adlp_guc_70.bin"
#define HUC_TGL   "i915/tgl_huc.bin"
#define OLD(name) "i915/" name "_guc_70.1.1.bin", "i915/" name "_guc_69.0.3.bin"

// Which kernel: facts of Linux 6.17, 6.18, 7.0, 7.1.5 and 7.3.4. i915 counts Alder Lake-N as Alder Lake-P, xe does not:
// they ask for other firmware there. Tiger Lake has one name in i915, and no other.
static const struct sriov_platform platforms[] = {
	{ .key = "tgl",
	  .xe_since = KERNEL_AT(6, 18),
	  .xe_forced = true,
	  .dkms_i915 = true,
	  .dkms_xe = true,
	  .guc_xe = GUC_TGL,
	  .huc_xe = HUC_TGL,
	  .guc_i915 = { "i915/tgl_guc_70.1.1.bin" } },
	{ .key = "adl_s",
	  .xe_since = KERNEL_AT(6, 18),
	  .xe_forced = true,
	  .dkms_i915 = true,
	  .dkms_xe = true,
	  .guc_xe = GUC_TGL,
	  .huc_xe = HUC_TGL,
	  .guc_i915 = { GUC_TGL, OLD("tgl") } },
	{ .key = "adl_p",
	  .xe_since = KERNEL_AT(6, 18),
	  .xe_forced = true,
	  .dkms_i915 = true,
	  .dkms_xe = true,
	  .guc_xe = GUC_ADLP,
	  .huc_xe = HUC_TGL,
	  .guc_i915 = { GUC_ADLP, OLD("adlp") } },
	{ .key = "adl_n",
	  .xe_since = KERNEL_AT(6, 18),
	  .xe_forced = true,
	  .dkms_i915 = true,
	  .dkms_xe = true,
	  .guc_xe = GUC_TGL,
	  .guc_i915 = { GUC_ADLP, OLD("adlp") } },
	{ .key = "mtl", .dkms_i915 = true, .xe_never = true, .guc_i915 = { "i915/mtl_guc_70.bin" } },
	{ .key = "ats_m",
	  .xe_since = KERNEL_AT(6, 18),
	  .xe_forced = true,
	  .dkms_xe = true,
	  .guc_xe = "i915/dg2_guc_70.bin" },
	{ .key = "bmg",
	  .xe_since = KERNEL_AT(6, 17),
	  .dkms_xe = true,
	  .guc_xe = "xe/bmg_guc_70.bin",
	  .huc_xe = "xe/bmg_huc.bin" },
	{ .key = "ptl",
	  .xe_since = KERNEL_AT(6, 17),
	  .dkms_xe = true,
	  .guc_xe = "xe/ptl_guc_70.bin",
	  .huc_xe = "xe/ptl_huc.bin" },
	{ .key = "cri", .xe_since = KERNEL_AT(7, 0), .xe_forced = true, .dkms_xe = true },
	{ .key = "nvls", .xe_since = KERNEL_AT(7, 2), .guc_xe = "xe/nvl_guc_70.bin" },
	{ .key = "nvlp", .xe_since = KERNEL_AT(7, 3), .xe_forced = true },
};

unsigned kernel_version(const char *release)
{
	unsigned major, minor;
	if (sscanf(release, "%3u.%3u", &major, &minor) != 2)
		return 0;
	return KERNEL_AT(major, minor);
}

const struct sriov_platform *sriov_platform_find(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(platforms); i++)
		if (streq(platforms[i].key, key))
			return &platforms[i];
	return NULL;
}
