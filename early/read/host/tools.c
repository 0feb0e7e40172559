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
static const enum tool proxmox_tools[] = { TOOL_UPDATE_INITRAMFS, TOOL_UPDATE_GRUB, TOOL_GRUB_MKCONFIG, TOOL_PROXMOX_BOOT_TOOL,
					   TOOL_APT,		  TOOL_QM,	    TOOL_PVESH };

static void find_programs(struct tools *tools, const struct root *root, bool proxmox)
{
	static const char *const dirs[] = { "usr/sbin", "usr/bin", "sbin", "bin", "run/current-system/sw/bin" }; // the last is NixOS'
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

// The package that dpkg has installed and that has a kernel's modules. Ubuntu, and Debian's newer kernels, have them in a package
// of their own beside linux-image.
static void find_kernel_package(struct tools *tools, const struct root *root, const char *release)
{
	static const char *const formats[] = { "linux-modules-%s", "proxmox-kernel-%s-signed", "proxmox-kernel-%s", "pve-kernel-%s",
					       "linux-image-%s" };
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

// dracut runs none of the hooks that copy an initrd to the ESPs (bootloaders.md).
static const char *behind_dracut(const struct tools *tools)
{
	return tools->esps && tools->has[TOOL_PROXMOX_BOOT_TOOL] ? ", then 'proxmox-boot-tool refresh'" : "";
}

static const char *write_initrd(const struct tools *tools, const char *release, bool absent, char *ret, size_t size)
{
	if (tools->has[TOOL_UPDATE_INITRAMFS])
		snprintf(ret, size, "run 'update-initramfs -%c -k %s'", absent ? 'c' : 'u', release ? release : "all");
	else if (tools->has[TOOL_DRACUT] && release)
		snprintf(ret, size, "run 'dracut --force --kver %s'%s", release, behind_dracut(tools));
	else if (tools->has[TOOL_DRACUT])
		snprintf(ret, size, "run 'dracut --regenerate-all --force'%s", behind_dracut(tools));
	else if (tools->has[TOOL_MKINITCPIO])
		snprintf(ret, size, "run 'mkinitcpio -P'");
	else if (tools->has[TOOL_NIXOS_REBUILD])
		snprintf(ret, size, "run 'nixos-rebuild boot'");
	else if (release)
		snprintf(ret, size, "make the initrd of kernel %s%s", release, absent ? "" : " anew");
	else
		snprintf(ret, size, "make the initrd anew");
	return ret;
}

const char *tools_renew_initrd(const struct tools *tools, const char *release, char *ret, size_t size)
{
	return write_initrd(tools, release, false, ret, size);
}

const char *tools_make_initrd(const struct tools *tools, const char *release, char *ret, size_t size)
{
	return write_initrd(tools, release, true, ret, size);
}

const char *tools_renew_menu(const struct tools *tools, char *ret, size_t size)
{
	if (tools->has[TOOL_UPDATE_GRUB])
		snprintf(ret, size, "run 'update-grub'");
	else if (tools->has[TOOL_GRUB_MKCONFIG] || tools->has[TOOL_GRUB2_MKCONFIG])
		snprintf(ret, size, "run '%s -o %s'", tools->has[TOOL_GRUB2_MKCONFIG] ? "grub2-mkconfig" : "grub-mkconfig", tools->menu);
	else
		snprintf(ret, size, "make GRUB's menu anew");
	return ret;
}

const char *tools_refresh_esps(const struct tools *tools, char *ret, size_t size)
{
	if (tools->has[TOOL_PROXMOX_BOOT_TOOL])
		snprintf(ret, size, "run 'proxmox-boot-tool refresh'");
	else
		snprintf(ret, size, "bring the bootloader's entries up to date");
	return ret;
}

const char *tools_renew_entry(const struct tools *tools, const char *release, char *ret, size_t size)
{
	if (tools->has[TOOL_KERNEL_INSTALL] && release[0])
		snprintf(ret, size, "run 'kernel-install add %s /boot/vmlinuz-%s'", release, release);
	else
		snprintf(ret, size, "bring the bootloader's entries up to date");
	return ret;
}

const char *tools_install(const struct tools *tools, const char *package, char *ret, size_t size)
{
	static const struct {
		enum tool tool;
		const char *command;
	} managers[] = { { TOOL_APT, "apt install" },	     { TOOL_DNF, "dnf install" },    { TOOL_YUM, "yum install" },
			 { TOOL_ZYPPER, "zypper install" }, { TOOL_PACMAN, "pacman -S" } };
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (tools->has[managers[i].tool]) {
			snprintf(ret, size, "run '%s %s'", managers[i].command, package);
			return ret;
		}
	snprintf(ret, size, "install %s", package);
	return ret;
}

const char *tools_reinstall_kernel(const struct tools *tools, char *ret, size_t size)
{
	if (tools->has[TOOL_APT] && tools->kernel_package[0])
		snprintf(ret, size, "run 'apt install --reinstall %s'", tools->kernel_package);
	else
		snprintf(ret, size, "reinstall this kernel's package");
	return ret;
}

const char *tools_enroll_key(const struct tools *tools, char *ret, size_t size)
{
	char install[TOOL_TEXT_SIZE] = "";
	if (!tools->has[TOOL_MOKUTIL])
		tools_install(tools, "mokutil", install, sizeof(install));
	snprintf(ret, size, "%s%s%s", install, install[0] ? ", then " : "", "enroll the key that signed it: ");
	snprintf(ret + strlen(ret), size - strlen(ret), "'mokutil --import %s', reboot and confirm it",
		 tools->key[0] ? tools->key : "KEY.der");
	return ret;
}

bool tools_make_early(const struct tools *tools)
{
	return tools->has[TOOL_UPDATE_INITRAMFS] || tools->has[TOOL_DRACUT];
}
