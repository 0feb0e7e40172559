// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for xe: binds to Intel's GPUs of the 11th generation and later, as
 * their physical function where it can. No graphics: a bare DRM device is all
 * there is.
 *
 * Modelled on drivers/gpu/drm/xe of Linux 6.12 and 7.3: parameters xe_module.c;
 * platforms, force_probe and order of the probe xe_pci.c and xe_device.c.
 */
#include <linux/configfs.h>
#include <linux/i2c-algo-bit.h>
#include <linux/module.h>
#include <acpi/video.h>
#include <drm/display/drm_dp_helper.h>
#include <drm/drm_drv.h>
#include <drm/drm_exec.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include <drm/gpu_scheduler.h>
#include "fault.h"
#include "force_probe.h"
#include "xe.h"
#include "gpu_ids.h"

static char *force_probe = "";
module_param(force_probe, charp, 0400);
MODULE_PARM_DESC(force_probe,
		 "Force probe options for specified devices. See CONFIG_DRM_XE_FORCE_PROBE for details [default=])");

#if XE_AS_OF >= KERNEL_VERSION(6, 17, 0)
static unsigned int max_vfs = ~0;
#define MAX_VFS_DEFAULT "unlimited"
#else
static unsigned int max_vfs;
#define MAX_VFS_DEFAULT "0"
#endif
module_param(max_vfs, uint, 0400);
MODULE_PARM_DESC(max_vfs,
		 "Limit number of Virtual Functions (VFs) that could be managed. "
		 "(0=no VFs; N=allow up to N VFs [default=" MAX_VFS_DEFAULT "])");

static bool probe_display = true;
module_param(probe_display, bool, 0444);
MODULE_PARM_DESC(probe_display, "accepted, without effect");

static int guc_log_level = 1;
module_param(guc_log_level, int, 0600);
MODULE_PARM_DESC(guc_log_level, "accepted, without effect");

static int has_sriov = -1;
module_param(has_sriov, int, 0400);
MODULE_PARM_DESC(has_sriov, "whether the driver can split this GPU: 0, 1, -1 = as its own table has it (default)");

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
MODULE_PARM_DESC(fault_wedged, "the GPU is declared wedged when the probe has succeeded");

#define SINCE(major, minor) (XE_AS_OF >= KERNEL_VERSION(major, minor, 0))

#define TGL_FIRMWARE  .guc = "i915/tgl_guc_70.bin", .huc = "i915/tgl_huc.bin"
#define ADLP_FIRMWARE .guc = "i915/adlp_guc_70.bin", .huc = "i915/tgl_huc.bin"

static const struct xe_platform tgl = { TGL_FIRMWARE, .forced = true, .sriov = SINCE(6, 18) };
static const struct xe_platform rkl = { TGL_FIRMWARE, .forced = true };
static const struct xe_platform adl_s = { TGL_FIRMWARE, .forced = true, .sriov = SINCE(6, 18) };
static const struct xe_platform adl_p = { ADLP_FIRMWARE, .forced = true, .sriov = SINCE(6, 18) };
static const struct xe_platform adl_n = { .guc = "i915/tgl_guc_70.bin", .forced = true, .sriov = SINCE(6, 18) };
static const struct xe_platform dg1 = { .guc = "i915/dg1_guc_70.bin",
					.huc = "i915/dg1_huc.bin",
					.forced = true,
					.discrete = true };
static const struct xe_platform ats_m = { .guc = "i915/dg2_guc_70.bin",
					  .forced = true,
					  .sriov = SINCE(6, 18),
					  .discrete = true };
static const struct xe_platform dg2 = { .guc = "i915/dg2_guc_70.bin", .forced = true, .discrete = true };
static const struct xe_platform mtl = { .guc = "i915/mtl_guc_70.bin",
					.huc = "i915/mtl_huc_gsc.bin",
					.media_gt = true,
					.forced = true };
static const struct xe_platform lnl = { .guc = "xe/lnl_guc_70.bin", .huc = "xe/lnl_huc.bin", .media_gt = true };
static const struct xe_platform bmg = { .guc = "xe/bmg_guc_70.bin",
					.huc = "xe/bmg_huc.bin",
					.media_gt = true,
					.sriov = SINCE(6, 17),
					.discrete = true };
#if SINCE(6, 13)
static const struct xe_platform ptl = { .guc = "xe/ptl_guc_70.bin",
					.huc = "xe/ptl_huc.bin",
					.media_gt = true,
					.sriov = SINCE(6, 17) };
static const struct xe_platform nvls = { .guc = "xe/nvl_guc_70.bin", .sriov = SINCE(7, 2) };
static const struct xe_platform nvlp = { .guc = "xe/nvl_guc_70.bin", .forced = true, .sriov = SINCE(7, 2) };
#endif

// clang-format off
#define XE_ID(id, p) { \
	PCI_DEVICE(PCI_VENDOR_ID_INTEL, id), \
	.class = PCI_BASE_CLASS_DISPLAY << 16, .class_mask = 0xff << 16, \
	.driver_data = (kernel_ulong_t)p }
// clang-format on

