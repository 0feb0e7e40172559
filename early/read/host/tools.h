// SPDX-License-Identifier: GPL-2.0-or-later
// The programs of this host that a cure may name: no cure names a command that is not there. Where the host is none that is
// known here, the texts below say what must become true instead of a command.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/util.h"

enum tool {
	TOOL_UPDATE_INITRAMFS, // initramfs-tools
	TOOL_DRACUT,
	TOOL_MKINITCPIO,
	TOOL_UPDATE_GRUB,      // Debian and its kin
	TOOL_GRUB_MKCONFIG,
	TOOL_GRUB2_MKCONFIG,   // Fedora, SUSE and their kin
	TOOL_PROXMOX_BOOT_TOOL,
	TOOL_KERNEL_INSTALL,   // systemd's: entries of systemd-boot
	TOOL_NIXOS_REBUILD,
	TOOL_APT,
	TOOL_DNF,
	TOOL_YUM,
	TOOL_ZYPPER,
	TOOL_PACMAN,
	TOOL_DKMS,
	TOOL_MOKUTIL,          // keys of Secure Boot
	TOOL_QM,               // Proxmox VE's guests
	TOOL_PVESH,            // Proxmox VE's settings
	TOOLS,
};

struct tools {
	bool seen;               // there are programs to look at
	bool has[TOOLS];
	bool esps;               // proxmox-boot-tool copies kernels and initrds to ESPs
	char menu[32];           // GRUB's, as grub-mkconfig of this host writes it: "/boot/grub/grub.cfg"
	char kernel_package[96]; // that has the modules of the running kernel, "" when that is not known
	char key[48];            // the public key that modules made on this host are signed with, "" when there is none
};

// Enough for each of the texts below.
#define TOOL_TEXT_SIZE 192

// Looks which are there. A copy of a host's files may have no programs at all; then a host of Proxmox VE is taken to have what
// such a host always has, and any other to have none. release is the running kernel's.
void tools_read(struct tools *tools, const struct root *root, const char *release, bool proxmox);

// Each of these writes an imperative without an end such as "run 'update-grub'" into ret and returns ret.
// Makes the initrds of all kernels anew, or of one release.
const char *tools_renew_initrd(const struct tools *tools, const char *release, char *ret, size_t size);
// Makes the initrd of a release that has none.
const char *tools_make_initrd(const struct tools *tools, const char *release, char *ret, size_t size);
// Makes what was written to /etc/default/grub count.
const char *tools_renew_menu(const struct tools *tools, char *ret, size_t size);
// Makes kernel, initrd and kernel command line on the ESPs those of the host.
const char *tools_refresh_esps(const struct tools *tools, char *ret, size_t size);
// Makes the entry of a kernel in systemd-boot anew, where no proxmox-boot-tool does it.
const char *tools_renew_entry(const struct tools *tools, const char *release, char *ret, size_t size);
// Installs a package that has the same name everywhere.
const char *tools_install(const struct tools *tools, const char *package, char *ret, size_t size);
// Puts the running kernel's modules back.
const char *tools_reinstall_kernel(const struct tools *tools, char *ret, size_t size);
// Lets the firmware accept the key of modules made on this host, from the next boot on.
const char *tools_enroll_key(const struct tools *tools, char *ret, size_t size);

// Whether this host's initrds can have gvt-early in them: it has hooks for these generators alone.
bool tools_make_early(const struct tools *tools);
