// SPDX-License-Identifier: GPL-2.0-or-later
// The value of hostpciN in a guest's configuration (qemu-server: PVE/QemuServer/PCI.pm, $hostpci_fmt).
#pragma once

#include <stdbool.h>

#include "pve.h"
#include "util.h"
#include "wanted.h"

#define HOSTPCI_SIZE 512 // sixteen addresses and all options fit

struct hostpci {
	unsigned line;             // where it stands; 0 when the guest has no such device
	char text[HOSTPCI_SIZE];   // as it is written
	char host[HOSTPCI_SIZE];   // the addresses, or ""
	char mapping[PVE_ID_SIZE]; // the mapping's name, or ""
	char mdev[HOSTPCI_SIZE];   // the mediated device's type, or "" when the whole device is meant
	bool keep;                 // driver=keep: Proxmox VE makes no instance
	bool legacy_igd;
	bool primary;              // x-vga=1: it is the guest's primary display
};

// Parses a value. -EINVAL when Proxmox VE refuses it, *ret_why says why then: it starts the guest as if the line were not there.
MUST_CHECK int hostpci_parse(struct hostpci *hostpci, const char *text, unsigned line, const char **ret_why);

// Why no guest with this device, a mediated one, can start; NULL when nothing speaks against it.
const char *hostpci_hopeless(const struct hostpci *hostpci);