static const struct pci_device_id xe_ids[] = { GPU_IDS(XE_ID),
#if SINCE(6, 13)
					       GPU_IDS_LATER(XE_ID),
#endif
					       {} };
MODULE_DEVICE_TABLE(pci, xe_ids);

static int may_probe(struct pci_dev *pdev, const struct xe_platform *platform)
{
	u16 id = pdev->device;

	if (platform->forced && !force_probe_has(force_probe, id, false)) {
		dev_info(&pdev->dev,
			 "Your graphics device %04x is not officially supported\n"
			 "by xe driver in this kernel version. To force Xe probe,\n"
			 "use xe.force_probe='%04x' and i915.force_probe='!%04x'\n"
			 "module parameters or CONFIG_DRM_XE_FORCE_PROBE='%04x' and\n"
			 "CONFIG_DRM_I915_FORCE_PROBE='!%04x' configuration options.\n",
			 id, id, id, id, id);
		return -ENODEV;
	}
	if (force_probe_has(force_probe, id, true)) {
		dev_info(&pdev->dev, "Probe blocked for device [%04x:%04x].\n", pdev->vendor, id);
		return -ENODEV;
	}
	return 0;
}

/* The table is constant: what has_sriov changes is changed in a copy. */
static const struct xe_platform *platform_of(struct pci_dev *pdev, const struct xe_platform *own)
{
	struct xe_platform *platform;

	if (has_sriov < 0)
		return own;
	platform = devm_kmemdup(&pdev->dev, own, sizeof(*own), GFP_KERNEL);
	if (!platform)
		return own;
	platform->sriov = has_sriov;
	return platform;
}

DEFINE_DRM_GEM_FOPS(xe_fops);

static struct drm_driver xe_drm_driver = {
	.name = "xe",
	.desc = "Intel Xe2 Graphics",
	.major = 1,
	.minor = 1,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	.date = "20201103",
#endif
	.fops = &xe_fops,
};

static void declare_wedged(struct xe *xe)
{
	xe->wedged = true;
	drm_err(&xe->drm,
		"CRITICAL: Xe has declared device %s as wedged.\n"
		"IOCTLs and executions are blocked.\n"
		"For recovery procedure, refer to https://docs.kernel.org/gpu/drm-uapi.html#device-wedging\n"
		"Please file a _new_ bug report at https://gitlab.freedesktop.org/drm/xe/kernel/issues/new\n",
		dev_name(xe->drm.dev));
}

static int xe_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct xe_platform *platform = (const void *)id->driver_data;
	struct xe *xe;
	int ret = may_probe(pdev, platform);

	if (ret)
		return ret;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	xe = devm_drm_dev_alloc(&pdev->dev, &xe_drm_driver, struct xe, drm);
	if (IS_ERR(xe))
		return PTR_ERR(xe);
	xe->platform = platform_of(pdev, platform);
	pci_set_drvdata(pdev, xe);
	pci_set_master(pdev);

	xe_pf_begin(xe, max_vfs);
	if (fault_hang && !strcmp(fault_hang, "probe"))
		fault_hang_for(fault_hang_ms);
	if (fault_probe_errno)
		return -(int)fault_probe_errno;
	ret = xe_load_firmware(xe);
	if (ret)
		return ret;
	ret = drm_dev_register(&xe->drm, 0);
	if (ret)
		return ret;
	ret = xe_admin_add(xe);
	if (ret)
		drm_dev_unregister(&xe->drm);
	else if (fault_wedged && xe->mode == XE_PF)
		declare_wedged(xe);
	return ret;
}

static void xe_remove(struct pci_dev *pdev)
{
	struct xe *xe = xe_of(pdev);

	if (xe->mode == XE_PF)
		xe_pf_configure(pdev, 0);
	xe_admin_remove(xe);
	drm_dev_unplug(&xe->drm);
}

static struct pci_driver xe_pci_driver = {
	.name = "xe",
	.id_table = xe_ids,
	.probe = xe_probe,
	.remove = xe_remove,
	.sriov_configure = xe_pf_configure,
};

static int __init xe_init(void)
{
	if (fault_hang && !strcmp(fault_hang, "init"))
		fault_hang_for(fault_hang_ms);
	if (drm_firmware_drivers_only())
		return -ENODEV;
	return pci_register_driver(&xe_pci_driver);
}

static void __exit xe_exit(void)
{
	pci_unregister_driver(&xe_pci_driver);
}

module_init(xe_init);
module_exit(xe_exit);

/* Never called: they give the module dependencies of the real one. */
static const void *const needed[] __used = {
	acpi_video_unregister,         /* video */
	configfs_unregister_subsystem, /* configfs */
	drm_dp_channel_eq_ok,          /* drm_display_helper, and cec by it */
	drm_exec_fini,                 /* drm_exec */
	drm_kms_helper_poll_disable,   /* drm_kms_helper */
	drm_sched_fault,               /* gpu-sched */
	i2c_bit_add_bus,               /* i2c-algo-bit */
};

MODULE_DESCRIPTION("Test machine: stands in for Intel Xe2 Graphics");
MODULE_LICENSE("GPL and additional rights");
