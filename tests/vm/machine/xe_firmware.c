// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The firmware that xe cannot do without (xe_uc_fw.c, xe_guc.c, xe_huc.c, xe_uc.c).
 * Any content will do; if it begins with "version MAJOR.MINOR.PATCH", this is the
 * firmware's version, else it is the one recommended.
 */
#include <linux/firmware.h>
#include <linux/module.h>
#include <drm/drm_print.h>
#include "xe.h"

#define URL "https://git.kernel.org/pub/scm/linux/kernel/git/firmware/linux-firmware.git"

/* Since some release before 7.0 the kind of the failure is told, and the GT. */
#define TELLS_GT (XE_AS_OF >= KERNEL_VERSION(6, 18, 0))

struct version {
	unsigned int major;
	unsigned int minor;
	unsigned int patch;
};

static const struct version recommended = { 70, 44, 1 };

static struct version version_of(const struct firmware *firmware)
{
	struct version version = recommended;
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)min_t(size_t, firmware->size, sizeof(text) - 1), firmware->data);
	sscanf(text, "version %u.%u.%u", &version.major, &version.minor, &version.patch);
	return version;
}

/* GuC releases before 70.29.2 are refused. */
static int check(struct xe *xe, const struct version *v, unsigned int gt)
{
	if (v->major > 70 || (v->major == 70 && (v->minor > 29 || (v->minor == 29 && v->patch >= 2))))
		return 0;
	drm_err(&xe->drm, "Tile0: GT%u: Unsupported GuC v%u.%u.%u! v70.29.2 or newer is required\n", gt, v->major,
		v->minor, v->patch);
	return -EINVAL;
}

static void tell_failure(struct xe *xe, const char *kind, const char *path, unsigned int gt, int error)
{
	if (!TELLS_GT) {
		drm_notice(&xe->drm, "%s firmware %s: fetch failed with error %d\n", kind, path, error);
		drm_info(&xe->drm, "%s firmware(s) can be downloaded from %s\n", kind, URL);
		return;
	}
	if (error == -ENOENT)
		drm_info(&xe->drm, "Tile0: GT%u: %s firmware %s not found\n", gt, kind, path);
	else
		drm_notice(&xe->drm, "Tile0: GT%u: %s firmware %s: fetch failed with error %pe\n", gt, kind, path,
			   ERR_PTR(error));
	drm_info(&xe->drm, "Tile0: GT%u: %s firmware(s) can be downloaded from %s\n", gt, kind, URL);
}

static int load(struct xe *xe, const char *kind, const char *path, unsigned int gt)
{
	const struct firmware *firmware;
	struct version version;
	int ret = firmware_request_nowarn(&firmware, path, xe->drm.dev);

	if (ret) {
		tell_failure(xe, kind, path, gt, ret);
		return ret;
	}
	version = version_of(firmware);
	release_firmware(firmware);
	if (TELLS_GT && !strcmp(kind, "GuC"))
		ret = check(xe, &version, gt);
	if (ret)
		tell_failure(xe, kind, path, gt, ret);
	else
		drm_info(&xe->drm, "%sUsing %s firmware from %s version %u.%u.%u\n",
			 gt ? "Tile0: GT1: " : "Tile0: GT0: ", kind, path, version.major, version.minor, version.patch);
	return ret;
}

/* A VF finds the firmware loaded. */
int xe_load_firmware(struct xe *xe)
{
	unsigned int gt = 0;
	int ret;

	if (xe->mode == XE_VF)
		return 0;
	ret = load(xe, "GuC", xe->platform->guc, gt);
	if (ret) {
		drm_err(&xe->drm, "%sGuC init failed with %pe\n", TELLS_GT ? "Tile0: GT0: " : "GT0: ", ERR_PTR(ret));
		goto failed;
	}
	if (!xe->platform->huc)
		return 0;
	gt = xe->platform->media_gt;
	ret = load(xe, "HuC", xe->platform->huc, gt);
	if (!ret)
		return 0;
	drm_err(&xe->drm, "%sGT%u: HuC: initialization failed: %pe\n", TELLS_GT ? "Tile0: " : "", gt, ERR_PTR(ret));
failed:
	drm_err(&xe->drm, "%sGT%u: Failed to initialize uC (%pe)\n", TELLS_GT ? "Tile0: " : "", gt, ERR_PTR(ret));
	return ret;
}

MODULE_FIRMWARE("xe/lnl_gsc_1.bin");
MODULE_FIRMWARE("i915/mtl_gsc_1.bin");
MODULE_FIRMWARE("i915/tgl_huc.bin");
MODULE_FIRMWARE("i915/dg1_huc.bin");
MODULE_FIRMWARE("i915/mtl_huc_gsc.bin");
MODULE_FIRMWARE("xe/lnl_huc.bin");
MODULE_FIRMWARE("xe/bmg_huc.bin");
MODULE_FIRMWARE("i915/tgl_guc_70.bin");
MODULE_FIRMWARE("i915/adlp_guc_70.bin");
MODULE_FIRMWARE("i915/dg1_guc_70.bin");
MODULE_FIRMWARE("i915/dg2_guc_70.bin");
MODULE_FIRMWARE("i915/mtl_guc_70.bin");
MODULE_FIRMWARE("xe/lnl_guc_70.bin");
MODULE_FIRMWARE("xe/bmg_guc_70.bin");
#if XE_AS_OF >= KERNEL_VERSION(6, 13, 0)
MODULE_FIRMWARE("xe/ptl_gsc_1.bin");
MODULE_FIRMWARE("xe/ptl_huc.bin");
MODULE_FIRMWARE("xe/ptl_guc_70.bin");
#endif
#if XE_AS_OF >= KERNEL_VERSION(7, 2, 0)
MODULE_FIRMWARE("xe/nvl_guc_70.bin");
#endif
MODULE_FIRMWARE("i915/bxt_dmc_ver1_07.bin");
MODULE_FIRMWARE("i915/skl_dmc_ver1_27.bin");
MODULE_FIRMWARE("i915/kbl_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/glk_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/icl_dmc_ver1_09.bin");
MODULE_FIRMWARE("i915/tgl_dmc_ver2_12.bin");
MODULE_FIRMWARE("i915/rkl_dmc_ver2_03.bin");
MODULE_FIRMWARE("i915/dg1_dmc_ver2_02.bin");
MODULE_FIRMWARE("i915/adls_dmc_ver2_01.bin");
MODULE_FIRMWARE("i915/adlp_dmc_ver2_16.bin");
MODULE_FIRMWARE("i915/adlp_dmc.bin");
MODULE_FIRMWARE("i915/dg2_dmc_ver2_08.bin");
MODULE_FIRMWARE("i915/mtl_dmc.bin");
MODULE_FIRMWARE("i915/bmg_dmc.bin");
MODULE_FIRMWARE("i915/xe2lpd_dmc.bin");
