// SPDX-License-Identifier: GPL-2.0-or-later
// What the next boot will find: which kernels its loaders may start, with their modules, initrds and command lines. No
// judgement.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/boot_entry.h"
#include "read/boot/bootloader.h"
#include "read/boot/esp.h"
#include "read/boot/initrd_image.h"
#include "read/boot/initrd_room.h"
#include "read/host/cmdline.h"
#include "read/host/host.h"
#include "read/host/modules.h"

#define PIN_ONCE "etc/kernel/next-boot-pin"    // proxmox-boot-tool kernel pin --next-boot
#define PIN_FILE "etc/kernel/proxmox-boot-pin" // proxmox-boot-tool kernel pin

// Of a kernel that may boot.
struct next_boot_kernel {
	char release[RELEASE_SIZE];
	char modules_trouble[64]; // what is wrong with its modules' indexes, "" when they can be used
	int modules_error;        // the same as an errno (modules.h), 0 when they can be used
	struct module_policy i915, kvmgt, vfio_pci;
	int i915_gvt;               // as in struct host
	struct sriov_drivers sriov; // likewise, of this kernel
	bool config_found;          // its configuration is known
	bool iommu_on;              // by it VT-d is on without a parameter
	bool iommu_spares_igpu;     // but not for the iGPU
	char initrd_path[300]; // with its '/'; of an ESP's kernel the one in /boot, which the ESP's is compared with.
			       // "" when none is loaded
	bool initrd_found;     // of a kernel without: /boot has one that is called after it
	struct initrd_image initrd;
	struct initrd_room *room; // NULL unless gvt-early is to go into that initrd and is not in it
};

// /etc/kernel/cmdline, which entries are made of (layouts with systemd-boot; proxmox-boot-tool asks for it with GRUB
// too).
struct cmdline_file {
	bool found;
	char trouble[96];       // why it could not be read, or ""
	int error;              // the same as an errno, or 0
	char words[WORDS_SIZE]; // what of it counts: proxmox-boot-tool takes the first line, kernel-install all
};

struct next_boot {
	struct esp_list esps;
	struct boot_entry host; // without ESPs of proxmox-boot-tool: what boots. With one that cannot be read: what
				// should be on it
	bool host_counts;
	bool inferred;                   // host is of the latter kind
	bool kernel_absent;              // the file of the host's kernel, which GRUB's menu names, is not there
	const struct boot_entry **boots; // all that may boot: the ESPs', the host's; those with trouble too
	size_t boot_count;
	struct next_boot_kernel *kernels;
	size_t kernel_count;
	char pin[RELEASE_SIZE]; // what the pin files of proxmox-boot-tool say, "" for nothing; without a refresh it
				// does nothing
	char pin_from[64];
	char pin_trouble[96]; // why one of them could not be read, or ""
	int pin_error;        // the same as an errno, or 0
	struct cmdline_file cmdline_file;
};

// Reads it, until a moment (clock.h); host is the running system. Returns a negative errno only when out of memory;
// next_boot_free() then too.
MUST_CHECK int next_boot_read(struct next_boot *next, const struct root *root, const struct host *host,
			      const struct bootloader *bootloader, uint64_t until_us);
void next_boot_free(struct next_boot *next);

// The kernel that an entry starts, or NULL when that is not known.
const struct next_boot_kernel *next_boot_kernel_of(const struct next_boot *next, const struct boot_entry *entry);
