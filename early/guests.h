// SPDX-License-Identifier: GPL-2.0-or-later
// What the configurations of Proxmox VE's guests say of a GPU: whether one takes it whole. Such a GPU is left alone.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "root.h"
#include "util.h"
#include "wanted.h"

#define GUESTS_DIR      "etc/pve/qemu-server"
#define GUEST_FILE_MAX  (256 * 1024) // bytes; Proxmox's own limit is 512 KiB for a file of any kind
#define CLAIMS_MAX      64

// A PCI device, or all functions of one, that a guest takes whole (hostpci without mdev=).
struct claim {
	char address[PCI_ADDRESS_SIZE]; // "0000:00:02.0", or "0000:00:02" for all its functions
	char source[SOURCE_SIZE];       // FILE:LINE
};

struct claim_list {
	struct claim items[CLAIMS_MAX];
	size_t count;
};

// Reads the guests of this node. May block for ever where /etc/pve hangs. A directory or file that cannot be read gives
// no claims.
void guests_read(struct claim_list *list, const struct root *root);

// Takes one guest's text; file is the name used in source. Only the part before the first section is live.
void guests_parse(struct claim_list *list, const char *file, const char *text);

// The claim on the device at an address, or NULL.
const struct claim *claim_on(const struct claim_list *list, const char *address);

// [DOMAIN:]BUS:SLOT[.FUNCTION] with the domain put in; -EINVAL for anything else.
MUST_CHECK int claim_parse_address(const char *text, char ret_address[static PCI_ADDRESS_SIZE]);
