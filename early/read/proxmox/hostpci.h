// SPDX-License-Identifier: GPL-2.0-or-later
// The value of hostpciN in a guest's configuration (qemu-server: PVE/QemuServer/PCI.pm, $hostpci_fmt).
#pragma once

#include <stdbool.h>

#include "base/util.h"
#include "read/config/wanted.h"
#include "read/proxmox/pve.h"
#include "read/proxmox/pve_version.h"

#define HOSTPCI_SIZE     512 // of one key's value: more than thirty addresses fit
#define HOSTPCI_WHY_SIZE 128

struct hostpci {
	unsigned line;             // where it stands; 0 when the guest has no such device
	char text[HOSTPCI_SHOWN];  // as it is written, cut
	char host[HOSTPCI_SIZE];   // the addresses, or ""
	char mapping[PVE_ID_SIZE]; // the mapping's name, or ""
	char mdev[HOSTPCI_SIZE];   // the mediated device's type, or "" when the whole device is meant
	bool keep;                 // driver=keep: Proxmox VE makes no instance
	bool legacy_igd, pcie;
	bool primary; // x-vga=1: it is the guest's primary display
};

// Parses a value. -EINVAL when Proxmox VE refuses it, ret_why says why then: it starts the guest as if the line were
// not there. The versions decide which keys there are; NULL for those of today. -ENOMEM.
MUST_CHECK int hostpci_parse(struct hostpci *hostpci, const char *text, unsigned line,
			     const struct pve_versions *versions, char ret_why[static HOSTPCI_WHY_SIZE]);

// Why no guest with this device can start, whatever the host has; NULL when nothing speaks against it.
const char *hostpci_hopeless(const struct hostpci *hostpci);
