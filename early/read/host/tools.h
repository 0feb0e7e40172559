// SPDX-License-Identifier: GPL-2.0-or-later
// The programs of this host that a fix may name.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"

enum tool {
	TOOL_UPDATE_INITRAMFS, // initramfs-tools
	TOOL_DRACUT,
	TOOL_MKINITCPIO,
	TOOL_UPDATE_GRUB, // Debian and its kin
	TOOL_GRUB_MKCONFIG,
	TOOL_GRUB2_MKCONFIG, // Fedora, SUSE and their kin
	TOOL_PROXMOX_BOOT_TOOL,
	TOOL_KERNEL_INSTALL, // systemd's: entries of systemd-boot
	TOOL_NIXOS_REBUILD,
	TOOL_APT,
	TOOL_DNF,
	TOOL_YUM,
	TOOL_ZYPPER,
	TOOL_PACMAN,
	TOOL_DKMS,
	TOOL_MOKUTIL, // keys of Secure Boot
	TOOL_QM,      // Proxmox VE's guests
	TOOL_PVESH,   // Proxmox VE's settings
	TOOLS,
};

struct tools {
	bool seen; // there are programs to look at
	bool has[TOOLS];
	bool esps;               // proxmox-boot-tool copies kernels and initrds to ESPs
	char menu[32];           // GRUB's, as grub-mkconfig of this host writes it: "/boot/grub/grub.cfg"
	char kernel_package[96]; // that has the modules of the running kernel, "" when that is not known
	char key[48];            // the public key that modules made on this host are signed with, "" when there is none
};

// Looks which are there. A copy of a host's files may have no programs at all; then a host of Proxmox VE is taken to
// have what such a host always has, and any other to have none. release is the running kernel's.
void tools_read(struct tools *tools, const struct root *root, const char *release, bool proxmox);

// Whether this host's initrds can have gvt-early in them: it has hooks for these generators alone.
bool tools_make_early(const struct tools *tools);
