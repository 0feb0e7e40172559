// SPDX-License-Identifier: GPL-2.0-or-later
// GPUs that guests of Proxmox VE take whole (hostpci without mdev=). Such a GPU is left alone.
#pragma once

#include <stddef.h>

#include "base/util.h"
#include "read/config/wanted.h"

#define CLAIMS_MAX 64

struct claim {
	char address[PCI_ADDRESS_SIZE]; // "0000:00:02.0", or "0000:00:02" for all functions of the device
	char source[SOURCE_SIZE];       // FILE:LINE
};

struct claim_list {
	struct claim items[CLAIMS_MAX];
	size_t count;
};

// Adds the devices of a ';' list of addresses, as far as they are addresses and there is room.
void claim_add(struct claim_list *list, const char *addresses, const char *source);

// The claim on the device at an address, or NULL.
const struct claim *claim_on(const struct claim_list *list, const char *address);
