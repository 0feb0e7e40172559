// SPDX-License-Identifier: GPL-2.0-or-later
// What the next boot will find: the kernel, its initrd, the copies on the ESPs and the kernel command line.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bootloader.h"
#include "cmdline.h"
#include "initrd_file.h"
#include "root.h"
#include "util.h"

#define RELEASE_SIZE 72
#define ESPS_MAX     4

#define PIN_ONCE "etc/kernel/next-boot-pin"    // proxmox-boot-tool kernel pin --next-boot
#define PIN_FILE "etc/kernel/proxmox-boot-pin" // proxmox-boot-tool kernel pin

enum esp_state {
	ESP_UNREADABLE, // reason says why
	ESP_LACKS,      // no such kernel or initrd on it
	ESP_DIFFERS,    // the initrd on it is another than in /boot
	ESP_SAME,
};

struct esp {
	char uuid[40];
	enum esp_state state;
	char reason[128];
	char options[2048]; // the kernel command line of its entry, "" when it has none
};

struct next {
	char release[RELEASE_SIZE]; // "" when it cannot be told
	char chosen_by[96];         // by what: "pinned in /etc/kernel/proxmox-boot-pin"
	bool modules, kvmgt;        // they are there for it
	bool iommu_on;              // its configuration has VT-d on without a parameter
	bool config_found;          // that is known
	bool initrd_found;
	char initrd_path[128];      // with its '/'
	struct initrd_file initrd;
	struct cmdline words;       // what it will be given
	char words_from[64];        // where those stand, with its '/'
	struct esp esps[ESPS_MAX];
	size_t esp_count;
};

// Reads it. The ESPs are mounted read-only for a moment, seen by nobody else, where they are not mounted; with --root they are
// looked for in /var/tmp/espmounts/UUID, where proxmox-boot-tool has them too. Returns a negative errno only when out of memory;
// next_free() then too.
MUST_CHECK int next_read(struct next *next, const struct root *root, const struct bootloader *bootloader, uint64_t until_us);
void next_free(struct next *next);

// The entry that GRUB boots by its menu (grub.cfg) and environment (grubenv): its kernel's release and command line. False when
// it cannot be told. Pure.
bool next_grub_entry(const char *menu, const char *environment, char ret_release[static RELEASE_SIZE], char *ret_words, size_t size);
