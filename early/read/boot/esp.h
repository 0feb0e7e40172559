// SPDX-License-Identifier: GPL-2.0-or-later
// The ESPs that proxmox-boot-tool fills: what the loader on each boots, and whether the copies there are those of
// /boot. The layouts are those of Proxmox VE's /etc/kernel/postinst.d/zz-proxmox-boot.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/boot_entry.h"
#include "read/boot/loader_entries.h"

#define ESPS_MAX 256 // in the list; one that is longer is told

enum esp_copies {
	COPIES_UNKNOWN, // reason says why
	COPIES_MISSING, // the entry's kernel or initrd is not on it
	COPIES_DIFFER,  // one of them is another than in /boot
	COPIES_SAME,
};

// Why an ESP could not be read, as far as something else follows of it.
enum esp_fault {
	ESP_FAULT_OTHER,
	ESP_FAULT_LINE, // the line of the list is no UUID
	ESP_FAULT_COPY, // with --root: no copy of it is there
	ESP_FAULT_GONE, // no device has that UUID
};

// Which room an ESP has for the initrd of a kernel.
struct esp_room {
	bool known;       // free is
	uint64_t free;    // bytes
	uint64_t there;   // the size of that kernel's initrd on it, 0 when it has none
	uint64_t pending; // bytes that the next refresh adds by itself: kernels and other initrds, as they are in /boot
	unsigned initrds; // on it
};

struct esp {
	char uuid[40];
	unsigned line; // of the list, from 1
	bool readable;
	enum esp_fault fault;
	char reason[128];        // why it could not be read, or its copies not be compared
	int error;               // an errno, where that is why; else 0
	bool grub;               // GRUB boots from it; else systemd-boot
	struct boot_entry entry; // what it boots
	enum esp_copies copies;
	char copy[96]; // the one that is missing or differs
	struct esp_room room;
};

struct esp_list {
	bool found;        // there is a list of them
	char trouble[128]; // why the list could not be read, or ""
	int error;         // an errno, where that is why; else 0
	struct esp *items;
	size_t count;
};

struct esp_query {
	const struct root *root;
	bool systemd_boot; // systemd-boot has booted this system: it has EFI, whatever /sys says
	struct loader_variables variables;
	const char *room_for; // NULL, or a kernel's release: then only the room for its initrd is looked at
	uint64_t until_us;    // for all of them (clock.h)
};

// Reads them, however many. They are mounted read-only for a moment, invisible to other processes; with --root they are
// looked for in /var/tmp/espmounts/UUID, where proxmox-boot-tool has them too. Returns a negative errno only when out
// of memory; esp_list_free() then too.
MUST_CHECK int esp_list_read(struct esp_list *list, const struct esp_query *query);
void esp_list_free(struct esp_list *list);
