/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for the i915 of the DKMS package i915-sriov-dkms, in parts:
 * i915_dkms.c has the module and its probe, i915_dkms_pf.c the virtual functions,
 * i915_dkms_iov.c their attributes.
 */
#ifndef MACHINE_I915_DKMS_H
#define MACHINE_I915_DKMS_H

#include <linux/pci.h>
#include <drm/drm_device.h>

#define I915_VFS_MOST 7

enum i915_mode { I915_NATIVE, I915_PF, I915_VF };

struct i915_platform {
	const char *guc[3]; /* paths, the best one first */
	bool sriov;
};

/* A function's directory in prelim_iov/, and how it is scheduled on its only GT; 0 is without limit. */
struct i915_function {
	struct kobject kobj;
	struct kobject gt;
	unsigned int n; /* 0 is the PF */
	u32 exec_quantum_ms;
	u32 preempt_timeout_us;
};

struct i915 {
	struct drm_device drm;
	const struct i915_platform *platform;
	enum i915_mode mode;
	bool wedged;
	int status; /* as the driver has it: 0 = not ready, an error, or how many VFs there can be */
	unsigned int total_vfs;
	unsigned int configures;
	struct kobject *iov;
	struct i915_function *functions[1 + I915_VFS_MOST];
};

static inline struct pci_dev *i915_pci(struct i915 *i915)
{
	return to_pci_dev(i915->drm.dev);
}

/* i915_dkms_pf.c: decides about i915->mode; MAX_VFS is the parameter. */
void i915_pf_begin(struct i915 *i915, unsigned int max_vfs);
/* The last step of a probe. */
void i915_pf_confirm(struct i915 *i915);
int i915_pf_configure(struct pci_dev *pdev, int num_vfs);

/* i915_dkms_iov.c: prelim_iov/ of a PF, below its DRM device. */
int i915_iov_add(struct i915 *i915);
void i915_iov_remove(struct i915 *i915);
void i915_iov_link_vfs(struct i915 *i915, unsigned int vfs, bool there);

#endif
