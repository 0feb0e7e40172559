// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for i915: binds to Intel's display devices and takes the parameters
 * that matter to GVT-g. No graphics: a bare DRM device is all there is. How it
 * deals with kvmgt is in i915_new.c or i915_old.c.
 *
 * Where things come from, in drivers/gpu/drm/i915: parameters i915_params.c and
 * i915_module.c (i915_pci.c in 5.10); the size of the GGTT gt/intel_ggtt.c.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/version.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_print.h>
#include "force_probe.h"
#include "i915.h"

#define APERTURE_BAR           2
#define GMCH_CTRL              0x50
#define GGMS_SHIFT             6
#define GGMS_MASK              3
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

static char *force_probe = "";
module_param(force_probe, charp, 0400);
MODULE_PARM_DESC(force_probe, "device IDs with '!' in front are left alone; all others are probed anyway");

static char *fault_hang;
module_param(fault_hang, charp, 0400);
MODULE_PARM_DESC(fault_hang, "hang uninterruptibly in 'init' or in 'probe'");

static unsigned int fault_hang_ms;
module_param(fault_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_hang_ms, "how long fault_hang hangs; 0 = for ever (default)");

static unsigned int fault_probe_errno;
module_param(fault_probe_errno, uint, 0400);
MODULE_PARM_DESC(fault_probe_errno, "probe fails with this errno");

static void measure(struct igpu *igpu, struct pci_dev *pdev)
{
	u16 gmch;
	unsigned int ggms;

	pci_read_config_word(pdev, GMCH_CTRL, &gmch);
	ggms = (gmch >> GGMS_SHIFT) & GGMS_MASK;
	igpu->ggtt = ggms ? GGTT_BYTES_PER_GTT_MIB << ggms : 0;
	igpu->aperture = pci_resource_len(pdev, APERTURE_BAR);

	if (igpu->aperture > igpu->ggtt) {
		drm_err(&igpu->drm, "mappable aperture extends past end of GGTT, aperture=0x%llx, total=%llx\n",
			igpu->aperture, igpu->ggtt);
		igpu->aperture = igpu->ggtt;
	}
	if (device_iommu_mapped(&pdev->dev))
		drm_info(&igpu->drm, "VT-d active for gfx access\n");
}

DEFINE_DRM_GEM_FOPS(igpu_fops);

static struct drm_driver igpu_drm_driver = {
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

	if (force_probe_has(force_probe, pdev->device, true)) {
		dev_info(&pdev->dev, "I915 probe blocked for Device ID %04x.\n", pdev->device);
		return -ENODEV;
	}
	if (PCI_FUNC(pdev->devfn)) /* a VF */
		return -ENODEV;

	igpu = devm_drm_dev_alloc(&pdev->dev, &igpu_drm_driver, struct igpu, drm);
	if (IS_ERR(igpu))
		return PTR_ERR(igpu);
	igpu->platform = id->driver_data;
	igpu->enable_gvt = enable_gvt;
	pci_set_drvdata(pdev, igpu);

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	/* As a real one would, with a message of the device behind it ("enabling device"): journald reads the device of
	 * each. */
	if (fault_hang && !strcmp(fault_hang, "probe"))
		fault_hang_for(fault_hang_ms);
	if (fault_probe_errno)
		return -(int)fault_probe_errno;

	measure(igpu, pdev);
	ret = i915_begin_gvt(igpu);
	if (ret)
		return ret;

	ret = drm_dev_register(&igpu->drm, 0);
	if (ret)
		i915_end_gvt(igpu);
	return ret;
}

static void i915_remove(struct pci_dev *pdev)
{
	struct igpu *igpu = pci_get_drvdata(pdev);

	drm_dev_unplug(&igpu->drm);
	i915_end_gvt(igpu);
}

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
	if (modeset == 0 || (modeset == -1 && i915_modeset_forbidden()))
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

MODULE_DESCRIPTION("Test machine: stands in for Intel Graphics");
MODULE_LICENSE("GPL");
