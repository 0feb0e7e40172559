// SPDX-License-Identifier: GPL-2.0-or-later
// What guests of Proxmox VE take as it is (hostpci without mdev=): a whole GPU, which is left alone then, or a virtual
// function of a GPU (SR-IOV), which has to be there when the guest starts. What an address is, the host tells.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "read/config/wanted.h"
#include "read/proxmox/mapping.h"

#define CLAIMS_MAX 256 // a GPU has up to 63 VFs; guests that share a mapping want all of them, each

struct whole_gpu {
	char address[PCI_ADDRESS_SIZE]; // "0000:00:02.0", or "0000:00:02" for all functions of the device
	char source[SOURCE_SIZE];       // FILE:LINE
	unsigned vmid, index;           // the guest, 0 when it is not known, and the N of its hostpciN
	// Not in the snapshot.
	bool boot;                      // the guest is started at boot
	uint64_t order;                 // among those; not remembered either (remembered_guests.h)
	char mapping[PVE_ID_SIZE];      // by which the guest names the device, or ""; any one of the mapping's entries
					// will do for the guest
	unsigned entry;                 // which of the mapping's entries for this node, the first is 0
	struct mapping_device recorded; // what the device was when it was mapped
};

struct whole_gpu_list {
	struct whole_gpu items[CLAIMS_MAX];
	size_t count;
	size_t more; // for which there was no room
};

// Adds the devices of a ';' list of addresses, as far as they are addresses and there is room. who has all but the
// address.
void whole_gpu_add_for(struct whole_gpu_list *list, const char *addresses, const struct whole_gpu *who);

// The same of what only a source is known: the guest is the one of which it is the file ("/.../VMID.conf:LINE").
void whole_gpu_add(struct whole_gpu_list *list, const char *addresses, const char *source);

// The claim on the device at an address, or NULL.
const struct whole_gpu *whole_gpu_on(const struct whole_gpu_list *list, const char *address);

// Whether an address can be that of a GPU's virtual function: one function, and none that firmware gives to a GPU
// itself. On bus 0 these are the functions 1 to 7 of 00:02, on others all but 00.0: a VF's address is its number added
// to the GPU's (PCI Express SR-IOV: VF offset and stride, both 1 for Intel's GPUs). Other devices have such addresses
// too; only the host can tell.
bool whole_gpu_may_be_vf(const char *address);

// Whether such an address is in a ';' list.
bool whole_gpu_names_vf(const char *addresses);
