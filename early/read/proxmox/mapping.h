// SPDX-License-Identifier: GPL-2.0-or-later
// The resource mappings of PCI devices, /etc/pve/mapping/pci.cfg (pve-guest-common: PVE/Mapping/PCI.pm): names, under
// which each node of a cluster has devices of its own.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "read/config/wanted.h"
#include "read/host/pci_function.h"
#include "read/proxmox/pve.h"

#define MAPPING_FILE        "etc/pve/mapping/pci.cfg"
#define MAPPINGS_MAX        128
#define MAPPING_ENTRIES_MAX 64  // of one node; alternatives, tried in their order. A GPU has up to 63 VFs
#define MAPPING_PATH_SIZE   256 // sixteen addresses

// What Proxmox VE holds against the device at every start, "" where the mapping does not say it.
struct mapping_device {
	char id[PCI_ID_SIZE], subsystem[PCI_ID_SIZE];
	char group[16]; // of the IOMMU
	unsigned line;
};

struct mapping {
	char id[PVE_ID_SIZE];
	bool mdev; // marked as good for mediated devices
	char paths[MAPPING_ENTRIES_MAX]
		  [MAPPING_PATH_SIZE]; // this node's: one address, or several by ';', domains included
	struct mapping_device devices[MAPPING_ENTRIES_MAX]; // what each of them was when it was mapped
	size_t count;
	bool more;            // than fit
	unsigned unread_line; // of an entry for this node, or for an unknown node, that Proxmox VE cannot read; 0 if
			      // there is none
};

// What of a mapping is not there at all.
enum mapping_lack {
	MAPPING_IS_THERE,
	MAPPING_NO_FILE,  // no mapping at all: the file is not there
	MAPPING_UNUSED,   // the file is not used, which has been told
	MAPPING_UNKNOWN,  // the file has no mapping of that name
	MAPPING_NO_ENTRY, // the mapping has no entry for this node
	MAPPING_UNREAD,   // the entries for this node are none that Proxmox VE can read
};

struct mapping_list {
	enum {
		MAPPINGS_ABSENT,
		MAPPINGS_UNUSED,
		MAPPINGS_READ
	} state; // the file is not there, is told as one that is not used, or was read
	struct mapping items[MAPPINGS_MAX];
	size_t count;
};

// Parses the file's text for a node; entries that Proxmox VE cannot read are left out, as it does. Returns a negative
// errno only when out of memory.
MUST_CHECK int mapping_parse(struct mapping_list *list, const char *text, const char *node);

// What is missing for a mapping to be of use on this node; *ret_line is that of MAPPING_UNREAD.
enum mapping_lack mapping_lacks(const struct mapping_list *list, const char *id, unsigned *ret_line);

// A mapping by its name, or NULL.
const struct mapping *mapping_find(const struct mapping_list *list, const char *id);
