// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for i915: binds to Intel's display devices, takes the parameters
 * that matter to GVT-g, and lets kvmgt in by the rules of Linux 5.19 and later.
 * No graphics: a bare DRM device is all there is.
 *
 * Where things come from, in drivers/gpu/drm/i915: parameters i915_params.c and
 * i915_module.c; the checks, their order and their messages intel_gvt.c; the
 * size of the GGTT gt/intel_ggtt.c; firmware names i915.ko's own modinfo (6.1).
 */
#include <linux/i2c-algo-bit.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <acpi/video.h>
#include <drm/display/drm_dp_helper.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include "gvt.h"
#include "i915_ids.h"

#define APERTURE_BAR 2
#define GMCH_CTRL 0x50
#define GGMS_SHIFT 6
#define GGMS_MASK 3
#define GGTT_BYTES_PER_GTT_MIB (512ULL << 20)

static int modeset = -1;
module_param(modeset, int, 0400);
MODULE_PARM_DESC(modeset, "0 = do not bind to any device, -1 = default");

static int enable_guc = -1;
module_param(enable_guc, int, 0400);
MODULE_PARM_DESC(enable_guc, "accepted, without effect");

static bool enable_gvt;
module_param(enable_gvt, bool, 0400);
MODULE_PARM_DESC(enable_gvt, "let kvmgt drive the devices probed from now on (default false)");

static char *fault_hang;
module_param(fault_hang, charp, 0400);
MODULE_PARM_DESC(fault_hang, "hang uninterruptibly in 'init' or in 'probe'");

static unsigned int fault_hang_ms;
module_param(fault_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_hang_ms, "how long fault_hang hangs; 0 = for ever (default)");

static unsigned int fault_probe_errno;
module_param(fault_probe_errno, uint, 0400);
MODULE_PARM_DESC(fault_probe_errno, "probe fails with this errno");

static bool fault_guc;
module_param(fault_guc, bool, 0400);
MODULE_PARM_DESC(fault_guc, "GuC submission is wanted, which keeps GVT-g off");

/* The devices probed and the one kvmgt that may be attached: both by gvt_lock. */
static DEFINE_MUTEX(gvt_lock);
static LIST_HEAD(igpus);
static const struct gvt_ops *gvt_ops;

static void gvt_init_device(struct igpu *igpu)
{
	if (!igpu->enable_gvt) {
		drm_dbg(&igpu->drm, "GVT-g is disabled by kernel params\n");
		return;
	}
	if (igpu->platform == PLATFORM_OTHER) {
		drm_info(&igpu->drm, "Unsupported device. GVT-g is disabled\n");
		return;
	}
	if (fault_guc) {
		drm_err(&igpu->drm,
			"Graphics virtualization is not yet supported with GuC submission\n");
		return;
	}
	if (gvt_ops->init(igpu))
		drm_dbg(&igpu->drm, "Fail to init GVT device\n");
}

static void gvt_clean_device(struct igpu *igpu)
{
	if (igpu->gvt)
		gvt_ops->clean(igpu);
}

