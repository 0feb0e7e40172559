// SPDX-License-Identifier: GPL-2.0-or-later
// The wanted instances, in the order in which they are created. What comes from outside is
// validated here, before it can become part of a path.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define WANTED_MAX       256 // instances in all; a GPU has room for 7, a host has few GPUs
#define UUID_SIZE        37  // 36 characters and the NUL
#define TYPE_NAME_SIZE   64
#define PCI_ADDRESS_SIZE 16 // "10000:00:02.0" and longer domains of VMD
#define PARENTS_MAX      8
#define HOSTPCI_SHOWN    160 // of a guest's own line
#define SOURCE_SIZE      160

// Which script Proxmox VE calls at a guest's start.
enum hookscript { HOOKSCRIPT_NONE, HOOKSCRIPT_OURS, HOOKSCRIPT_OTHER };

struct wanted {
	char uuid[UUID_SIZE]; // lower case, as the kernel names the device
	char type[TYPE_NAME_SIZE];
	char parent[PCI_ADDRESS_SIZE]; // full address, without a function for a device that has but one, or "" for the
				       // iGPU that is found
	char others[PARENTS_MAX - 1][PCI_ADDRESS_SIZE]; // to be tried in this order where the one before has no room
	size_t other_count;
	char source[SOURCE_SIZE]; // FILE:LINE
	// Of a guest of Proxmox VE; not in the snapshot.
	char hostpci[HOSTPCI_SHOWN]; // its own line, as far as it is shown, or ""
	bool keep;                   // Proxmox VE does not make the instance itself
	enum hookscript hookscript;
};

struct wanted_list {
	struct wanted *items;
	size_t count;
};

void wanted_free(struct wanted_list *list);

// Appends a copy. -ENOSPC over WANTED_MAX, -EEXIST when the UUID is in the list already (*ret_other is that entry).
MUST_CHECK int wanted_add(struct wanted_list *list, const struct wanted *item, const struct wanted **ret_other);

// Each takes text from outside and gives the normal form, or -EINVAL.
// A UUID in lower case.
MUST_CHECK int wanted_parse_uuid(const char *text, char ret_uuid[static UUID_SIZE]);
// A type such as i915-GVTg_V5_4: letters, digits, '-' and '_', as the kernel's directories are named.
MUST_CHECK int wanted_parse_type(const char *text, char ret_type[static TYPE_NAME_SIZE]);
// [DOMAIN:]BUS:SLOT.FUNCTION in lower case, the domain put in where it is missing.
MUST_CHECK int wanted_parse_parent(const char *text, char ret_parent[static PCI_ADDRESS_SIZE]);

// [DOMAIN:]BUS:SLOT[.FUNCTION], likewise: a function, or all functions of a device.
MUST_CHECK int wanted_parse_device(const char *text, char ret_device[static PCI_ADDRESS_SIZE]);

// Whether the function at an address is the device, or one of its functions.
bool wanted_device_has(const char *device, const char *address);

// The UUID that Proxmox VE gives the mediated device of hostpciINDEX of guest VMID
// (pve-common, generate_mdev_uuid: "%08d-0000-0000-0000-%012d").
void wanted_guest_uuid(unsigned vmid, unsigned index, char ret_uuid[static UUID_SIZE]);
// The other way round; false for a UUID of another form.
bool wanted_is_guest(const char *uuid, unsigned *ret_vmid, unsigned *ret_index);

// A file's name as it may stand in a message, or as a source in the snapshot: one line of plain text, cut to size.
void source_shown(const char *file, char *ret, size_t size);
