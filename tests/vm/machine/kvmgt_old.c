// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kvmgt stand-in among the mdev and vfio cores of Linux 5.10: the types are
 * attribute groups without a name attribute, a vGPU is made before its device
 * appears, and the module vfio_mdev is the driver of that device: without it
 * there is no IOMMU group. Modelled on drivers/gpu/drm/i915/gvt/kvmgt.c, gvt.c
 * (types' attributes) and vgpu.c (counts, which are kept and so need no lock).
 */
#include <linux/kvm_host.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vfio.h>
#include "kvmgt.h"

struct parent {
	struct gvt gvt;
	unsigned int available[GVT_SIZES]; /* written with the lock of gvt held */
	struct mdev_parent_ops ops;
	struct attribute_group groups[GVT_SIZES];
	struct attribute_group *group_list[GVT_SIZES + 1];
};

struct instance {
	struct vgpu vgpu;
	struct notifier_block group_notifier;
	struct kvm *kvm;  /* that the vfio group belongs to */
	struct kvm *held; /* while the device is open */
};

static struct parent *to_parent(struct device *dev)
{
	struct igpu *igpu = dev_get_drvdata(dev);

	return container_of(igpu->gvt, struct parent, gvt);
}

/* "i915-GVTg_V5_4" is the kobject of "GVTg_V5_4". */
static int to_index(struct parent *parent, struct kobject *kobj)
{
	const char *name = strchr(kobject_name(kobj), '-');
	unsigned int i;

	for (i = 0; name && i < parent->gvt.nr_types; i++)
		if (!strcmp(name + 1, parent->gvt.types[i].name))
			return i;
	return -EINVAL;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct parent *parent = to_parent(dev);
	int i = to_index(parent, kobj);

	return sysfs_emit(buf, "%u\n", i < 0 ? 0 : READ_ONCE(parent->available[i]));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sysfs_emit(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static ssize_t description_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct parent *parent = to_parent(dev);
	int i = to_index(parent, kobj);

	return i < 0 ? 0 : gvt_describe(parent->gvt.types[i].size, buf);
}
static MDEV_TYPE_ATTR_RO(description);

static struct attribute *type_attrs[] = { &mdev_type_attr_available_instances.attr, &mdev_type_attr_device_api.attr,
					  &mdev_type_attr_description.attr, NULL };

/* Before the first create, the fences have not been counted. */
static void count_memory(struct parent *parent)
{
	unsigned int i;

	for (i = 0; i < parent->gvt.nr_types; i++)
		parent->available[i] = gvt_pool_room(&parent->gvt.pool, parent->gvt.types[i].size);
}

static void count_again(struct parent *parent)
{
	struct gvt *gvt = &parent->gvt;
	unsigned int i;

	mutex_lock(&gvt->lock);
	for (i = 0; i < gvt->nr_types; i++)
		WRITE_ONCE(parent->available[i], gvt_pool_available(&gvt->pool, gvt->types[i].size));
	mutex_unlock(&gvt->lock);
}

static int instance_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct parent *parent = to_parent(mdev_parent_dev(mdev));
	int i = to_index(parent, kobj);
	struct instance *instance;
	int ret;

	if (i < 0) {
		pr_err("gvt: failed to find type %s to create\n", kobject_name(kobj));
		return i;
	}
	instance = kzalloc(sizeof(*instance), GFP_KERNEL);
	ret = instance ? vgpu_begin(&instance->vgpu, &parent->gvt, parent->gvt.types[i].size) : -ENOMEM;
	if (ret) {
		pr_err("gvt: failed to create intel vgpu: %d\n", ret);
		kfree(instance);
		return ret;
	}
	count_again(parent);
	mdev_set_drvdata(mdev, instance);
	return 0;
}

/* Whatever is said here, the core goes on and removes the mdev. */
static int instance_remove(struct mdev_device *mdev)
{
	struct instance *instance = mdev_get_drvdata(mdev);

	if (instance->held)
		return -EBUSY;
	vgpu_end(&instance->vgpu);
	count_again(to_parent(mdev_parent_dev(mdev)));
	kfree(instance);
	return 0;
}

static int learn_kvm(struct notifier_block *notifier, unsigned long action, void *kvm)
{
	struct instance *instance = container_of(notifier, struct instance, group_notifier);

	if (action == VFIO_GROUP_NOTIFY_SET_KVM)
		instance->kvm = kvm;
	return NOTIFY_OK;
}

static int instance_open(struct mdev_device *mdev)
{
	struct instance *instance = mdev_get_drvdata(mdev);
	unsigned long events = VFIO_GROUP_NOTIFY_SET_KVM;
	int ret;

	if (instance->held)
		return -EEXIST;
	instance->kvm = NULL;
	instance->group_notifier.notifier_call = learn_kvm;
	ret = vfio_register_notifier(mdev_dev(mdev), VFIO_GROUP_NOTIFY, &events, &instance->group_notifier);
	if (ret)
		return ret;
	if (!instance->kvm) {
		pr_err("gvt: vgpu %d: KVM is required to use Intel vGPU\n", instance->vgpu.id);
		vfio_unregister_notifier(mdev_dev(mdev), VFIO_GROUP_NOTIFY, &instance->group_notifier);
		return -ESRCH;
	}
	instance->held = instance->kvm;
	kvm_get_kvm(instance->held);
	return 0;
}

static void instance_release(struct mdev_device *mdev)
{
	struct instance *instance = mdev_get_drvdata(mdev);

	vfio_unregister_notifier(mdev_dev(mdev), VFIO_GROUP_NOTIFY, &instance->group_notifier);
	kvm_put_kvm(instance->held);
	instance->held = NULL;
}

static ssize_t vgpu_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct instance *instance = mdev_get_drvdata(mdev_from_dev(dev));

	return sysfs_emit(buf, "%d\n", instance->vgpu.id);
}
static DEVICE_ATTR_RO(vgpu_id);

static struct attribute *instance_attrs[] = { &dev_attr_vgpu_id.attr, NULL };
static const struct attribute_group instance_group = { .name = "intel_vgpu", .attrs = instance_attrs };
static const struct attribute_group *instance_groups[] = { &instance_group, NULL };

/* It is vfio_mdev's. */
int vgpu_driver_register(void)
{
	return 0;
}

void vgpu_driver_unregister(void)
{
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

	count_memory(parent);
	for (i = 0; i < parent->gvt.nr_types; i++) {
		parent->groups[i].name = parent->gvt.types[i].name;
		parent->groups[i].attrs = type_attrs;
		parent->group_list[i] = &parent->groups[i];
	}
	parent->ops = (struct mdev_parent_ops){
		.mdev_attr_groups = instance_groups,
		.supported_type_groups = parent->group_list,
		.create = instance_create,
		.remove = instance_remove,
		.open = instance_open,
		.release = instance_release,
	};
	ret = mdev_register_device(igpu->drm.dev, &parent->ops);
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

	mdev_unregister_device(igpu->drm.dev);
	gvt_end(&parent->gvt);
	kfree(parent);
}