/* Never fails because of a device: that kvmgt loaded says nothing about GVT-g. */
int gvt_set_ops(const struct gvt_ops *ops)
{
	struct igpu *igpu;
	int ret = -EINVAL;

	mutex_lock(&gvt_lock);
	if (!gvt_ops) {
		gvt_ops = ops;
		list_for_each_entry(igpu, &igpus, node)
			gvt_init_device(igpu);
		ret = 0;
	}
	mutex_unlock(&gvt_lock);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(gvt_set_ops, GVT_NAMESPACE);

void gvt_clear_ops(const struct gvt_ops *ops)
{
	struct igpu *igpu;

	mutex_lock(&gvt_lock);
	if (gvt_ops == ops) {
		list_for_each_entry(igpu, &igpus, node)
			gvt_clean_device(igpu);
		gvt_ops = NULL;
	}
	mutex_unlock(&gvt_lock);
}
EXPORT_SYMBOL_NS_GPL(gvt_clear_ops, GVT_NAMESPACE);

static void announce(struct igpu *igpu)
{
	mutex_lock(&gvt_lock);
	list_add_tail(&igpu->node, &igpus);
	if (gvt_ops)
		gvt_init_device(igpu);
	mutex_unlock(&gvt_lock);
}

static void withdraw(struct igpu *igpu)
{
	mutex_lock(&gvt_lock);
	gvt_clean_device(igpu);
	list_del(&igpu->node);
	mutex_unlock(&gvt_lock);
}

static void measure(struct igpu *igpu, struct pci_dev *pdev)
{
	u16 gmch;
	unsigned int ggms;

	pci_read_config_word(pdev, GMCH_CTRL, &gmch);
	ggms = (gmch >> GGMS_SHIFT) & GGMS_MASK;
	igpu->ggtt = ggms ? GGTT_BYTES_PER_GTT_MIB << ggms : 0;
	igpu->aperture = pci_resource_len(pdev, APERTURE_BAR);

	if (igpu->aperture > igpu->ggtt) {
		drm_err(&igpu->drm,
			"mappable aperture extends past end of GGTT, aperture=0x%llx, total=%llx\n",
			igpu->aperture, igpu->ggtt);
		igpu->aperture = igpu->ggtt;
	}
	if (device_iommu_mapped(&pdev->dev))
		drm_info(&igpu->drm, "VT-d active for gfx access\n");
}

DEFINE_DRM_GEM_FOPS(igpu_fops);

static const struct drm_driver igpu_drm_driver = {
	.name = "i915",
	.desc = "Intel Graphics",
	.major = 1,
	.minor = 6,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	.date = "20201103",
#endif
	.fops = &igpu_fops,
};

static int i915_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct igpu *igpu;
	int ret;

	if (fault_hang && !strcmp(fault_hang, "probe"))
		fault_hang_for(fault_hang_ms);
	if (fault_probe_errno)
		return -(int)fault_probe_errno;

	igpu = devm_drm_dev_alloc(&pdev->dev, &igpu_drm_driver, struct igpu, drm);
	if (IS_ERR(igpu))
		return PTR_ERR(igpu);
	igpu->platform = id->driver_data;
	igpu->enable_gvt = enable_gvt;
	pci_set_drvdata(pdev, igpu);

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	measure(igpu, pdev);
	announce(igpu);

	ret = drm_dev_register(&igpu->drm, 0);
	if (ret)
		withdraw(igpu);
	return ret;
}

static void i915_remove(struct pci_dev *pdev)
{
	struct igpu *igpu = pci_get_drvdata(pdev);

	drm_dev_unplug(&igpu->drm);
	withdraw(igpu);
}

#define X(id, p) { \
	PCI_DEVICE(PCI_VENDOR_ID_INTEL, id), \
	.class = PCI_BASE_CLASS_DISPLAY << 16, .class_mask = 0xff << 16, \
	.driver_data = p }

static const struct pci_device_id i915_ids[] = { I915_IDS(X), {} };
MODULE_DEVICE_TABLE(pci, i915_ids);

static struct pci_driver i915_pci_driver = {
	.name = "i915",
	.id_table = i915_ids,
	.probe = i915_probe,
	.remove = i915_remove,
};

/* With modeset=0 or nomodeset the module stays loaded and binds to nothing. */
static bool bound;

static int __init i915_init(void)
{
	int ret;

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
	acpi_video_unregister,		/* video */
	drm_dp_channel_eq_ok,		/* drm_display_helper, and cec by it */
	drm_kms_helper_poll_disable,	/* drm_kms_helper */
	i2c_bit_add_bus,		/* i2c-algo-bit */
};

MODULE_FIRMWARE("i915/skl_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/bxt_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/kbl_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/glk_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/cml_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/icl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/ehl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/tgl_huc_7.9.3.bin");
MODULE_FIRMWARE("i915/dg1_huc.bin");
MODULE_FIRMWARE("i915/skl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/bxt_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/kbl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/glk_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/cml_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/icl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/ehl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/tgl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/adlp_guc_70.bin");
MODULE_FIRMWARE("i915/dg2_guc_70.bin");
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
MODULE_FIRMWARE("i915/dg2_dmc_ver2_07.bin");

MODULE_DESCRIPTION("Test machine: stands in for Intel Graphics");
MODULE_LICENSE("GPL");
