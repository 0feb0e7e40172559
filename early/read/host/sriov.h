// SPDX-License-Identifier: GPL-2.0-or-later
// SR-IOV of a GPU: what its physical function (PF) offers, which virtual functions (VFs) are there, and who has them.
//
// Locks, by the kernel's source (drivers/pci/iov.c, pci-sysfs.c): links, directories, sriov_totalvfs, sriov_offset,
// sriov_stride, sriov_drivers_autoprobe and resource take none. sriov_numvfs takes the PF's device lock, which a driver
// holds while it probes or makes VFs: it is never read. driver_override takes the VF's until Linux 7.0 (a spinlock
// later), which vfio-pci holds while it is bound; so it is read after everything else. Scheduling attributes take a
// mutex of the PF's driver, which it holds while it talks to the GuC.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"

#define VFS_MAX 64

struct vf {
	char address[PCI_ADDRESS_SIZE];
	char driver[32];          // bound, "" for none
	char driver_override[32]; // "" for none
	char group[16];           // of the IOMMU, "" for none
	bool shared;              // others are in its group
};

struct sriov {
	bool capable;            // sriov_totalvfs is there
	int total;               // its value, or a negative errno. Says nothing of the driver until one is bound
	unsigned offset, stride; // between the PF's and its VFs' addresses; 1 when they cannot be read
	int autoprobe;           // 1, 0, or a negative errno
	unsigned count;          // VFs that are there, by the PF's virtfnN links
	struct vf vfs[VFS_MAX];  // of these, in the order of their numbers; sriov_vf_number() has the number of each
	bool admin;              // the PF's driver has scheduling attributes: sriov_profile()
	bool bars_missing;       // the firmware or the kernel left no room for the VFs' BARs
	bool hung;               // something of this did not answer, and is missing
};

// Reads it for the PF at an address.
void sriov_read(struct sriov *sriov, const struct root *root, const char *pf);

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
