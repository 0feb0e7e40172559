// SPDX-License-Identifier: GPL-2.0-or-later
// What the configurations of this node's guests, those of Proxmox VE, say of Intel's GPUs: the vGPUs that they take,
// and the GPUs that they take whole. Plain facts: which of it is wanted is decided in wanted_sources.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"
#include "read/config/whole_gpu.h"
#include "read/proxmox/mapping.h"

#define PVE_DIR            "etc/pve"
#define PVE_CLUSTER_DIR    "var/lib/pve-cluster" // is there where Proxmox VE is installed
#define GUEST_FILE_MAX     (1024 * 1024)         // bytes; pmxcfs lets no file become larger
#define GUEST_ENTRIES_MAX  WANTED_MAX
#define GUEST_VFS_MAX      128
#define GUEST_PROBLEMS_MAX 32
#define GUEST_TEXT_SIZE    240
#define GUESTS_HUNG        "/" PVE_DIR " does not answer" // the reason, then
#define GUESTS_HOST_HUNG   "the host's PCI devices in /sys do not answer"

// Why nothing is made for a vGPU.
enum guest_trouble {
	TROUBLE_NONE,
	TROUBLE_LINE_IGNORED, // Proxmox VE cannot read the line, and starts the guest without it
	TROUBLE_LOCKED,       // Proxmox VE does not start the guest while a task holds its lock
	TROUBLE_MAPPING,      // nor with such a mapping
	TROUBLE_REFUSED,      // nor for what else its PCI devices are
};

// One hostpciN with mdev=.
struct guest_entry {
	struct wanted item;        // source is FILE:LINE of the line itself
	unsigned vmid, index;      // index is the N
	uint64_t order;            // among the guests that start at boot
	bool boot;                 // the guest is started at boot
	bool primary;              // it is the guest's primary display
	char mapping[PVE_ID_SIZE]; // by which it names the parent, or ""
	enum guest_trouble trouble;
	enum mapping_lack lack;        // of TROUBLE_MAPPING: what of the mapping is not there
	char lacking[PVE_ID_SIZE];     // the mapping that the trouble is with, which may be of another slot
	bool unmarked;                 // the trouble is no more than that the mapping lacks "mdev 1"
	char problem[GUEST_TEXT_SIZE]; // the trouble in words, or ""
	char warning[GUEST_TEXT_SIZE]; // what else is to be told, or ""
};

// One hostpciN without mdev= that names what may be virtual functions of a GPU (whole_gpu_may_be_vf()). The addresses
// are in the claims.
struct guest_vf {
	unsigned vmid, index;      // index is the N
	char source[SOURCE_SIZE];  // FILE:LINE of the line itself
	bool boot;                 // the guest is started at boot
	char mapping[PVE_ID_SIZE]; // by which it names them, or ""
	enum guest_trouble trouble;
	enum mapping_lack lack;        // of TROUBLE_MAPPING, as in struct guest_entry
	char lacking[PVE_ID_SIZE];     // likewise
	char problem[GUEST_TEXT_SIZE]; // the trouble in words, or ""
	char absent[PCI_ADDRESS_SIZE]; // the trouble is no more than that this VF is not there yet; or ""
};

enum guests_state {
	GUESTS_ABSENT, // no host of Proxmox VE
	GUESTS_READ,
	GUESTS_UNREADABLE, // reason says why; what is in the list does not count
};

// What is being read, for who waits in vain.
enum guests_step { GUESTS_AT_PVE, GUESTS_AT_HOST };

struct guest_problem {
	char text[GUEST_TEXT_SIZE]; // "FILE: what is wrong"
	char fix[GUEST_TEXT_SIZE];  // what mends it, "" where that is to correct the file
};

struct guest_list {
	enum guests_state state;
	enum guests_step step;
	bool denied; // the reason is that who asks may not read them
	char reason[GUEST_TEXT_SIZE];
	struct guest_entry entries[GUEST_ENTRIES_MAX]; // by guest and slot
	size_t count;
	struct whole_gpu_list claims;
	struct guest_vf vfs[GUEST_VFS_MAX]; // by guest and slot
	size_t vf_count;
	struct guest_problem problems[GUEST_PROBLEMS_MAX]; // of whole files
	size_t problem_count;
};

// Reads the guests. May block for ever where /etc/pve hangs. The list is plain memory, without a pointer in it.
void guests_read(struct guest_list *list, const struct root *root);

// Sorts the entries: by order, then by guest and slot.
void guests_sort(struct guest_list *list);

// Whether an entry's trouble is the guest's, and one before it in the list has told that.
bool guests_repeats(const struct guest_list *list, size_t index);

// This node's name: the host's up to the first dot, of a root given by --root as its files have it. "" when it is not
// known.
void guests_node(const struct root *root, char *ret, size_t size);
