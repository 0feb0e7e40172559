// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A vGPU of the kvmgt stand-in: it takes its share of the GPU and is a vfio
 * device with an IOMMU group, but it does not run.
 *
 * Modelled on drivers/gpu/drm/i915/gvt of Linux 6.1 and later: vgpu.c (IDs and
 * the lock) and kvmgt.c (the vfio device, attributes, messages). The vfio core
 * is the kernel's own.
 */
#include <linux/idr.h>
#include <linux/kvm_host.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/vfio.h>
#include "kvmgt.h"

#define FIRST_VGPU_ID 1		/* 0 is the idle vGPU */
#define END_VGPU_ID 8		/* GVT_MAX_VGPU: so there are 7 at most */

static unsigned int fault_create_hang;
module_param(fault_create_hang, uint, 0400);
MODULE_PARM_DESC(fault_create_hang, "the Nth create from 1 hangs, holding the GPU's lock");

static unsigned int fault_create_hang_ms;
module_param(fault_create_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_create_hang_ms, "how long fault_create_hang hangs; 0 = for ever (default)");

static unsigned int fault_create_errno;
module_param(fault_create_errno, uint, 0400);
MODULE_PARM_DESC(fault_create_errno, "create fails with this errno");

static unsigned int fault_create_nth;
module_param(fault_create_nth, uint, 0400);
MODULE_PARM_DESC(fault_create_nth, "fault_create_errno hits the Nth create only; 0 = each (default)");

struct vgpu {
	struct vfio_device vfio;
	struct gvt *gvt;
	const struct gvt_size *size;
	struct kvm *kvm;
	int id;
};

static struct vgpu *to_vgpu(struct vfio_device *vfio)
{
	return container_of(vfio, struct vgpu, vfio);
}

static int create_fault(struct gvt *gvt)
{
	unsigned int nth = ++gvt->creates;

	if (nth == fault_create_hang)
		fault_hang_for(fault_create_hang_ms);
	if (!fault_create_nth || nth == fault_create_nth)
		return -(int)fault_create_errno;
	return 0;
}

static int create_vgpu(struct vgpu *vgpu)
{
	struct gvt *gvt = vgpu->gvt;
	int ret;

	mutex_lock(&gvt->lock);
	ret = create_fault(gvt);
	if (ret)
		goto out;
	ret = idr_alloc(&gvt->vgpus, vgpu, FIRST_VGPU_ID, END_VGPU_ID, GFP_KERNEL);
	if (ret < 0)
		goto out;
	vgpu->id = ret;

	ret = gvt_pool_take(&gvt->pool, vgpu->size);
	if (ret)
		idr_remove(&gvt->vgpus, vgpu->id);
out:
	mutex_unlock(&gvt->lock);
	return ret;
}

static void destroy_vgpu(struct vgpu *vgpu)
{
	struct gvt *gvt = vgpu->gvt;

	mutex_lock(&gvt->lock);
	idr_remove(&gvt->vgpus, vgpu->id);
	gvt_pool_give(&gvt->pool, vgpu->size);
	mutex_unlock(&gvt->lock);
}

static int vgpu_init(struct vfio_device *vfio)
{
	struct vgpu *vgpu = to_vgpu(vfio);
	struct mdev_type *type = to_mdev_device(vfio->dev)->type;

	vgpu->gvt = type_to_gvt(type);
	vgpu->size = to_type(type)->size;
	return create_vgpu(vgpu);
}

static void vgpu_release(struct vfio_device *vfio)
{
	destroy_vgpu(to_vgpu(vfio));
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	vfio_free_device(vfio);
#endif
}

static int vgpu_open(struct vfio_device *vfio)
{
	struct vgpu *vgpu = to_vgpu(vfio);

	if (!vfio->kvm) {
		pr_err("gvt: vgpu %d: KVM is required to use Intel vGPU\n", vgpu->id);
		return -ESRCH;
	}
	vgpu->kvm = vfio->kvm;
	kvm_get_kvm(vgpu->kvm);
	return 0;
}

static void vgpu_close(struct vfio_device *vfio)
{
	kvm_put_kvm(to_vgpu(vfio)->kvm);
}

static const struct vfio_device_ops vgpu_ops = {
	.init = vgpu_init,
	.release = vgpu_release,
	.open_device = vgpu_open,
	.close_device = vgpu_close,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

int vgpu_probe(struct mdev_device *mdev)
{
	struct vgpu *vgpu;
	int ret;

	vgpu = vfio_alloc_device(vgpu, vfio, &mdev->dev, &vgpu_ops);
	if (IS_ERR(vgpu)) {
		pr_err("gvt: failed to create intel vgpu: %ld\n", PTR_ERR(vgpu));
		return PTR_ERR(vgpu);
	}
	dev_set_drvdata(&mdev->dev, vgpu);

	ret = vfio_register_emulated_iommu_dev(&vgpu->vfio);
	if (ret)
		vfio_put_device(&vgpu->vfio);
	return ret;
}

void vgpu_remove(struct mdev_device *mdev)
{
	struct vgpu *vgpu = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&vgpu->vfio);
	vfio_put_device(&vgpu->vfio);
}

static ssize_t vgpu_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", vgpu->id);
}
static DEVICE_ATTR_RO(vgpu_id);

static struct attribute *vgpu_attrs[] = { &dev_attr_vgpu_id.attr, NULL };
static const struct attribute_group vgpu_group = { .name = "intel_vgpu", .attrs = vgpu_attrs };
const struct attribute_group *vgpu_groups[] = { &vgpu_group, NULL };
