// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kvmgt stand-in among the mdev and vfio cores of Linux 6.1 and later: the
 * mdev core knows the types, and each vGPU is a vfio device that kvmgt's own
 * mdev driver makes. Modelled on drivers/gpu/drm/i915/gvt/kvmgt.c.
 */
#include <linux/kvm_host.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/vfio.h>
#include "kvmgt.h"

struct parent {
	struct gvt gvt;
	struct mdev_parent mdev;
	struct mdev_type types[GVT_SIZES];
	struct mdev_type *type_list[GVT_SIZES];
};

struct instance {
	struct vfio_device vfio;
	struct vgpu vgpu;
	struct kvm *kvm;
};

static struct parent *to_parent(struct mdev_type *type)
{
	return container_of(type->parent, struct parent, mdev);
}

static const struct gvt_size *to_size(struct mdev_type *type)
{
	struct parent *parent = to_parent(type);

	return parent->gvt.types[type - parent->types].size;
}

static unsigned int type_available(struct mdev_type *type)
{
	struct gvt *gvt = &to_parent(type)->gvt;
	unsigned int n;

	mutex_lock(&gvt->lock);
	n = gvt_pool_available(&gvt->pool, to_size(type));
	mutex_unlock(&gvt->lock);
	return n;
}

static ssize_t type_description(struct mdev_type *type, char *buf)
{
	return gvt_describe(to_size(type), buf);
}

static struct instance *to_instance(struct vfio_device *vfio)
{
	return container_of(vfio, struct instance, vfio);
}

static int instance_init(struct vfio_device *vfio)
{
	struct mdev_type *type = to_mdev_device(vfio->dev)->type;

	return vgpu_begin(&to_instance(vfio)->vgpu, &to_parent(type)->gvt, to_size(type));
}

static void instance_release(struct vfio_device *vfio)
{
	vgpu_end(&to_instance(vfio)->vgpu);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	vfio_free_device(vfio);
#endif
}

static int instance_open(struct vfio_device *vfio)
{
	struct instance *instance = to_instance(vfio);

	if (!vfio->kvm) {
		pr_err("gvt: vgpu %d: KVM is required to use Intel vGPU\n", instance->vgpu.id);
		return -ESRCH;
	}
	instance->kvm = vfio->kvm;
	kvm_get_kvm(instance->kvm);
	return 0;
}

static void instance_close(struct vfio_device *vfio)
{
	kvm_put_kvm(to_instance(vfio)->kvm);
}

static const struct vfio_device_ops instance_ops = {
	.init = instance_init,
	.release = instance_release,
	.open_device = instance_open,
	.close_device = instance_close,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

static int instance_probe(struct mdev_device *mdev)
{
	struct instance *instance;
	int ret;

	instance = vfio_alloc_device(instance, vfio, &mdev->dev, &instance_ops);
	if (IS_ERR(instance)) {
		pr_err("gvt: failed to create intel vgpu: %ld\n", PTR_ERR(instance));
		return PTR_ERR(instance);
	}
	dev_set_drvdata(&mdev->dev, instance);

	ret = vfio_register_emulated_iommu_dev(&instance->vfio);
	if (ret)
		vfio_put_device(&instance->vfio);
	return ret;
}

static void instance_remove(struct mdev_device *mdev)
{
	struct instance *instance = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&instance->vfio);
	vfio_put_device(&instance->vfio);
}

static ssize_t vgpu_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct instance *instance = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", instance->vgpu.id);
}
static DEVICE_ATTR_RO(vgpu_id);

static struct attribute *instance_attrs[] = { &dev_attr_vgpu_id.attr, NULL };
static const struct attribute_group instance_group = { .name = "intel_vgpu", .attrs = instance_attrs };
static const struct attribute_group *instance_groups[] = { &instance_group, NULL };

static struct mdev_driver vgpu_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "intel_vgpu_mdev",
		.owner = THIS_MODULE,
		.dev_groups = instance_groups,
	},
	.probe = instance_probe,
	.remove = instance_remove,
	.get_available = type_available,
	.show_description = type_description,
};

int vgpu_driver_register(void)
{
	return mdev_register_driver(&vgpu_driver);
}

void vgpu_driver_unregister(void)
{
	mdev_unregister_driver(&vgpu_driver);
}

int parent_register(struct igpu *igpu)
{
	struct parent *parent = kzalloc(sizeof(*parent), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!parent)
		return -ENOMEM;
	ret = gvt_begin(&parent->gvt, igpu);
	if (ret)
		goto free;

	gvt_load_golden_state(igpu->drm.dev);
	for (i = 0; i < parent->gvt.nr_types; i++) {
		parent->types[i].sysfs_name = parent->gvt.types[i].name;
		parent->type_list[i] = &parent->types[i];
	}
	ret = mdev_register_parent(&parent->mdev, igpu->drm.dev, &vgpu_driver, parent->type_list, parent->gvt.nr_types);
	if (!ret)
		return 0;
	gvt_end(&parent->gvt);
free:
	kfree(parent);
	return ret;
}

void parent_unregister(struct igpu *igpu)
{
	struct parent *parent = container_of(igpu->gvt, struct parent, gvt);

	mdev_unregister_parent(&parent->mdev);
	gvt_end(&parent->gvt);
	kfree(parent);
}

/* As in i915_new.c. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("I915_GVT");
#else
MODULE_IMPORT_NS(I915_GVT);
#endif
