// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov_firmware.h"

#include "base/util.h"

#define FILES_MAX 4

// How the names of a platform's files begin, GuC's aside. Facts of Linux 7.3 and i915-sriov-dkms 2026.05.06:
// display/intel_dmc.c (dmc_firmware_default), xe_uc_fw.c and gt/uc/intel_uc_fw.c (HuC and GSC). ats_m has no display.
// Wildcat Lake counts as ptl, and has a DMC of its own; both begin alike.
static const struct {
	const char *platform;
	const char *files[FILES_MAX + 1];
} others[] = {
	{ "tgl", { "i915/tgl_dmc_", "i915/tgl_huc" } },
	{ "adl_s", { "i915/adls_dmc_", "i915/tgl_huc" } },
	{ "adl_p", { "i915/adlp_dmc", "i915/tgl_huc" } },
	{ "adl_n", { "i915/adlp_dmc", "i915/tgl_huc" } },
	{ "mtl", { "i915/mtl_dmc", "i915/mtl_huc_gsc", "i915/mtl_gsc_" } },
	{ "ats_m", { "i915/dg2_huc_gsc" } },
	{ "bmg", { "i915/bmg_dmc", "xe/bmg_huc" } },
	{ "ptl", { "i915/xe3lpd_", "xe/ptl_huc", "xe/ptl_gsc_" } },
	{ "nvls", { "i915/xe3p_lpd_", "xe/nvl_huc", "xe/nvl_gsc_" } },
};

bool sriov_firmware_is_for(const struct sriov_platform *platform, bool xe, const char *file)
{
	if (xe && platform->guc_xe && streq(platform->guc_xe, file))
		return true;
	for (const char *const *name = platform->guc_i915; !xe && *name; name++)
		if (streq(*name, file))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		for (const char *const *begin = others[i].files; streq(others[i].platform, platform->key) && *begin;
		     begin++)
			if (starts_with(file, *begin))
				return true;
	return false;
}
