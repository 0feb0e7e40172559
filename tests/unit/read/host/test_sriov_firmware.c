// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/sriov_firmware.h"

// What the drivers name in their .modinfo, of several platforms.
static const char *const named[] = {
	"i915/tgl_guc_70.bin",
	"i915/tgl_guc_70.1.1.bin",
	"i915/tgl_guc_69.0.3.bin",
	"i915/adlp_guc_70.bin",
	"i915/adlp_guc_70.1.1.bin",
	"i915/mtl_guc_70.bin",
	"i915/dg2_guc_70.bin",
	"xe/bmg_guc_70.bin",
	"xe/ptl_guc_70.bin",
	"xe/lnl_guc_70.bin",
	"xe/nvl_guc_70.bin",
	"i915/tgl_huc.bin",
	"i915/tgl_huc_7.9.3.bin",
	"i915/mtl_huc_gsc.bin",
	"i915/dg2_huc_gsc.bin",
	"xe/bmg_huc.bin",
	"xe/ptl_huc.bin",
	"i915/mtl_gsc_1.bin",
	"xe/ptl_gsc_1.bin",
	"i915/tgl_dmc_ver2_12.bin",
	"i915/adls_dmc_ver2_01.bin",
	"i915/adlp_dmc.bin",
	"i915/adlp_dmc_ver2_16.bin",
	"i915/mtl_dmc.bin",
	"i915/dg2_dmc_ver2_08.bin",
	"i915/bmg_dmc.bin",
	"i915/xe2lpd_dmc.bin",
	"i915/xe3lpd_dmc.bin",
	"i915/xe3lpd_3002_dmc.bin",
	"i915/xe3p_lpd_dmc.bin",
	"i915/kbl_dmc_ver1_04.bin",
};

static void assert_files(const char *key, bool xe, const char *expected)
{
	char got[512] = "";
	const struct sriov_platform *platform = sriov_platform_find(key);
	assert_non_null(platform);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (sriov_firmware_is_for(platform, xe, named[i]))
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", got[0] ? " " : "", named[i]);
	assert_string_equal(got, expected);
}

static void files(void **state)
{
	(void)state;
	// i915 and xe differ in the GuC that they ask for.
	assert_files("tgl", true,
		     "i915/tgl_guc_70.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin i915/tgl_dmc_ver2_12.bin");
	assert_files("tgl", false,
		     "i915/tgl_guc_70.1.1.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin i915/tgl_dmc_ver2_12.bin");
	assert_files("adl_s", true,
		     "i915/tgl_guc_70.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin i915/adls_dmc_ver2_01.bin");
	assert_files("adl_n", true,
		     "i915/tgl_guc_70.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin i915/adlp_dmc.bin "
		     "i915/adlp_dmc_ver2_16.bin");
	assert_files("adl_n", false,
		     "i915/adlp_guc_70.bin i915/adlp_guc_70.1.1.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin "
		     "i915/adlp_dmc.bin i915/adlp_dmc_ver2_16.bin");
	assert_files("adl_p", true,
		     "i915/adlp_guc_70.bin i915/tgl_huc.bin i915/tgl_huc_7.9.3.bin i915/adlp_dmc.bin "
		     "i915/adlp_dmc_ver2_16.bin");
	assert_files("mtl", false, "i915/mtl_guc_70.bin i915/mtl_huc_gsc.bin i915/mtl_gsc_1.bin i915/mtl_dmc.bin");
	assert_files("ats_m", true, "i915/dg2_guc_70.bin i915/dg2_huc_gsc.bin"); // no display
	assert_files("bmg", true, "xe/bmg_guc_70.bin xe/bmg_huc.bin i915/bmg_dmc.bin");
	assert_files("ptl", true,
		     "xe/ptl_guc_70.bin xe/ptl_huc.bin xe/ptl_gsc_1.bin i915/xe3lpd_dmc.bin i915/xe3lpd_3002_dmc.bin");
	assert_files("nvls", true, "xe/nvl_guc_70.bin i915/xe3p_lpd_dmc.bin");
	assert_files("nvlp", true, ""); // xe names no GuC for it
	assert_files("cri", true, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(files) };
	return run_group(tests);
}
