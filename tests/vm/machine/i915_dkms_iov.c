// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prelim_iov/ of the DKMS i915, below /sys/class/drm/card<N>: the attributes that
 * scheduling needs (i915_sriov_sysfs.c, gt/iov/intel_iov_sysfs.c). They keep
 * their values, no more.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <drm/drm_file.h>
#include "i915_dkms.h"

static ssize_t mode_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "SR-IOV PF\n");
}

static ssize_t auto_provisioning_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "1\n");
}

static ssize_t id_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", container_of(kobj, struct i915_function, kobj)->n);
}

#define VALUE(field)                                                                                                \
	static ssize_t field##_show(struct kobject *gt, struct kobj_attribute *attr, char *buf)                     \
	{                                                                                                           \
		return sysfs_emit(buf, "%u\n", container_of(gt, struct i915_function, gt)->field);                  \
	}                                                                                                           \
	static ssize_t field##_store(struct kobject *gt, struct kobj_attribute *attr, const char *buf, size_t size) \
	{                                                                                                           \
		int ret = kstrtou32(buf, 0, &container_of(gt, struct i915_function, gt)->field);                    \
                                                                                                                    \
		return ret ? ret : size;                                                                            \
	}                                                                                                           \
	static struct kobj_attribute field##_attr = __ATTR_RW(field)

VALUE(exec_quantum_ms);
VALUE(preempt_timeout_us);

static struct kobj_attribute mode_attr = __ATTR_RO(mode);
static struct kobj_attribute auto_provisioning_attr = __ATTR_RO(auto_provisioning);
static struct kobj_attribute id_attr = __ATTR_RO(id);

static struct attribute *gt_attrs[] = { &exec_quantum_ms_attr.attr, &preempt_timeout_us_attr.attr, NULL };
ATTRIBUTE_GROUPS(gt);

/* Only the PF has the one, and only VFs the other. */
static umode_t function_mode(struct kobject *kobj, struct attribute *attr, int index)
{
	bool vf = container_of(kobj, struct i915_function, kobj)->n;

	return vf == (attr == &id_attr.attr) ? attr->mode : 0;
}

static struct attribute *function_attrs[] = { &auto_provisioning_attr.attr, &id_attr.attr, NULL };
static const struct attribute_group function_group = { .attrs = function_attrs, .is_visible = function_mode };
static const struct attribute_group *function_groups[] = { &function_group, NULL };

/* The GT's directory lies in the function's, whose memory holds both. */
static void gt_release(struct kobject *gt)
{
}

static void function_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct i915_function, kobj));
}

static struct kobj_type gt_type = { .release = gt_release, .sysfs_ops = &kobj_sysfs_ops, .default_groups = gt_groups };
static struct kobj_type function_type = {
	.release = function_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = function_groups,
};

static struct i915_function *add(struct i915 *i915, unsigned int n)
{
	struct i915_function *function = kzalloc(sizeof(*function), GFP_KERNEL);
	int ret;

	if (!function)
		return NULL;
	function->n = n;
	kobject_init(&function->gt, &gt_type);
	ret = n ? kobject_init_and_add(&function->kobj, &function_type, i915->iov, "vf%u", n)
		: kobject_init_and_add(&function->kobj, &function_type, i915->iov, "pf");
	if (!ret)
		ret = kobject_add(&function->gt, &function->kobj, "gt0");
	if (!ret)
		return function;
	kobject_put(&function->gt);
	kobject_put(&function->kobj);
	return NULL;
}

int i915_iov_add(struct i915 *i915)
{
	unsigned int n;

	if (i915->mode != I915_PF)
		return 0;
	i915->iov = kobject_create_and_add("prelim_iov", &i915->drm.primary->kdev->kobj);
	if (!i915->iov || sysfs_create_file(i915->iov, &mode_attr.attr))
		goto failed;
	for (n = 0; n <= i915->total_vfs; n++) {
		i915->functions[n] = add(i915, n);
		if (!i915->functions[n])
			goto failed;
	}
	if (!sysfs_create_link(&i915->functions[0]->kobj, &i915->drm.dev->kobj, "device"))
		return 0;
failed:
	i915_iov_remove(i915);
	return -ENOMEM;
}

void i915_iov_remove(struct i915 *i915)
{
	unsigned int n;

	for (n = 0; n <= I915_VFS_MOST; n++) {
		if (!i915->functions[n])
			continue;
		kobject_put(&i915->functions[n]->gt);
		kobject_put(&i915->functions[n]->kobj);
		i915->functions[n] = NULL;
	}
	kobject_put(i915->iov);
	i915->iov = NULL;
}

void i915_iov_link_vfs(struct i915 *i915, unsigned int vfs, bool there)
{
	struct pci_dev *pdev = i915_pci(i915), *vf;
	unsigned int n;

	for (n = 1; i915->iov && n <= vfs; n++) {
		if (!there) {
			sysfs_remove_link(&i915->functions[n]->kobj, "device");
			continue;
		}
		vf = pci_get_domain_bus_and_slot(pci_domain_nr(pdev->bus), pdev->bus->number,
						 pci_iov_virtfn_devfn(pdev, n - 1));
		if (vf && sysfs_create_link(&i915->functions[n]->kobj, &vf->dev.kobj, "device"))
			pci_warn(vf, "no link in prelim_iov\n");
		pci_dev_put(vf);
	}
}
