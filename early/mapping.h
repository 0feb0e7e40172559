// SPDX-License-Identifier: GPL-2.0-or-later
// The resource mappings of PCI devices, /etc/pve/mapping/pci.cfg (pve-guest-common: PVE/Mapping/PCI.pm): names, under which
// each node of a cluster has devices of its own.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pci_function.h"
#include "pve.h"
#include "util.h"
#include "wanted.h"

#define MAPPING_FILE        "etc/pve/mapping/pci.cfg"
#define MAPPINGS_MAX        128
#define MAPPING_ENTRIES_MAX PARENTS_MAX // of one node; alternatives, tried in their order
#define MAPPING_PATH_SIZE   256         // sixteen addresses

// What Proxmox VE holds against the device at every start, "" where the mapping does not say it.
struct mapping_device {
	char id[PCI_ID_SIZE], subsystem[PCI_ID_SIZE];
	char group[16]; // of the IOMMU
	unsigned line;
};

struct mapping {
	char id[PVE_ID_SIZE];
	bool mdev; // marked as good for mediated devices
	char paths[MAPPING_ENTRIES_MAX][MAPPING_PATH_SIZE]; // this node's: one address, or several by ';', domains included
	struct mapping_device devices[MAPPING_ENTRIES_MAX]; // what each of them was when it was mapped
	size_t count;
	bool more; // than fit
};

struct mapping_list {
	struct mapping items[MAPPINGS_MAX];
	size_t count;
};

// Parses the file's text for a node; entries that Proxmox VE cannot read are left out, as it does. Returns a negative errno
// only when out of memory.
MUST_CHECK int mapping_parse(struct mapping_list *list, const char *text, const char *node);

// A mapping by its name, or NULL.
const struct mapping *mapping_find(const struct mapping_list *list, const char *id);
