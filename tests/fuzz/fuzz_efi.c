// SPDX-License-Identifier: GPL-2.0-or-later
// The variables in which boot loaders say what they are and what they boot, and what is made of them with the files of
// theirs.
#include "tree.h"

#include "read/boot/bootloader.h"
#include "read/boot/efi_variable.h"
#include "read/boot/loader_entries.h"

#define VARIABLE(name) "sys/firmware/efi/efivars/" name "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static struct tree_file files[] = {
	{ .name = "info", .path = VARIABLE("LoaderInfo") },
	{ .name = "once", .path = VARIABLE("LoaderEntryOneShot") },
	{ .name = "always", .path = VARIABLE("LoaderEntryDefault") },
	{ .name = "last", .path = VARIABLE("LoaderEntryLastBooted") },
	{ .name = "config", .path = "boot/efi/loader/loader.conf" },
	{ .name = "entry", .path = "boot/efi/loader/entries/6.8.12-1-pve.conf" },
	{ .name = "counted", .path = "boot/efi/loader/entries/6.8.12-2-pve+3-1.conf" },
	{ .name = "kernel", .path = "boot/efi/EFI/proxmox/6.8.12-1-pve/vmlinuz-6.8.12-1-pve" },
	{ .name = "cmdline", .path = "etc/kernel/cmdline" },
	{ .name = "running", .path = "proc/cmdline" },
	{ .name = "esps", .path = "etc/kernel/proxmox-boot-uuids" },
	{ .name = "menu", .path = "boot/grub/grub.cfg" },
};

static void check_variable(const struct root *root, const char *name, const char *text)
{
	char whole[1024], part[4];
	int r = efi_variable_read(root, name, whole, sizeof(whole));
	CHECK(r < 0 ? !whole[0] : strlen(whole) == (size_t)r);
	for (const char *c = whole; *c; c++)
		CHECK((unsigned char)*c < 0x80);
	CHECK(efi_variable_read(root, name, part, sizeof(part)) == (r < 3 ? r : 3) && starts_with(whole, part));
	CHECK(!text || starts_with(whole, text));
}

static void check_choice(const struct root *root, const struct loader_variables *variables)
{
	struct loader_list list = { .count = 0 };
	struct boot_entry chosen = { .words_from = "entry" };
	CHECK(loader_list_add(&list, root->fs, "boot/efi/", 0) == 0);
	CHECK(list.count <= 2);
	const struct loader_entry *entry = loader_choose(&list, variables, &chosen);
	CHECK((entry != NULL) == (chosen.trouble[0] == '\0') && (entry || list.count == 0));
	loader_list_free(&list);
}

static void check_bootloader(const struct root *root)
{
	static struct bootloader bootloader;
	char text[CMDLINE_MAX];
	struct cmdline running;
	int fd = openat(root->proc, "cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	CHECK(cmdline_parse(&running, text) == 0);
	CHECK(bootloader_read(&bootloader, root, &running) == 0);
	CHECK(bootloader.menu && bootloader_words(&bootloader, false) != bootloader_words(&bootloader, true));
	const struct said_list *said = &bootloader.systemd_boot_said;
	for (size_t i = 0; i < said->count; i++)
		CHECK(!strchr(said->items[i].text, '\n') && said->items[i].place[0]);
	bootloader_free(&bootloader);
	cmdline_free(&running);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loader_variables variables;
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	loader_variables_read(&variables, root);
	check_variable(root, "LoaderInfo", NULL);
	check_variable(root, "LoaderEntryOneShot", variables.once);
	check_variable(root, "LoaderEntryDefault", variables.always);
	check_variable(root, "LoaderEntryLastBooted", variables.last_booted);
	check_choice(root, &variables);
	check_bootloader(root);
	return 0;
}
