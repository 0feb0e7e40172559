// SPDX-License-Identifier: GPL-2.0-or-later
// The PCI functions of the host as Proxmox VE looks at them (pve-common: PVE/SysFSTools.pm).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"

#define PCI_ID_SIZE 10 // "8086:3e92"

struct pci_function {
	bool found;
	bool mdev;                                    // it offers mediated devices
	char id[PCI_ID_SIZE], subsystem[PCI_ID_SIZE]; // VENDOR:DEVICE as sysfs writes them, "" for none
	char group[16];                               // of the IOMMU, "" for none
};

// Reads the function at a full address.
void pci_function_read(struct pci_function *function, const struct root *root, const char *address);

// The addresses of all functions there are.
struct pci_addresses {
	char **names; // one block, sorted
	size_t count; // 0 when they are not known: no /sys, or another system's
};

// Reads them; names are the caller's to free. Returns a negative errno only when out of memory.
MUST_CHECK int pci_addresses_read(struct pci_addresses *list, const struct root *root);

// How many functions Proxmox VE finds with an address as it is written, the domain 0000 and the function left out or
// not; *ret_first, if not NULL, is the first of them.
size_t pci_addresses_match(const struct pci_addresses *list, const char *written, const char **ret_first);
