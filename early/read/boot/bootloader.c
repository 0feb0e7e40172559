// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/bootloader.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "read/boot/efi_variable.h"

#define MENU_MAX       (1024 * 1024)
#define KERNEL_INSTALL "usr/bin/kernel-install"

// Of a file that proxmox-boot-tool copies the first line is all; kernel-install joins all lines that are no comments.
static int read_systemd_boot(struct bootloader *bootloader, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *words = NULL;
	size_t length, used = 0;
	int r = file_read(root->fs, SYSTEMD_BOOT_FILE, CMDLINE_MAX, &text, &length);
	if (r == -ENOMEM)
		return r;
	bootloader->systemd_boot_found = r == 0;
	words = calloc(1, r == 0 ? length + 2 : 1);
	if (!words)
		return -ENOMEM;
	unsigned number = 1;
	for (const char *line = r == 0 ? text : ""; *line; number++) {
		size_t n = strcspn(line, "\n");
		bool taken = bootloader->proxmox_boot_tool ? number == 1 : line[strspn(line, " \t")] != '#';
		if (taken) {
			memcpy(words + used, line, n);
			words[used + n] = ' ';
			used += n + 1;
		}
		struct said *said =
			said_add(&bootloader->systemd_boot_said, taken ? SAID_USED : SAID_BEHIND_END, line, n);
		if (said)
			snprintf(said->place, sizeof(said->place), "/" SYSTEMD_BOOT_FILE ":%u", number);
		line += n;
		line += *line == '\n';
	}
	return cmdline_parse(&bootloader->systemd_boot, words);
}

static bool loader_info_is(const struct root *root, const char *name)
{
	char text[128];
	return efi_variable_read(root, "LoaderInfo", text, sizeof(text)) > 0 && starts_with(text, name);
}

// Syslinux and its kin write BOOT_IMAGE= as well.
static bool has_grub(const struct root *root)
{
	static const char *const others[] = { "boot/syslinux", "boot/extlinux", "etc/lilo.conf" };
	if (file_exists(root->fs, GRUB_MENU) || file_exists(root->fs, "boot/grub2/grub.cfg") ||
	    file_exists(root->fs, ESP_LIST))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (file_exists(root->fs, others[i]))
			return false;
	return file_exists(root->fs, GRUB_FILE);
}

// What the bootloader itself put on the command line says most: GRUB names the kernel's file, systemd-boot the initrd's
// on the ESP.
static enum bootloader_kind find_kind(const struct root *root, const struct cmdline *running)
{
	const struct cmdline_word *initrd = cmdline_last(running, "initrd");
	if (loader_info_is(root, "systemd-boot") || (initrd && initrd->value && initrd->value[0] == '\\'))
		return BOOTLOADER_SYSTEMD_BOOT;
	if (loader_info_is(root, "GRUB"))
		return BOOTLOADER_GRUB;
	if (cmdline_last(running, "BOOT_IMAGE"))
		return has_grub(root) ? BOOTLOADER_GRUB : BOOTLOADER_UNKNOWN;
	if (file_exists(root->fs, ESP_LIST) && file_exists(root->sys, "firmware/efi"))
		return BOOTLOADER_SYSTEMD_BOOT;
	return file_exists(root->fs, GRUB_MENU) ? BOOTLOADER_GRUB : BOOTLOADER_UNKNOWN;
}

int bootloader_read(struct bootloader *bootloader, const struct root *root, const struct cmdline *running)
{
	*bootloader = (struct bootloader){ .kind = find_kind(root, running) };
	bootloader->proxmox_boot_tool = file_exists(root->fs, ESP_LIST);
	bootloader->kernel_install = file_exists(root->fs, KERNEL_INSTALL) || file_exists(root->fs, SYSTEMD_BOOT_FILE);
	size_t length;
	int r = file_read(root->fs, GRUB_MENU, MENU_MAX, &bootloader->menu, &length);
	if (r < 0)
		bootloader->menu = strdup("");
	if (!bootloader->menu)
		return -ENOMEM;
	r = grub_settings_read(&bootloader->grub, root);
	return r < 0 ? r : read_systemd_boot(bootloader, root);
}

void bootloader_free(struct bootloader *bootloader)
{
	grub_settings_free(&bootloader->grub);
	cmdline_free(&bootloader->systemd_boot);
	said_free(&bootloader->systemd_boot_said);
	free(bootloader->menu);
}

static bool is_systemd_boot(const struct bootloader *bootloader, bool other)
{
	return (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT) != other;
}

const struct cmdline *bootloader_words(const struct bootloader *bootloader, bool other)
{
	return is_systemd_boot(bootloader, other) ? &bootloader->systemd_boot : &bootloader->grub.words;
}

const struct said_list *bootloader_said(const struct bootloader *bootloader, bool other)
{
	return is_systemd_boot(bootloader, other) ? &bootloader->systemd_boot_said : &bootloader->grub.said;
}

const char *bootloader_file(const struct bootloader *bootloader, bool other)
{
	return is_systemd_boot(bootloader, other) ? "/" SYSTEMD_BOOT_FILE : "/" GRUB_FILE;
}
