// SPDX-License-Identifier: GPL-2.0-or-later
#include "bootloader.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "efi_variable.h"
#include "file.h"

#define FILE_MAX (256 * 1024)
#define MENU_MAX (1024 * 1024)

// A value in the making; what goes beyond its size is left out.
struct value {
	char *text;
	size_t size, length;
};

static void append(struct value *value, const char *text, size_t length)
{
	size_t room = value->size - 1 - value->length;
	if (length > room)
		length = room;
	memcpy(value->text + value->length, text, length);
	value->length += length;
	value->text[value->length] = '\0';
}

// $NAME or ${NAME}: the length of it, 0 when it is another variable.
static size_t own_reference(const char *text, const char *variable)
{
	size_t length = strlen(variable);
	if (strncmp(text, "${", 2) == 0 && strncmp(text + 2, variable, length) == 0 && text[2 + length] == '}')
		return length + 3;
	if (text[0] == '$' && strncmp(text + 1, variable, length) == 0 && !isalnum((unsigned char)text[1 + length]) &&
	    text[1 + length] != '_')
		return length + 1;
	return 0;
}

static void take_value(const char *text, const char *variable, char *ret, size_t size)
{
	char *old = strdup(ret);
	size_t old_length = old ? strlen(old) : 0;
	struct value value = { .text = ret, .size = size };
	char quote = '\0';
	ret[0] = '\0';
	for (; *text && *text != '\n'; text++) {
		size_t reference = quote == '\'' ? 0 : own_reference(text, variable);
		if (reference > 0) {
			append(&value, old ? old : "", old_length);
			text += reference - 1;
		} else if (quote ? *text == quote : *text == '"' || *text == '\'') {
			quote = quote ? '\0' : *text;
		} else if (!quote && isspace((unsigned char)*text)) {
			break;
		} else if (*text == '\\' && quote != '\'' && text[1] && text[1] != '\n') {
			append(&value, ++text, 1);
		} else {
			append(&value, text, 1);
		}
	}
	free(old);
}

void shell_assignment(const char *text, const char *variable, char *value, size_t size)
{
	size_t length = strlen(variable);
	while (*text) {
		text += strspn(text, " \t");
		if (strncmp(text, "export ", 7) == 0)
			text += 7;
		if (strncmp(text, variable, length) == 0 && text[length] == '=')
			take_value(text + length + 1, variable, value, size);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

struct grub {
	char always[4096], everyday[4096]; // GRUB_CMDLINE_LINUX and GRUB_CMDLINE_LINUX_DEFAULT
};

static void read_grub_file(struct grub *grub, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (file_read(root->fs, path, FILE_MAX, &text, &length) < 0)
		return;
	shell_assignment(text, "GRUB_CMDLINE_LINUX", grub->always, sizeof(grub->always));
	shell_assignment(text, "GRUB_CMDLINE_LINUX_DEFAULT", grub->everyday, sizeof(grub->everyday));
}

static int read_grub(struct cmdline *words, const struct root *root)
{
	struct grub grub = { .always = "" };
	CLEANUP_FREE char **names = NULL;
	read_grub_file(&grub, root, GRUB_FILE);
	int count = dir_names(root->fs, GRUB_FILE ".d", &names);
	for (int i = 0; i < count; i++) {
		char path[300];
		size_t length = strlen(names[i]);
		snprintf(path, sizeof(path), GRUB_FILE ".d/%s", names[i]);
		if (length > 4 && streq(names[i] + length - 4, ".cfg"))
			read_grub_file(&grub, root, path);
	}
	char all[sizeof(grub.always) + sizeof(grub.everyday) + 1];
	snprintf(all, sizeof(all), "%s %s", grub.always, grub.everyday);
	return cmdline_parse(words, all);
}

static int read_systemd_boot(struct cmdline *words, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->fs, SYSTEMD_BOOT_FILE, CMDLINE_MAX, &text, &length);
	if (r == -ENOMEM)
		return r;
	if (r == 0 && file_exists(root->fs, ESP_LIST)) // proxmox-boot-tool takes the first line, kernel-install all
		text[strcspn(text, "\n")] = '\0';
	return cmdline_parse(words, r == 0 ? text : "");
}

static bool loader_info_is(const struct root *root, const char *name)
{
	char text[128];
	return efi_variable_read(root, "LoaderInfo", text, sizeof(text)) > 0 && starts_with(text, name);
}

// What the bootloader itself put on the command line says most: GRUB names the kernel's file, systemd-boot the initrd's on the ESP.
static enum bootloader_kind find_kind(const struct root *root, const struct cmdline *running)
{
	const struct cmdline_word *initrd = cmdline_last(running, "initrd");
	if (loader_info_is(root, "systemd-boot") || (initrd && initrd->value && initrd->value[0] == '\\'))
		return BOOTLOADER_SYSTEMD_BOOT;
	if (cmdline_last(running, "BOOT_IMAGE"))
		return BOOTLOADER_GRUB;
	if (file_exists(root->fs, ESP_LIST) && file_exists(root->sys, "firmware/efi"))
		return BOOTLOADER_SYSTEMD_BOOT;
	return file_exists(root->fs, GRUB_MENU) ? BOOTLOADER_GRUB : BOOTLOADER_UNKNOWN;
}

int bootloader_read(struct bootloader *bootloader, const struct root *root, const struct cmdline *running)
{
	*bootloader = (struct bootloader){ .kind = find_kind(root, running) };
	bootloader->proxmox_boot_tool = file_exists(root->fs, ESP_LIST);
	size_t length;
	int r = file_read(root->fs, GRUB_MENU, MENU_MAX, &bootloader->menu, &length);
	if (r < 0)
		bootloader->menu = strdup("");
	if (!bootloader->menu)
		return -ENOMEM;
	r = read_grub(&bootloader->grub, root);
	return r < 0 ? r : read_systemd_boot(&bootloader->systemd_boot, root);
}

void bootloader_free(struct bootloader *bootloader)
{
	cmdline_free(&bootloader->grub);
	cmdline_free(&bootloader->systemd_boot);
	free(bootloader->menu);
}

static bool is_systemd_boot(const struct bootloader *bootloader, bool other)
{
	return (bootloader->kind == BOOTLOADER_SYSTEMD_BOOT) != other;
}

const struct cmdline *bootloader_words(const struct bootloader *bootloader, bool other)
{
	return is_systemd_boot(bootloader, other) ? &bootloader->systemd_boot : &bootloader->grub;
}

const char *bootloader_file(const struct bootloader *bootloader, bool other)
{
	return is_systemd_boot(bootloader, other) ? "/" SYSTEMD_BOOT_FILE : "/" GRUB_FILE;
}

const char *bootloader_apply(const struct bootloader *bootloader, const struct tools *tools, char *ret, size_t size)
{
	if (is_systemd_boot(bootloader, false) || tools->esps)
		return tools_refresh_esps(tools, ret, size);
	return tools_renew_menu(tools, ret, size);
}
