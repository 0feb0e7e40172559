// SPDX-License-Identifier: GPL-2.0-or-later
// Why Proxmox VE would not start a guest for the sake of its PCI devices (qemu-server: PVE/QemuServer/PCI.pm,
// parse_hostpci and what follows; pve-guest-common: PVE/Mapping/PCI.pm, assert_valid). One bad device of a guest keeps
// all of it from starting.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "read/host/pci_function.h"
#include "read/proxmox/guest.h"
#include "read/proxmox/mapping.h"
#include "read/proxmox/pve_version.h"

#define REFUSAL_TEXT_SIZE 200

// What a guest is held against.
struct refusal_host {
	const struct root *root; // for the attributes of the functions that a mapping names
	const char *node;
	const struct mapping_list *mappings;
	struct pci_addresses functions; // not known: nothing is refused for what the hardware is
	bool iommu;                     // it is on; without it nothing can be said of its groups
	struct pve_versions versions;
};

struct refusal {
	unsigned slot, line;           // of the hostpci line that is refused
	bool mapping;                  // for what its mapping says
	enum mapping_lack lack;        // what of the mapping is not there
	bool unmarked;                 // for no more than that the mapping lacks "mdev 1"
	char absent[PCI_ADDRESS_SIZE]; // for no more than that this is not there, and it may be a virtual function
	char text[REFUSAL_TEXT_SIZE];
};

// Whether the guest is refused; *ret says why, by the first of its slots.
bool refusal_find(struct refusal *ret, const struct refusal_host *host, const struct guest *guest);

// The same for a guest that takes virtual functions of a GPU: the IOMMU has to be on, and what else keeps the guest
// from starting goes before a VF that is not there, as VFs have to be created first.
bool refusal_find_vf(struct refusal *ret, const struct refusal_host *host, const struct guest *guest);
