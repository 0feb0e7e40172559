// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for the i915 of i915-sriov-dkms (its version of May 2026): i915 that
 * can be the physical function, for GPUs of the 11th to 14th generation. It has
 * no GVT-g here.
 *
 * What differs from the kernel's own: the greeting (i915_module.c), max_vfs
 * (i915_params.c), and that VFs are bound as well (i915_pci.c). Without the GuC's
 * firmware the probe succeeds all the same, so that there is a display, and the
 * GPU is wedged (gt/uc/intel_uc.c, i915_gem.c).
 */
#include <linux/firmware.h>
#include <linux/i2c-algo-bit.h>
#include <linux/module.h>
#include <linux/version.h>
#include <acpi/video.h>
#include <drm/display/drm_dp_helper.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include "fault.h"
#include "force_probe.h"
#include "gpu_ids.h"
#include "i915_dkms.h"
#include "i915_ids.h"

static int modeset = -1;
module_param(modeset, int, 0400);
MODULE_PARM_DESC(modeset, "0 = do not bind to any device, -1 = default");

static unsigned int max_vfs;
module_param(max_vfs, uint, 0400);
MODULE_PARM_DESC(max_vfs,
		 "Limit number of virtual functions to allocate. (0 = no VFs [default]; N = allow up to N VFs)");

static int enable_guc = -1;
module_param(enable_guc, int, 0400);
MODULE_PARM_DESC(enable_guc, "bit 0: GuC submission, bit 1: HuC; -1 = both (default)");

static bool enable_gvt;
module_param(enable_gvt, bool, 0400);
MODULE_PARM_DESC(enable_gvt, "accepted, without effect");

static char *force_probe = "";
module_param(force_probe, charp, 0400);
MODULE_PARM_DESC(force_probe, "accepted; a device ID with '!' in front is blocked");

static char *fault_hang;
module_param(fault_hang, charp, 0400);
MODULE_PARM_DESC(fault_hang, "hang uninterruptibly in 'init' or in 'probe'");

static unsigned int fault_hang_ms;
module_param(fault_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_hang_ms, "how long fault_hang hangs; 0 = for ever (default)");

static unsigned int fault_probe_errno;
module_param(fault_probe_errno, uint, 0400);
MODULE_PARM_DESC(fault_probe_errno, "probe fails with this errno");

static bool fault_wedged;
module_param(fault_wedged, bool, 0400);
MODULE_PARM_DESC(fault_wedged, "the GPU is wedged when the probe has succeeded");

/* The module that comes with it, and has to be there first. */
int intel_sriov_compat_version(void);

#define TGL_GUC  "i915/tgl_guc_70.1.1.bin"
#define ADLS_GUC "i915/tgl_guc_70.bin", "i915/tgl_guc_70.1.1.bin", "i915/tgl_guc_69.0.3.bin"
#define ADLP_GUC "i915/adlp_guc_70.bin", "i915/adlp_guc_70.1.1.bin", "i915/adlp_guc_69.0.3.bin"

static const struct i915_platform other;
static const struct i915_platform tgl = { .guc = { TGL_GUC }, .sriov = true };
static const struct i915_platform rkl = { .guc = { TGL_GUC } };
static const struct i915_platform adl_s = { .guc = { ADLS_GUC }, .sriov = true };
static const struct i915_platform adl_p = { .guc = { ADLP_GUC }, .sriov = true };
#define adl_n adl_p
static const struct i915_platform dg1 = { .guc = { "i915/dg1_guc_70.bin" } };
static const struct i915_platform dg2 = { .guc = { "i915/dg2_guc_70.bin" } };
#define ats_m dg2
static const struct i915_platform mtl = { .guc = { "i915/mtl_guc_70.bin" }, .sriov = true };

// clang-format off
#define GPU_ID(id, p) { \
	PCI_DEVICE(PCI_VENDOR_ID_INTEL, id), \
	.class = PCI_BASE_CLASS_DISPLAY << 16, .class_mask = 0xff << 16, \
	.driver_data = (kernel_ulong_t)p }
#define OLDER_ID(id, p) GPU_ID(id, &other)
// clang-format on

/* The first match counts: those with a platform of their own stand before the list that has all. */
static const struct pci_device_id ids[] = { GPU_IDS_TGL(GPU_ID),  GPU_IDS_RKL(GPU_ID),  GPU_IDS_ADLS(GPU_ID),
					    GPU_IDS_ADLP(GPU_ID), GPU_IDS_ADLN(GPU_ID), GPU_IDS_RPLU(GPU_ID),
					    GPU_IDS_RPLP(GPU_ID), GPU_IDS_RPLS(GPU_ID), GPU_IDS_DG1(GPU_ID),
					    GPU_IDS_ATSM(GPU_ID), GPU_IDS_DG2(GPU_ID),  GPU_IDS_MTL(GPU_ID),
					    GPU_IDS_ARL(GPU_ID),  I915_IDS(OLDER_ID),   {} };
MODULE_DEVICE_TABLE(pci, ids);

DEFINE_DRM_GEM_FOPS(i915_fops);

static struct drm_driver i915_drm_driver = {
	.name = "i915",
	.desc = "Intel Graphics",
	.major = 1,
	.minor = 6,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	.date = "20230929",
#endif
	.fops = &i915_fops,
};

static int request_guc(struct i915 *i915)
{
	const struct firmware *firmware;
	int i, ret = -ENOENT;

	for (i = 0; ret == -ENOENT && i < ARRAY_SIZE(i915->platform->guc) && i915->platform->guc[i]; i++)
		ret = firmware_request_nowarn(&firmware, i915->platform->guc[i], i915->drm.dev);
	if (!ret)
		release_firmware(firmware);
	return ret;
}

