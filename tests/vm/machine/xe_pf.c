// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xe as the physical function: how many VFs it allows, and their enabling
 * (xe_sriov.c, xe_sriov_pf.c, xe_pci_sriov.c, xe_sriov_pf_provision.c). The VFs
 * are made by the kernel's own PCI core.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/string_choices.h>
#include <drm/drm_print.h>
#include "fault.h"
#include "xe.h"

static char *fault_configure_hang;
module_param(fault_configure_hang, charp, 0400);
MODULE_PARM_DESC(fault_configure_hang, "enabling VFs hangs uninterruptibly: 'before' they are there, or 'after'");

static unsigned int fault_configure_hang_ms;
module_param(fault_configure_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_configure_hang_ms, "for how long; 0 = for ever (default)");

static unsigned int fault_configure_errno;
module_param(fault_configure_errno, uint, 0400);
MODULE_PARM_DESC(fault_configure_errno, "enabling VFs fails with this errno");

static unsigned int fault_busy;
module_param(fault_busy, uint, 0400);
MODULE_PARM_DESC(fault_busy, "enabling VFs fails this many times with EBUSY, then succeeds");

static bool fault_leftovers;
module_param(fault_leftovers, bool, 0400);
MODULE_PARM_DESC(fault_leftovers, "VFs have been provisioned by hand, not all in the same way");

/* What a VF gets where nobody has said anything else; before, 0: without limit. */
#define FAIR_SCHEDULING         (XE_AS_OF >= KERNEL_VERSION(7, 3, 0))
#define FAIR_EXEC_QUANTUM_MS    16
#define FAIR_PREEMPT_TIMEOUT_US 16000

static void limit(struct xe *xe, unsigned int vfs)
{
	int ret = pci_sriov_set_totalvfs(xe_pci(xe), vfs);

	if (ret)
		drm_notice(&xe->drm, "Failed to set number of VFs to %u (%pe)\n", vfs, ERR_PTR(ret));
}

static bool can_be_pf(struct xe *xe, unsigned int max_vfs)
{
	unsigned int total = pci_sriov_get_totalvfs(xe_pci(xe));

	if (!xe_pci(xe)->is_physfn)
		return false;
	xe->total_vfs = min3(max_vfs, total, (unsigned int)XE_VFS_MOST);
	if (!xe->total_vfs)
		drm_dbg(&xe->drm, "all VFs disabled, continuing as native\n");
	limit(xe, xe->total_vfs);
	return xe->total_vfs;
}

void xe_pf_begin(struct xe *xe, unsigned int max_vfs)
{
	if (!xe->platform->sriov) {
		if (pci_sriov_get_totalvfs(xe_pci(xe))) {
			drm_info(&xe->drm, "Support for SR-IOV is not available\n");
			pci_sriov_set_totalvfs(xe_pci(xe), 0);
		}
		return;
	}
	if (xe_pci(xe)->is_virtfn)
		xe->mode = XE_VF;
	else if (can_be_pf(xe, max_vfs))
		xe->mode = XE_PF;
	if (xe->mode != XE_NATIVE)
		drm_info(&xe->drm, "Running in SR-IOV %s mode\n", xe->mode == XE_PF ? "PF" : "VF");
}

int xe_pf_ready(struct xe *xe)
{
	return xe->wedged ? -ECANCELED : 0;
}

struct pci_dev *xe_pf_get_vf(struct xe *xe, unsigned int n)
{
	return pci_get_domain_bus_and_slot(pci_domain_nr(xe_pci(xe)->bus), xe_pci(xe)->bus->number,
					   pci_iov_virtfn_devfn(xe_pci(xe), n - 1));
}

static bool anything_custom(struct xe *xe)
{
	unsigned int n;

	for (n = 0; n <= xe->total_vfs; n++)
		if (xe->profiles[n].exec_quantum_ms || xe->profiles[n].preempt_timeout_us)
			return true;
	return false;
}

static int provision(struct xe *xe, unsigned int vfs)
{
	unsigned int n;

	if (fault_configure_errno)
		return -(int)fault_configure_errno;
	if (fault_leftovers && !FAIR_SCHEDULING)
		return -EUCLEAN;
	if (!FAIR_SCHEDULING || fault_leftovers || anything_custom(xe))
		return 0;
	for (n = 0; n <= vfs; n++) {
		xe->profiles[n].exec_quantum_ms = FAIR_EXEC_QUANTUM_MS;
		xe->profiles[n].preempt_timeout_us = FAIR_PREEMPT_TIMEOUT_US;
	}
	return 0;
}

/* A VF is resumed after its PF. */
static void link_vfs(struct xe *xe, unsigned int vfs)
{
	unsigned int n;

	for (n = 1; n <= vfs; n++) {
		struct pci_dev *vf = xe_pf_get_vf(xe, n);

		if (vf && !device_link_add(&vf->dev, xe->drm.dev, DL_FLAG_AUTOREMOVE_CONSUMER))
			drm_notice(&xe->drm, "PF: Failed linking VF%u\n", n);
		pci_dev_put(vf);
	}
}

static void hang(const char *when)
{
	if (fault_configure_hang && !strcmp(fault_configure_hang, when))
		fault_hang_for(fault_configure_hang_ms);
}

static int try_enable(struct xe *xe, unsigned int vfs)
{
	int ret = xe_pf_ready(xe);

	if (ret)
		return ret;
	if (xe->configures++ < fault_busy)
		return -EBUSY;
	hang("before");
	ret = provision(xe, vfs);
	if (!ret)
		ret = pci_enable_sriov(xe_pci(xe), vfs);
	if (!ret)
		hang("after");
	return ret;
}

static int enable(struct xe *xe, unsigned int vfs)
{
	int ret = try_enable(xe, vfs);

	if (ret) {
		drm_notice(&xe->drm, "PF: Failed to enable %u VF%s (%pe)\n", vfs, str_plural(vfs), ERR_PTR(ret));
		return ret;
	}
	link_vfs(xe, vfs);
	drm_info(&xe->drm, "PF: Enabled %u of %u VF%s\n", vfs, xe->total_vfs, str_plural(xe->total_vfs));
	xe_admin_link_vfs(xe, vfs);
	return vfs;
}

static int disable(struct xe *xe)
{
	unsigned int vfs = pci_num_vf(xe_pci(xe));

	if (!vfs)
		return 0;
	xe_admin_unlink_vfs(xe, vfs);
	pci_disable_sriov(xe_pci(xe));
	memset(xe->profiles, 0, sizeof(xe->profiles));
	drm_info(&xe->drm, "PF: Disabled %u VF%s\n", vfs, str_plural(vfs));
	return 0;
}

int xe_pf_configure(struct pci_dev *pdev, int num_vfs)
{
	struct xe *xe = xe_of(pdev);

	if (xe->mode != XE_PF)
		return -ENODEV;
	if (num_vfs < 0)
		return -EINVAL;
	if (num_vfs > xe->total_vfs)
		return -ERANGE;
	if (num_vfs && pci_num_vf(pdev))
		return -EBUSY;
	return num_vfs ? enable(xe, num_vfs) : disable(xe);
}
