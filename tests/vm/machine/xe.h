/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for xe, in parts: xe.c has the module and its probe, xe_firmware.c
 * what it asks for, xe_pf.c the virtual functions, xe_admin.c their attributes.
 *
 * What it knows and says is that of Linux XE_AS_OF: the kernel it is built for,
 * or that which the DKMS package took its xe from.
 */
#ifndef MACHINE_XE_H
#define MACHINE_XE_H

#include <linux/pci.h>
#include <linux/version.h>
#include <drm/drm_device.h>

#ifndef XE_AS_OF
#define XE_AS_OF LINUX_VERSION_CODE
#endif

#define XE_VFS_MOST 7

struct xe_platform {
	const char *guc; /* the firmware's paths; NULL = it needs none */
	const char *huc;
	bool media_gt; /* HuC belongs to the second GT */
	bool forced;   /* needs force_probe */
	bool sriov;
	bool discrete;
};

enum xe_mode { XE_NATIVE, XE_PF, XE_VF };

/* How a function is scheduled; 0 is without limit. */
struct xe_profile {
	u32 exec_quantum_ms;
	u32 preempt_timeout_us;
	u64 vram_quota;
};

struct xe {
	struct drm_device drm;
	const struct xe_platform *platform;
	enum xe_mode mode;
	bool wedged;
	unsigned int total_vfs; /* that the driver allows */
	unsigned int configures;
	unsigned int priority;
	struct xe_profile profiles[1 + XE_VFS_MOST]; /* of the PF, and of each VF */
	struct kobject *admin;
	struct kobject *functions[1 + XE_VFS_MOST];
};

static inline struct pci_dev *xe_pci(struct xe *xe)
{
	return to_pci_dev(xe->drm.dev);
}

static inline struct xe *xe_of(struct pci_dev *pdev)
{
	return pci_get_drvdata(pdev);
}

/* xe_firmware.c: 0, or the error that fails the probe. */
int xe_load_firmware(struct xe *xe);

/* xe_pf.c: decides about xe->mode; MAX_VFS is the parameter. */
void xe_pf_begin(struct xe *xe, unsigned int max_vfs);
/* 0, -ECANCELED when the GPU is wedged. */
int xe_pf_ready(struct xe *xe);
int xe_pf_configure(struct pci_dev *pdev, int num_vfs);
struct pci_dev *xe_pf_get_vf(struct xe *xe, unsigned int n);

/* xe_admin.c: sriov_admin/ of a PF. */
int xe_admin_add(struct xe *xe);
void xe_admin_remove(struct xe *xe);
void xe_admin_link_vfs(struct xe *xe, unsigned int vfs);
void xe_admin_unlink_vfs(struct xe *xe, unsigned int vfs);

#endif