static void load_guc(struct i915 *i915)
{
	int ret = request_guc(i915);

	if (!ret) {
		drm_info(&i915->drm, "GT0: GuC firmware %s version 70.44.1\n", i915->platform->guc[0]);
		drm_info(&i915->drm, "GT0: GUC: submission enabled\n");
		return;
	}
	drm_err(&i915->drm, "GT0: GuC firmware %s: fetch failed %pe\n", i915->platform->guc[0], ERR_PTR(ret));
	drm_info(&i915->drm,
		 "GT0: GuC firmware(s) can be downloaded from "
		 "https://git.kernel.org/pub/scm/linux/kernel/git/firmware/linux-firmware.git\n");
	drm_err(&i915->drm, "GT0: GuC initialization failed %pe\n", ERR_PTR(ret));
	drm_err(&i915->drm, "GT0: Enabling uc failed (%d)\n", -EIO);
	drm_err(&i915->drm, "Failed to initialize GPU, declaring it wedged!\n");
	i915->wedged = true;
}

static int i915_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct i915 *i915;
	int ret;

	if (force_probe_has(force_probe, pdev->device, true)) {
		dev_info(&pdev->dev, "I915 probe blocked for Device ID %04x.\n", pdev->device);
		return -ENODEV;
	}
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	i915 = devm_drm_dev_alloc(&pdev->dev, &i915_drm_driver, struct i915, drm);
	if (IS_ERR(i915))
		return PTR_ERR(i915);
	i915->platform = (const void *)id->driver_data;
	pci_set_drvdata(pdev, i915);

	i915_pf_begin(i915, max_vfs);
	if (fault_hang && !strcmp(fault_hang, "probe"))
		fault_hang_for(fault_hang_ms);
	if (fault_probe_errno)
		return -(int)fault_probe_errno;
	if (enable_guc && i915->platform->guc[0] && i915->mode != I915_VF)
		load_guc(i915);
	if (fault_wedged)
		i915->wedged = true;
	ret = drm_dev_register(&i915->drm, 0);
	if (ret)
		return ret;
	ret = i915_iov_add(i915);
	if (ret)
		drm_err(&i915->drm, "Failed to setup SR-IOV sysfs (%pe)\n", ERR_PTR(ret));
	i915_pf_confirm(i915);
	return 0;
}

static void i915_remove(struct pci_dev *pdev)
{
	struct i915 *i915 = pci_get_drvdata(pdev);

	if (i915->mode == I915_PF)
		i915_pf_configure(pdev, 0);
	i915_iov_remove(i915);
	drm_dev_unplug(&i915->drm);
}

static struct pci_driver i915_pci_driver = {
	.name = "i915",
	.id_table = ids,
	.probe = i915_probe,
	.remove = i915_remove,
	.sriov_configure = i915_pf_configure,
};

static bool bound;

static int __init i915_init(void)
{
	int ret;

	intel_sriov_compat_version();
	pr_info("i915: You are using the i915-sriov-dkms module, a ported version of the i915/xe module with SR-IOV support.\n");
	pr_info("i915: Please file any bug report at https://github.com/strongtz/i915-sriov-dkms/issues/new.\n");
	pr_info("i915: Module Homepage: https://github.com/strongtz/i915-sriov-dkms\n");
	if (fault_hang && !strcmp(fault_hang, "init"))
		fault_hang_for(fault_hang_ms);
	if (modeset == 0 || (modeset == -1 && drm_firmware_drivers_only()))
		return 0;
	ret = pci_register_driver(&i915_pci_driver);
	bound = !ret;
	return ret;
}

static void __exit i915_exit(void)
{
	if (bound)
		pci_unregister_driver(&i915_pci_driver);
}

module_init(i915_init);
module_exit(i915_exit);

/* Never called: they give the module the dependencies of the real one. */
static const void *const needed[] __used = {
	acpi_video_unregister,       /* video */
	drm_dp_channel_eq_ok,        /* drm_display_helper, and cec by it */
	drm_kms_helper_poll_disable, /* drm_kms_helper */
	i2c_bit_add_bus,             /* i2c-algo-bit */
};

MODULE_DESCRIPTION("Test machine: stands in for Intel Graphics of i915-sriov-dkms");
MODULE_LICENSE("GPL and additional rights");
MODULE_FIRMWARE("i915/tgl_huc_7.9.3.bin");
MODULE_FIRMWARE("i915/tgl_huc.bin");
MODULE_FIRMWARE("i915/mtl_huc_gsc.bin");
MODULE_FIRMWARE("i915/tgl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/tgl_guc_70.bin");
MODULE_FIRMWARE("i915/tgl_guc_69.0.3.bin");
MODULE_FIRMWARE("i915/adlp_guc_70.bin");
MODULE_FIRMWARE("i915/adlp_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/adlp_guc_69.0.3.bin");
MODULE_FIRMWARE("i915/dg1_guc_70.bin");
MODULE_FIRMWARE("i915/dg2_guc_70.bin");
MODULE_FIRMWARE("i915/mtl_guc_70.bin");
MODULE_FIRMWARE("i915/tgl_dmc_ver2_12.bin");
MODULE_FIRMWARE("i915/rkl_dmc_ver2_03.bin");
MODULE_FIRMWARE("i915/adls_dmc_ver2_01.bin");
MODULE_FIRMWARE("i915/adlp_dmc_ver2_16.bin");
MODULE_FIRMWARE("i915/adlp_dmc.bin");
MODULE_FIRMWARE("i915/dg2_dmc_ver2_08.bin");
MODULE_FIRMWARE("i915/mtl_dmc.bin");
