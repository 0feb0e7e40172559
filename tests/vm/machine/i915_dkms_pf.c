// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The DKMS i915 as the physical function (i915_sriov.c). Other than xe, it finds
 * out in its probe that VF BARs have no room, and is then no PF at all; and a
 * wedged GPU offers no VFs.
 */
#include <linux/module.h>
#include <drm/drm_print.h>
#include "fault.h"
#include "i915_dkms.h"

#define VF_REGISTERS_BAR 0

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
MODULE_PARM_DESC(fault_busy,
		 "enabling VFs fails this many times with EBUSY, as if the PF were not ready, then succeeds");

static bool vf_bars_valid(struct pci_dev *pdev)
{
	int bar = PCI_IOV_RESOURCES + VF_REGISTERS_BAR;

	return pci_resource_flags(pdev, bar) && !(pci_resource_flags(pdev, bar) & IORESOURCE_UNSET) &&
		pci_resource_len(pdev, bar);
}

static bool can_be_pf(struct i915 *i915, unsigned int max_vfs)
{
	struct pci_dev *pdev = i915_pci(i915);
	unsigned int total = pci_sriov_get_totalvfs(pdev);

	if (!pdev->is_physfn)
		return false;
	i915->total_vfs = min3(max_vfs, total, (unsigned int)I915_VFS_MOST);
	if (!vf_bars_valid(pdev))
		i915->total_vfs = 0;
	pci_sriov_set_totalvfs(pdev, i915->total_vfs);
	return i915->total_vfs;
}

void i915_pf_begin(struct i915 *i915, unsigned int max_vfs)
{
	if (!i915->platform->sriov)
		return;
	if (i915_pci(i915)->is_virtfn)
		i915->mode = I915_VF;
	else if (can_be_pf(i915, max_vfs))
		i915->mode = I915_PF;
	if (i915->mode != I915_NATIVE)
		dev_info(i915->drm.dev, "Running in SR-IOV %s mode\n", i915->mode == I915_PF ? "PF" : "VF");
}

void i915_pf_confirm(struct i915 *i915)
{
	if (i915->mode != I915_PF)
		return;
	if (i915->wedged) {
		i915->status = -EIO;
		dev_notice(i915->drm.dev, "No VFs could be associated with this PF!\n");
		pci_sriov_set_totalvfs(i915_pci(i915), 0);
		return;
	}
	i915->status = i915->total_vfs;
	dev_info(i915->drm.dev, "%d VFs could be associated with this PF\n", i915->status);
}

static void hang(const char *when)
{
	if (fault_configure_hang && !strcmp(fault_configure_hang, when))
		fault_hang_for(fault_configure_hang_ms);
}

static int try_enable(struct i915 *i915, unsigned int vfs)
{
	int ret = i915->status < 0 ? i915->status : 0;

	if (ret)
		return ret;
	if (i915->configures++ < fault_busy)
		return -EBUSY;
	hang("before");
	if (fault_configure_errno)
		return -(int)fault_configure_errno;
	ret = pci_enable_sriov(i915_pci(i915), vfs);
	if (!ret)
		hang("after");
	return ret;
}

static int enable(struct i915 *i915, unsigned int vfs)
{
	int ret = try_enable(i915, vfs);

	if (ret) {
		drm_err(&i915->drm, "Failed to enable %u VFs (%pe)\n", vfs, ERR_PTR(ret));
		return ret;
	}
	i915_iov_link_vfs(i915, vfs, true);
	dev_info(i915->drm.dev, "Enabled %u VFs\n", vfs);
	return vfs;
}

static int disable(struct i915 *i915)
{
	struct pci_dev *pdev = i915_pci(i915);
	unsigned int vfs = pci_num_vf(pdev), assigned = pci_vfs_assigned(pdev);

	if (assigned) {
		dev_warn(&pdev->dev, "Can't disable %u VFs, %u are still assigned\n", vfs, assigned);
		return -EPERM;
	}
	if (!vfs)
		return 0;
	i915_iov_link_vfs(i915, vfs, false);
	pci_disable_sriov(pdev);
	dev_info(&pdev->dev, "Disabled %u VFs\n", vfs);
	return 0;
}

int i915_pf_configure(struct pci_dev *pdev, int num_vfs)
{
	struct i915 *i915 = pci_get_drvdata(pdev);

	if (i915->mode != I915_PF)
		return -ENODEV;
	return num_vfs > 0 ? enable(i915, num_vfs) : disable(i915);
}
