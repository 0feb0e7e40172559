// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sriov_admin/ of xe's physical function, since Linux 6.19: how it and each VF
 * are scheduled (xe_sriov_pf_sysfs.c, xe_sriov_pf_provision.c; Documentation/ABI/
 * testing/sysfs-driver-intel-xe-sriov). An attribute keeps its value, no more.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "xe.h"

static bool fault_unclean;
module_param(fault_unclean, bool, 0400);
MODULE_PARM_DESC(fault_unclean, "the GTs differ in how VFs are scheduled: reading fails with EUCLEAN");

static const char *const priorities[] = { "low", "normal", "high" };
#define HIGH 2 /* the PF's alone */

/* n is 0 for the PF, and for what is of all functions. */
struct function_kobject {
	struct kobject kobj;
	struct xe *xe;
	unsigned int n;
};

struct function_attribute {
	struct attribute attr;
	ssize_t (*show)(struct xe *xe, unsigned int n, char *buf);
	int (*store)(struct xe *xe, unsigned int n, const char *buf);
};

#define VALUE(field, type, format)                                                                        \
	static ssize_t field##_show(struct xe *xe, unsigned int n, char *buf)                             \
	{                                                                                                 \
		return fault_unclean ? -EUCLEAN : sysfs_emit(buf, format, xe->profiles[n].field);         \
	}                                                                                                 \
	static int field##_store(struct xe *xe, unsigned int n, const char *buf)                          \
	{                                                                                                 \
		return kstrto##type(buf, 0, &xe->profiles[n].field);                                      \
	}                                                                                                 \
	static int bulk_##field##_store(struct xe *xe, unsigned int n, const char *buf)                   \
	{                                                                                                 \
		type value;                                                                               \
		int ret = kstrto##type(buf, 0, &value);                                                   \
                                                                                                          \
		for (n = 0; !ret && n <= xe->total_vfs; n++)                                              \
			xe->profiles[n].field = value;                                                    \
		return ret;                                                                               \
	}                                                                                                 \
	static struct function_attribute field##_attr = __ATTR(field, 0644, field##_show, field##_store); \
	static struct function_attribute bulk_##field##_attr = {                                          \
		.attr = { .name = #field, .mode = 0200 },                                                 \
		.store = bulk_##field##_store,                                                            \
	}

VALUE(exec_quantum_ms, u32, "%u\n");
VALUE(preempt_timeout_us, u32, "%u\n");
VALUE(vram_quota, u64, "%llu\n");

static ssize_t sched_priority_show(struct xe *xe, unsigned int n, char *buf)
{
	int i, at = 0;

	for (i = 0; i < (n ? HIGH : HIGH + 1); i++)
		at += sysfs_emit_at(buf, at, i == xe->priority ? "%s[%s]" : "%s%s", i ? " " : "", priorities[i]);
	return at + sysfs_emit_at(buf, at, "\n");
}

/* The firmware can change it for the PF alone, or for all together. */
static int sched_priority_store(struct xe *xe, unsigned int n, const char *buf)
{
	int i = __sysfs_match_string(priorities, HIGH + 1, buf);

	if (n)
		return -EOPNOTSUPP;
	if (i < 0)
		return -EINVAL;
	xe->priority = i;
	return 0;
}

static int bulk_sched_priority_store(struct xe *xe, unsigned int n, const char *buf)
{
	int i = __sysfs_match_string(priorities, HIGH, buf);

	if (i < 0)
		return -EINVAL;
	xe->priority = i;
	return 0;
}

static int stop_store(struct xe *xe, unsigned int n, const char *buf)
{
	bool yes;

	return kstrtobool(buf, &yes);
}

static struct function_attribute sched_priority_attr =
	__ATTR(sched_priority, 0644, sched_priority_show, sched_priority_store);
static struct function_attribute stop_attr = __ATTR(stop, 0200, NULL, stop_store);
static struct function_attribute bulk_sched_priority_attr = {
	.attr = { .name = "sched_priority", .mode = 0200 },
	.store = bulk_sched_priority_store,
};

static struct attribute *bulk_attrs[] = { &bulk_exec_quantum_ms_attr.attr, &bulk_preempt_timeout_us_attr.attr,
					  &bulk_sched_priority_attr.attr, &bulk_vram_quota_attr.attr, NULL };
static struct attribute *profile_attrs[] = { &exec_quantum_ms_attr.attr, &preempt_timeout_us_attr.attr,
					     &sched_priority_attr.attr, &vram_quota_attr.attr, NULL };
static struct attribute *control_attrs[] = { &stop_attr.attr, NULL };

