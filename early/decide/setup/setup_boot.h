// SPDX-License-Identifier: GPL-2.0-or-later
// Which bootloader really boots this host, and which files tell it the kernel command line. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "read/check_facts.h"

enum setup_foreign {
	FOREIGN_NOT,          // it is one that is known here
	FOREIGN_LOADER,       // which one boots it cannot be told
	FOREIGN_SYSTEMD_BOOT, // without proxmox-boot-tool
	FOREIGN_GRUB,         // without Debian's update-grub
	FOREIGN_NIXOS,        // its configuration is in other files
	FOREIGN_NO_TOOL,      // ESPs of proxmox-boot-tool, and no such program
};

struct setup_boot {
	enum setup_foreign foreign; // then nothing is touched
	bool grub;                  // /etc/default/grub counts
	bool line;                  // the first line of /etc/kernel/cmdline counts
	bool by_esps;               // proxmox-boot-tool fills ESPs
	size_t esp_count;
};

// facts_read_next() comes before.
void setup_boot_judge(struct setup_boot *boot, const struct facts *facts);
