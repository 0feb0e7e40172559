// SPDX-License-Identifier: GPL-2.0-or-later
// Which bootloader boots this host, and which kernel command line it is told to give. On a Proxmox VE host that boots with
// systemd-boot, GRUB's files have no effect, and the reverse (pve-docs, system-booting.adoc).
#pragma once

#include <stdbool.h>

#include "cmdline.h"
#include "root.h"
#include "tools.h"
#include "util.h"

#define GRUB_FILE         "etc/default/grub"
#define GRUB_MENU         "boot/grub/grub.cfg"
#define SYSTEMD_BOOT_FILE "etc/kernel/cmdline"
#define ESP_LIST          "etc/kernel/proxmox-boot-uuids" // the ESPs that proxmox-boot-tool fills

enum bootloader_kind { BOOTLOADER_UNKNOWN, BOOTLOADER_GRUB, BOOTLOADER_SYSTEMD_BOOT };

struct bootloader {
	enum bootloader_kind kind; // of the boot that runs
	bool proxmox_boot_tool;    // it copies kernels and initrds to ESPs
	struct cmdline grub;       // what GRUB's files say, for everyday boots
	struct cmdline systemd_boot;
	char *menu;                // GRUB's, as update-grub has made it; "" when there is none
};

// Reads it; running is the kernel command line. Returns a negative errno only when out of memory.
MUST_CHECK int bootloader_read(struct bootloader *bootloader, const struct root *root, const struct cmdline *running);
void bootloader_free(struct bootloader *bootloader);

// The words that the bootloader in use, or with other = true the other one, is told to give.
const struct cmdline *bootloader_words(const struct bootloader *bootloader, bool other);
// The file that they stand in, with its '/'.
const char *bootloader_file(const struct bootloader *bootloader, bool other);
// What makes a change of that file count, as an imperative such as "run 'update-grub'"; of TOOL_TEXT_SIZE bytes.
const char *bootloader_apply(const struct bootloader *bootloader, const struct tools *tools, char *ret, size_t size);

// The value that a file of shell assignments such as /etc/default/grub gives a variable, its own former value in it expanded;
// value holds that former value and takes the new one. Pure.
void shell_assignment(const char *text, const char *variable, char *value, size_t size);