static struct function_kobject *to_function(struct kobject *kobj)
{
	return container_of(kobj, struct function_kobject, kobj);
}

/* Only a card has memory of its own to share, and the PF has what is left. */
static umode_t attr_mode(struct kobject *kobj, struct attribute *attr, int index)
{
	struct function_kobject *function = to_function(kobj);

	if (attr == &vram_quota_attr.attr && (!function->n || !function->xe->platform->discrete))
		return 0;
	if (attr == &bulk_vram_quota_attr.attr && !function->xe->platform->discrete)
		return 0;
	if (attr == &sched_priority_attr.attr && function->n)
		return 0444;
	if (attr == &stop_attr.attr && !function->n)
		return 0;
	return attr->mode;
}

static const struct attribute_group bulk_group = { .name = ".bulk_profile",
						   .attrs = bulk_attrs,
						   .is_visible = attr_mode };
static const struct attribute_group profile_group = { .name = "profile",
						      .attrs = profile_attrs,
						      .is_visible = attr_mode };
static const struct attribute_group control_group = { .attrs = control_attrs, .is_visible = attr_mode };
static const struct attribute_group *admin_groups[] = { &bulk_group, NULL };
static const struct attribute_group *function_groups[] = { &profile_group, &control_group, NULL };

static ssize_t attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct function_attribute *own = container_of(attr, struct function_attribute, attr);

	return own->show ? own->show(to_function(kobj)->xe, to_function(kobj)->n, buf) : -EPERM;
}

static ssize_t attr_store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t count)
{
	struct function_attribute *own = container_of(attr, struct function_attribute, attr);
	int ret = own->store ? xe_pf_ready(to_function(kobj)->xe) : -EPERM;

	if (!ret)
		ret = own->store(to_function(kobj)->xe, to_function(kobj)->n, buf);
	return ret ? ret : count;
}

static void function_release(struct kobject *kobj)
{
	kfree(to_function(kobj));
}

static const struct sysfs_ops attr_ops = { .show = attr_show, .store = attr_store };
static const struct kobj_type admin_type = {
	.release = function_release,
	.sysfs_ops = &attr_ops,
	.default_groups = admin_groups,
};
static const struct kobj_type function_type = {
	.release = function_release,
	.sysfs_ops = &attr_ops,
	.default_groups = function_groups,
};

static struct kobject *add(struct xe *xe, unsigned int n, const struct kobj_type *type, struct kobject *parent,
			   const char *name)
{
	struct function_kobject *function = kzalloc(sizeof(*function), GFP_KERNEL);

	if (!function)
		return NULL;
	function->xe = xe;
	function->n = n;
	if (kobject_init_and_add(&function->kobj, type, parent, "%s", name)) {
		kobject_put(&function->kobj);
		return NULL;
	}
	return &function->kobj;
}

int xe_admin_add(struct xe *xe)
{
	char name[16] = "pf";
	unsigned int n;

	if (xe->mode != XE_PF || XE_AS_OF < KERNEL_VERSION(6, 19, 0))
		return 0;
	xe->admin = add(xe, 0, &admin_type, &xe->drm.dev->kobj, "sriov_admin");
	for (n = 0; xe->admin && n <= xe->total_vfs; n++) {
		if (n)
			snprintf(name, sizeof(name), "vf%u", n);
		xe->functions[n] = add(xe, n, &function_type, xe->admin, name);
		if (!xe->functions[n])
			break;
	}
	if (xe->functions[xe->total_vfs] && !sysfs_create_link(xe->functions[0], &xe->drm.dev->kobj, "device"))
		return 0;
	xe_admin_remove(xe);
	return -ENOMEM;
}

void xe_admin_remove(struct xe *xe)
{
	unsigned int n;

	for (n = 0; n <= XE_VFS_MOST; n++)
		kobject_put(xe->functions[n]);
	memset(xe->functions, 0, sizeof(xe->functions));
	kobject_put(xe->admin);
	xe->admin = NULL;
}

void xe_admin_link_vfs(struct xe *xe, unsigned int vfs)
{
	unsigned int n;

	for (n = 1; xe->admin && n <= vfs; n++) {
		struct pci_dev *vf = xe_pf_get_vf(xe, n);

		if (vf && sysfs_create_link(xe->functions[n], &vf->dev.kobj, "device"))
			pci_warn(vf, "no link in sriov_admin\n");
		pci_dev_put(vf);
	}
}

void xe_admin_unlink_vfs(struct xe *xe, unsigned int vfs)
{
	unsigned int n;

	for (n = 1; xe->admin && n <= vfs; n++)
		sysfs_remove_link(xe->functions[n], "device");
}
