// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for kvmgt: registers every GPU that i915 lets it have as an mdev
 * parent with the types that fit. The vGPUs themselves are in vgpu.c.
 *
 * Modelled on drivers/gpu/drm/i915/gvt of Linux 6.1 and later: kvmgt.c (order
 * of registration, mdev driver, descriptions), vgpu.c (types) and firmware.c
 * (the firmware that nobody has). The mdev core is the kernel's own.
 */
#include <linux/delay.h>
#include <linux/firmware.h>
#include <linux/idr.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>
#include <drm/drm_drv.h>
#include "kvmgt.h"

static unsigned int fault_init_errno;
module_param(fault_init_errno, uint, 0400);
MODULE_PARM_DESC(fault_init_errno, "loading fails with this errno, as with 19 (ENODEV) before 5.19");

static bool fault_no_types;
module_param(fault_no_types, bool, 0400);
MODULE_PARM_DESC(fault_no_types, "GVT-g's initialisation fails, silently");

static unsigned int fault_window_ms;
module_param(fault_window_ms, uint, 0400);
MODULE_PARM_DESC(fault_window_ms, "time from announcing the types to registering their driver");

static bool fault_fragmented;
module_param(fault_fragmented, bool, 0400);
MODULE_PARM_DESC(fault_fragmented, "no create finds memory, though the counts say otherwise");

static unsigned int type_available(struct mdev_type *mdev)
{
	struct gvt *gvt = type_to_gvt(mdev);
	unsigned int n;

	mutex_lock(&gvt->lock);
	n = gvt_pool_available(&gvt->pool, to_type(mdev)->size);
	mutex_unlock(&gvt->lock);
	return n;
}

static ssize_t type_description(struct mdev_type *mdev, char *buf)
{
	const struct gvt_size *size = to_type(mdev)->size;

	return sysfs_emit(buf, "low_gm_size: %uMB\nhigh_gm_size: %uMB\nfence: %u\n"
			  "resolution: %s\nweight: %u\n", size->low >> 20, size->high >> 20,
			  size->fences, size->resolution, size->weight);
}

static struct mdev_driver vgpu_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "intel_vgpu_mdev",
		.owner = THIS_MODULE,
		.dev_groups = vgpu_groups,
	},
	.probe = vgpu_probe,
	.remove = vgpu_remove,
	.get_available = type_available,
	.show_description = type_description,
};

/* Found on no machine: what counts is the line it leaves in the kernel log. */
static void load_golden_state(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	const struct firmware *fw;
	char path[80];

	snprintf(path, sizeof(path), "i915/gvt/vid_0x%04x_did_0x%04x_rid_0x%02x.golden_hw_state",
		 pdev->vendor, pdev->device, pdev->revision);
	if (!request_firmware(&fw, path, dev))
		release_firmware(fw);
}

static void init_types(struct gvt *gvt)
{
	int generation = gvt->igpu->platform == PLATFORM_BDW ? 4 : 5;
	unsigned int i;

	for (i = 0; i < GVT_SIZES && gvt_pool_offers(&gvt->pool, &gvt_sizes[i]); i++) {
		struct gvt_type *type = &gvt->types[i];

		type->size = &gvt_sizes[i];
		snprintf(type->name, sizeof(type->name), "GVTg_V%d_%s", generation,
			 type->size->name);
		type->mdev.sysfs_name = type->name;
		gvt->mdev_types[i] = &type->mdev;
	}
	gvt->nr_types = i;
}

static int gvt_init(struct igpu *igpu)
{
	struct device *dev = igpu->drm.dev;
	struct gvt *gvt;
	int ret;

	if (fault_no_types)
		return -EIO;
	gvt = kzalloc(sizeof(*gvt), GFP_KERNEL);
	if (!gvt)
		return -ENOMEM;

	gvt->igpu = igpu;
	mutex_init(&gvt->lock);
	idr_init(&gvt->vgpus);
	gvt->pool.aperture = igpu->aperture;
	gvt->pool.hidden = igpu->ggtt - igpu->aperture;
	gvt->pool.fragmented = fault_fragmented;
	load_golden_state(dev);
	init_types(gvt);
	igpu->gvt = gvt;
	drm_dev_get(&igpu->drm);

	ret = mdev_register_parent(&gvt->parent, dev, &vgpu_driver, gvt->mdev_types, gvt->nr_types);
	if (ret) {
		igpu->gvt = NULL;
		drm_dev_put(&igpu->drm);
		kfree(gvt);
	}
	return ret;
}

static void gvt_clean(struct igpu *igpu)
{
	struct gvt *gvt = igpu->gvt;

	mdev_unregister_parent(&gvt->parent);
	igpu->gvt = NULL;
	idr_destroy(&gvt->vgpus);
	kfree(gvt);
	drm_dev_put(&igpu->drm);
}

static const struct gvt_ops ops = { .init = gvt_init, .clean = gvt_clean };

/* In this order, unsafe as it is, the real one announces and then registers. */
static int __init kvmgt_init(void)
{
	int ret;

	if (fault_init_errno)
		return -(int)fault_init_errno;
	ret = gvt_set_ops(&ops);
	if (ret)
		return ret;
	if (fault_window_ms)
		msleep(fault_window_ms);
	ret = mdev_register_driver(&vgpu_driver);
	if (ret)
		gvt_clear_ops(&ops);
	return ret;
}

static void __exit kvmgt_exit(void)
{
	mdev_unregister_driver(&vgpu_driver);
	gvt_clear_ops(&ops);
}

module_init(kvmgt_init);
module_exit(kvmgt_exit);

MODULE_IMPORT_NS(GVT_NAMESPACE);
MODULE_DESCRIPTION("Test machine: stands in for the mediated pass-through of Intel GPUs");
MODULE_LICENSE("GPL");
