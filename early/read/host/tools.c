// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/tools.h"

#include <stdio.h>

#include "base/file.h"

static const char *const names[TOOLS] = {
	[TOOL_UPDATE_INITRAMFS] = "update-initramfs",
	[TOOL_DRACUT] = "dracut",
	[TOOL_MKINITCPIO] = "mkinitcpio",
	[TOOL_UPDATE_GRUB] = "update-grub",
	[TOOL_GRUB_MKCONFIG] = "grub-mkconfig",
	[TOOL_GRUB2_MKCONFIG] = "grub2-mkconfig",
	[TOOL_PROXMOX_BOOT_TOOL] = "proxmox-boot-tool",
	[TOOL_KERNEL_INSTALL] = "kernel-install",
	[TOOL_NIXOS_REBUILD] = "nixos-rebuild",
	[TOOL_APT] = "apt",
	[TOOL_DNF] = "dnf",
	[TOOL_YUM] = "yum",
	[TOOL_ZYPPER] = "zypper",
	[TOOL_PACMAN] = "pacman",
	[TOOL_DKMS] = "dkms",
	[TOOL_MOKUTIL] = "mokutil",
	[TOOL_QM] = "qm",
	[TOOL_PVESH] = "pvesh",
};

// What every host of Proxmox VE has (the packages proxmox-kernel-helper, qemu-server, pve-manager and what they need).
static const enum tool proxmox_tools[] = { TOOL_UPDATE_INITRAMFS,
					   TOOL_UPDATE_GRUB,
					   TOOL_GRUB_MKCONFIG,
					   TOOL_PROXMOX_BOOT_TOOL,
					   TOOL_APT,
					   TOOL_QM,
					   TOOL_PVESH };

static void find_programs(struct tools *tools, const struct root *root, bool proxmox)
{
	static const char *const dirs[] = { "usr/sbin", "usr/bin", "sbin", "bin",
					    "run/current-system/sw/bin" }; // the last is NixOS'
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (!file_exists(root->fs, dirs[i]))
			continue;
		tools->seen = true;
		for (enum tool tool = 0; tool < TOOLS; tool++)
			tools->has[tool] = tools->has[tool] || file_existsf(root->fs, "%s/%s", dirs[i], names[tool]);
	}
	for (size_t i = 0; !tools->seen && proxmox && i < ARRAY_SIZE(proxmox_tools); i++)
		tools->has[proxmox_tools[i]] = true;
}

// The package that dpkg has installed and that has a kernel's modules. Ubuntu, and Debian's newer kernels, have them in
// a package of their own beside linux-image.
static void find_kernel_package(struct tools *tools, const struct root *root, const char *release)
{
	static const char *const formats[] = { "linux-modules-%s", "proxmox-kernel-%s-signed", "proxmox-kernel-%s",
					       "pve-kernel-%s", "linux-image-%s" };
	for (size_t i = 0; release[0] && i < ARRAY_SIZE(formats); i++) {
		snprintf(tools->kernel_package, sizeof(tools->kernel_package), formats[i], release);
		if (file_existsf(root->fs, "var/lib/dpkg/info/%s.list", tools->kernel_package))
			return;
	}
	tools->kernel_package[0] = '\0';
}

// Where DKMS, and shim's helper before it, put the key that they make (dkms(8), update-secureboot-policy).
static void find_key(struct tools *tools, const struct root *root)
{
	static const char *const keys[] = { "var/lib/dkms/mok.pub", "var/lib/shim-signed/mok/MOK.der" };
	for (size_t i = 0; i < ARRAY_SIZE(keys) && !tools->key[0]; i++)
		if (file_exists(root->fs, keys[i]))
			snprintf(tools->key, sizeof(tools->key), "/%s", keys[i]);
}

void tools_read(struct tools *tools, const struct root *root, const char *release, bool proxmox)
{
	*tools = (struct tools){ .esps = file_exists(root->fs, "etc/kernel/proxmox-boot-uuids") };
	find_programs(tools, root, proxmox);
	find_kernel_package(tools, root, release);
	find_key(tools, root);
	bool second = tools->has[TOOL_GRUB2_MKCONFIG] && file_exists(root->fs, "boot/grub2");
	snprintf(tools->menu, sizeof(tools->menu), "/boot/%s/grub.cfg", second ? "grub2" : "grub");
}

bool tools_make_early(const struct tools *tools)
{
	return tools->has[TOOL_UPDATE_INITRAMFS] || tools->has[TOOL_DRACUT];
}
