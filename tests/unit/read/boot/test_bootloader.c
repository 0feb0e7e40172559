// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/boot/bootloader.h"

static struct bootloader bootloader;

static enum bootloader_kind kind(const struct tree *tree, const char *words)
{
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, words), 0);
	assert_int_equal(bootloader_read(&bootloader, &tree->root, &cmdline), 0);
	cmdline_free(&cmdline);
	enum bootloader_kind kind = bootloader.kind;
	bootloader_free(&bootloader);
	return kind;
}

static void kinds(void **state)
{
	struct tree *tree = *state;
	assert_equal(kind(tree, "quiet"), BOOTLOADER_UNKNOWN);
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz quiet"), BOOTLOADER_UNKNOWN); // syslinux writes it too
	tree_put(tree, "etc/default/grub", "");
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz quiet"), BOOTLOADER_GRUB);
	assert_equal(kind(tree, "quiet"), BOOTLOADER_UNKNOWN);
	tree_dir(tree, "boot/extlinux");
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz quiet"), BOOTLOADER_UNKNOWN);
	assert_equal(kind(tree, "initrd=\\EFI\\proxmox\\x\\initrd.img-x quiet"), BOOTLOADER_SYSTEMD_BOOT);
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz initrd=/x"), BOOTLOADER_UNKNOWN);

	// By files, where the command line says nothing.
	tree_put(tree, "boot/grub/grub.cfg", "");
	assert_equal(kind(tree, "quiet"), BOOTLOADER_GRUB);
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz initrd=/x"), BOOTLOADER_GRUB);
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1111-AAAA\n");
	assert_equal(kind(tree, "quiet"), BOOTLOADER_GRUB); // it fills ESPs for GRUB as well, in a BIOS
	tree_dir(tree, "sys/firmware/efi");
	assert_equal(kind(tree, "quiet"), BOOTLOADER_SYSTEMD_BOOT);

	static const char info[] = "\6\0\0\0s\0y\0s\0t\0e\0m\0d\0-\0b\0o\0o\0t\0 \0002\0\0";
	static const char grub[] = "\6\0\0\0G\0R\0U\0B\0 \0002\0\0";
#define LOADER_INFO "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
	tree_put_bytes(tree, LOADER_INFO, info, sizeof(info));
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz"), BOOTLOADER_SYSTEMD_BOOT);
	tree_put_bytes(tree, LOADER_INFO, grub, sizeof(grub));
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz"), BOOTLOADER_GRUB);
}

static void words_of_grub(void **state)
{
	struct tree *tree = *state;
	struct cmdline none = { .count = 0 };
	tree_put(tree, "etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"a=1\"\n");
	tree_put(tree, "etc/default/grub.d/20-more.cfg", "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b=2\"\n");
	tree_put(tree, "etc/default/grub.d/30-other", "GRUB_CMDLINE_LINUX=c=3\n"); // no .cfg
	assert_int_equal(bootloader_read(&bootloader, &tree->root, &none), 0);
	const struct cmdline *words = bootloader_words(&bootloader, false);
	assert_non_null(cmdline_last(words, "a"));
	assert_non_null(cmdline_last(words, "b"));
	assert_non_null(cmdline_last(words, "quiet"));
	assert_null(cmdline_last(words, "c"));
	assert_ptr_equal(words, &bootloader.grub.words);
	assert_string_equal(bootloader_file(&bootloader, true), "/etc/kernel/cmdline");
	bootloader_free(&bootloader);
}

// Of the file that proxmox-boot-tool copies the first line is all; kernel-install joins the lines and leaves comments
// out.
static void words_of_systemd_boot(void **state)
{
	struct tree *tree = *state;
	struct cmdline none = { .count = 0 };
	tree_put(tree, "etc/kernel/cmdline", "root=x a\n# b\nc\n");
	assert_int_equal(bootloader_read(&bootloader, &tree->root, &none), 0);
	const struct cmdline *words = bootloader_words(&bootloader, true);
	assert_non_null(cmdline_last(words, "a"));
	assert_null(cmdline_last(words, "b"));
	assert_non_null(cmdline_last(words, "c"));
	bootloader_free(&bootloader);
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1111-AAAA\n");
	assert_int_equal(bootloader_read(&bootloader, &tree->root, &none), 0);
	words = bootloader_words(&bootloader, true);
	assert_non_null(cmdline_last(words, "a"));
	assert_null(cmdline_last(words, "c"));
	const struct said_list *said = bootloader_said(&bootloader, true);
	assert_int_equal(said->count, 3);
	assert_equal(said->items[2].how, SAID_BEHIND_END);
	assert_string_equal(said->items[2].place, "/etc/kernel/cmdline:3");
	bootloader_free(&bootloader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(kinds),
		tree_test(words_of_grub),
		tree_test(words_of_systemd_boot),
	};
	return run_group(tests);
}
