// SPDX-License-Identifier: GPL-2.0-or-later
// SR-IOV of a GPU: what its physical function (PF) offers, which virtual functions (VFs) are there, and who has them.
//
// Locks, by the kernel's source (drivers/pci/iov.c, pci-sysfs.c, drivers/base/bus.c in Linux 6.12 and 7.3): links,
// directories, sriov_totalvfs, sriov_offset, sriov_stride, sriov_drivers_autoprobe and resource take none. sriov_numvfs
// takes the PF's device lock, which is held while a driver probes it or makes VFs: it is never read. In older kernels
// driver_override takes the VF's device lock, which is held while vfio-pci is bound to it (a spinlock in Debian's 6.12
// and 7.3): it is read after everything else. Scheduling attributes take a mutex of the PF's driver, which the driver
// holds while it talks to the GuC: sriov_read() reads none of them.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"

#define VFS_MAX 64

struct vf {
	unsigned number; // from 1, as Intel's drivers count
	char address[PCI_ADDRESS_SIZE];
	char driver[32];          // bound, "" for none
	char driver_override[32]; // "" for none
	char group[16];           // of the IOMMU, and so of VFIO; "" for none
	char device[16];          // of VFIO, its own, "vfio12", or ""
	bool shared;              // others are in its group
};

struct sriov {
	char group[16]; // of the IOMMU, the PF's own; "" for none: the IOMMU is off, or not on for it
	bool capable;   // sriov_totalvfs is there
	int total; // its value, or a negative errno. Before a driver is bound it is the hardware's, and says nothing of
		   // the driver; -ENODATA: not known, of the next boot (host.h)
	unsigned offset, stride; // between the PF's and its VFs' addresses; 1 when they cannot be read
	int autoprobe;           // 1, 0, or a negative errno
	unsigned count;          // VFs that are there, by the PF's virtfnN links
	struct vf vfs[VFS_MAX];  // of these, by number
	bool admin;              // the PF's driver has scheduling attributes: sriov_profile()
	bool bars_missing;       // the firmware or the kernel left no room for the VFs' BARs
	bool hung;               // something of this did not answer, and is missing
};

// Reads it for the PF at an address.
void sriov_read(struct sriov *sriov, const struct root *root, const char *pf);

// The VF with a number, or NULL when it is not there.
const struct vf *sriov_vf(const struct sriov *sriov, unsigned number);

// The address of VF number (from 1), there or not; -EINVAL when there can be none.
MUST_CHECK int sriov_vf_address(const struct sriov *sriov, const char *pf, unsigned number,
				char ret[static PCI_ADDRESS_SIZE]);

// The number of the VF of a PF that has a full address, there or not; 0 when it is none. At most VFS_MAX.
unsigned sriov_vf_number(const struct sriov *sriov, const char *pf, const char *address);

// One scheduling attribute, "exec_quantum_ms" or "preempt_timeout_us" (0: unlimited), of VF number, 0 for the PF:
// xe's in sriov_admin (Linux 6.19), or i915-sriov-dkms' in prelim_iov. Returns a negative errno: -ENOENT when the
// driver has none, -EUCLEAN when the GTs of the GPU differ. May block for ever in the driver.
long sriov_profile(const struct root *root, const char *pf, unsigned number, const char *attribute);

// Sets it, in each GT. Returns 0 or a negative errno. May block for ever in the driver.
MUST_CHECK int sriov_set_profile(const struct root *root, const char *pf, unsigned number, const char *attribute,
				 unsigned value);
