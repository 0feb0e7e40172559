// SPDX-License-Identifier: GPL-2.0-or-later
// GPUs that guests of Proxmox VE take whole (hostpci without mdev=). Such a GPU is left alone.
#pragma once

#include <stddef.h>

#include "base/util.h"
#include "read/config/wanted.h"

#define CLAIMS_MAX 64

struct whole_gpu {
	char address[PCI_ADDRESS_SIZE]; // "0000:00:02.0", or "0000:00:02" for all functions of the device
	char source[SOURCE_SIZE];       // FILE:LINE
};

struct whole_gpu_list {
	struct whole_gpu items[CLAIMS_MAX];
	size_t count;
};

// Adds the devices of a ';' list of addresses, as far as they are addresses and there is room.
void whole_gpu_add(struct whole_gpu_list *list, const char *addresses, const char *source);

// The claim on the device at an address, or NULL.
const struct whole_gpu *whole_gpu_on(const struct whole_gpu_list *list, const char *address);
