// SPDX-License-Identifier: GPL-2.0-or-later
// Which bootloader boots this host, and which kernel command line it is told to give. On a Proxmox VE host that boots
// with systemd-boot, GRUB's files have no effect, and the reverse (pve-docs, system-booting.adoc).
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/grub_settings.h"
#include "read/boot/said.h"
#include "read/host/cmdline.h"
#include "read/host/tools.h"

#define GRUB_MENU         "boot/grub/grub.cfg"
#define SYSTEMD_BOOT_FILE "etc/kernel/cmdline"
#define ESP_LIST          "etc/kernel/proxmox-boot-uuids" // the ESPs that proxmox-boot-tool fills

enum bootloader_kind { BOOTLOADER_UNKNOWN, BOOTLOADER_GRUB, BOOTLOADER_SYSTEMD_BOOT };

struct bootloader {
	enum bootloader_kind kind; // of the boot that runs
	bool proxmox_boot_tool;    // it copies kernels and initrds to ESPs
	bool kernel_install;       // systemd's tool, which makes entries of /etc/kernel/cmdline, is there
	struct grub_settings grub; // what GRUB's files say
	bool systemd_boot_found;   // /etc/kernel/cmdline is there and could be read
	struct cmdline systemd_boot;
	struct said_list systemd_boot_said;
	char *menu; // GRUB's, as update-grub has made it; "" when there is none
};

// Reads it; running is the kernel command line. Returns a negative errno only when out of memory.
MUST_CHECK int bootloader_read(struct bootloader *bootloader, const struct root *root, const struct cmdline *running);
void bootloader_free(struct bootloader *bootloader);

// The words that the bootloader in use, or with other = true the other one, is told to give.
const struct cmdline *bootloader_words(const struct bootloader *bootloader, bool other);
// All that its files say, what does not become the kernel command line with it.
const struct said_list *bootloader_said(const struct bootloader *bootloader, bool other);
// The file that they stand in, with its '/'.
const char *bootloader_file(const struct bootloader *bootloader, bool other);
