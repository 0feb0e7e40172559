// SPDX-License-Identifier: GPL-2.0-or-later
// One guest's configuration, VMID.conf, as Proxmox VE takes it at its start (qemu-server: parse_vm_config,
// vmconfig_apply_pending).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"
#include "read/proxmox/hostpci.h"
#include "read/proxmox/pve.h"

#define GUEST_HOOKSCRIPT "gvt-early" // what our hookscript is called among the snippets of a storage
// Where it comes from, and where it goes: "local" is a storage of each host of Proxmox VE.
#define HOOKSCRIPT_SOURCE "/usr/share/gvt-early/hookscript"
#define HOOKSCRIPT_FILE   "/var/lib/vz/snippets/" GUEST_HOOKSCRIPT
#define HOOKSCRIPT_VOLUME "local:snippets/" GUEST_HOOKSCRIPT
#define GUEST_ORDER_MAX   INT64_MAX // of a guest without "startup: order="; larger ones come after it
#define GUEST_LOCK_SIZE   32

// A line that Proxmox VE ignores because it cannot read it.
struct guest_fault {
	unsigned line; // 0 when there is none
	char why[HOSTPCI_WHY_SIZE];
	bool mdev; // a mediated device was meant
};

#define GUEST_STRAYS_MAX 8 // lines that are told

// A line that looks like a slot's to people, and whose key Proxmox VE does not know: it ignores it.
struct guest_stray {
	unsigned line;
	unsigned index; // of the slot that seems to be meant
	char why[HOSTPCI_WHY_SIZE];
};

struct guest {
	bool onboot;
	bool template;  // never started
	uint64_t order; // among the guests that start at boot
	enum hookscript hookscript;
	char lock[GUEST_LOCK_SIZE];                  // for which Proxmox VE does not start it at boot, or ""
	bool q35;                                    // its machine type
	struct hostpci hostpci[GUEST_SLOTS];         // with pending changes applied
	struct guest_fault faults[GUEST_SLOTS];      // the last one of each slot
	struct guest_stray strays[GUEST_STRAYS_MAX]; // with vGPUs
	size_t stray_count;
};

// Parses a configuration; whatever is wrong in it is in faults, or of no interest. Returns a negative errno only when
// out of memory. versions is as of hostpci_parse().
MUST_CHECK int guest_parse(struct guest *guest, const char *text, const struct pve_versions *versions);

// Whether a line, cut to length, seems to be a hostpci line with a vGPU, and has a key that Proxmox VE does
// not know. Then *ret has the slot that seems to be meant and why it is ignored.
bool guest_is_stray(const char *line, size_t length, struct guest_stray *ret);

// What counts of a line with a key: nothing, that it is there, or its value too.
enum guest_key { GUEST_KEY_NOT, GUEST_KEY_ALONE, GUEST_KEY_VALUE };
enum guest_key guest_key_counts(const char *key);
