// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SR-IOV as GPUs of the 11th to 14th generation have it: the capability at
 * 0x320, seven VFs behind the GPU's own function without a gap, and each VF with
 * the GPU's device ID, its class, 16 MiB of registers and 512 MiB of aperture.
 *
 * The extended space has to begin with a capability: an empty one stands for
 * those that real GPUs have there and nobody asks for (PASID, ATS, PRI).
 */
#include <linux/sizes.h>
#include "sriov.h"

#define SRIOV_AT      0x320
#define REGISTERS_MIB 16
#define VF_OFFSET     1
#define VF_STRIDE     1
#define PAGE_SIZES    0x553 /* 4, 8, 64, 256 KiB, 1, 4 MiB: those that every device must support */

static void set_extended(struct function *function, int at, int id, int next)
{
	function_set(function, at, 4, id | 1 << 16 | next << 20);
}

void sriov_add(struct function *pf, unsigned int vfs, unsigned int bar_mib)
{
	set_extended(pf, PCI_CFG_SPACE_SIZE, 0, SRIOV_AT);
	set_extended(pf, SRIOV_AT, PCI_EXT_CAP_ID_SRIOV, 0);
	function_let_write(pf, SRIOV_AT + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	function_set(pf, SRIOV_AT + PCI_SRIOV_INITIAL_VF, 2, vfs);
	function_set(pf, SRIOV_AT + PCI_SRIOV_TOTAL_VF, 2, vfs);
	function_let_write(pf, SRIOV_AT + PCI_SRIOV_NUM_VF, 2, 0xffff);
	function_set(pf, SRIOV_AT + PCI_SRIOV_VF_OFFSET, 2, VF_OFFSET);
	function_set(pf, SRIOV_AT + PCI_SRIOV_VF_STRIDE, 2, VF_STRIDE);
	function_set(pf, SRIOV_AT + PCI_SRIOV_VF_DID, 2, function_read(pf, PCI_DEVICE_ID, 2));
	function_set(pf, SRIOV_AT + PCI_SRIOV_SUP_PGSIZE, 4, PAGE_SIZES);
	function_set(pf, SRIOV_AT + PCI_SRIOV_SYS_PGSIZE, 4, 1);
	function_let_write(pf, SRIOV_AT + PCI_SRIOV_SYS_PGSIZE, 4, PAGE_SIZES);
	function_set_bar(pf, SRIOV_AT + PCI_SRIOV_BAR, REGISTERS_MIB * SZ_1M, PCI_BASE_ADDRESS_MEM_TYPE_64);
	function_set_bar(pf, SRIOV_AT + PCI_SRIOV_BAR + 8, (u64)bar_mib * SZ_1M,
			 PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
}

/* A VF has no BARs, no interrupt pin and no ID of its own: the last reads as ffff:ffff. */
void sriov_fill_vf(struct function *vf, const struct function *pf)
{
	function_set(vf, PCI_VENDOR_ID, 4, ~0);
	function_let_write(vf, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	function_set(vf, PCI_CLASS_REVISION, 4, function_read(pf, PCI_CLASS_REVISION, 4));
	function_set(vf, PCI_SUBSYSTEM_VENDOR_ID, 4, function_read(pf, PCI_SUBSYSTEM_VENDOR_ID, 4));
	function_set_express(vf, (function_read(pf, pf->pcie + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_TYPE) >> 4);
	function_finish(vf);
}

unsigned int sriov_enabled(const struct function *pf)
{
	if (!pf->pcie || !(function_read(pf, SRIOV_AT + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_CTRL_VFE))
		return 0;
	return function_read(pf, SRIOV_AT + PCI_SRIOV_NUM_VF, 2);
}
