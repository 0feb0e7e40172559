// SPDX-License-Identifier: GPL-2.0-or-later
// Which virtual functions (VFs) are free, and which guests of Proxmox VE would have to share one: it starts no guest
// with a PCI device that a running one has (qemu-server: PVE/QemuServer/PCI.pm, choose_hostpci_devices and
// reserve_pci_usage). Pure.
#pragma once

#include "base/util.h"
#include "read/config/config.h"
#include "read/host/host.h"

// A slot of a guest that is started at boot, and for which the guests before it leave no VF.
struct vf_clash {
	const struct whole_gpu *claim; // the slot's, of a mapping its first
	const struct whole_gpu *other; // the one that has that VF by then; perhaps by another slot of the same guest
	unsigned entries;              // how many alternatives the mapping has, 0 without one
};

struct vf_clash_list {
	struct vf_clash items[CLAIMS_MAX]; // in the order in which the guests are started
	size_t count;
};

// host and config must outlive the list. Guests take VFs in the order in which they are started; of a mapping the first
// entry that is free.
void vf_clash_find(struct vf_clash_list *list, const struct host *host, const struct config *config);

// How many VFs a GPU can have, there or not; 7 where that cannot be read, as every integrated GPU has so many and a
// card more (sriov_platform.h).
unsigned vf_most(const struct host *host, const struct gpu *gpu);

// The lowest number, from a number on, of a GPU's VFs that no guest names, started at boot or not, or has while it
// runs, and that stays not with the host; 0 when there is none.
unsigned vf_next_free(const struct host *host, const struct gpu *gpu, const struct config *config, unsigned from,
		      char ret_address[static PCI_ADDRESS_SIZE]);
