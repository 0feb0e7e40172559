// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/resource.h>

#include "bootloader.h"

static char value[128];

static const char *assign(const char *text)
{
	strcpy(value, "old");
	shell_assignment(text, "V", value, sizeof(value));
	return value;
}

static void assignments(void **state)
{
	(void)state;
	assert_string_equal(assign("V=a"), "a");
	assert_string_equal(assign("V=\"a b\" # c"), "a b");
	assert_string_equal(assign("V='a \"b\" $V'\n"), "a \"b\" $V");
	assert_string_equal(assign("V=\"$V new\""), "old new");
	assert_string_equal(assign("V=\"${V} new\"\nexport V=\"$V er\""), "old new er");
	assert_string_equal(assign("V=\"$VV ${VX}\""), "$VV ${VX}");
	assert_string_equal(assign("V=\"a\\\"b\""), "a\"b");
	assert_string_equal(assign("#V=a\nVX=b\n V=c"), "c");
	assert_string_equal(assign("XV=a"), "old");
	assert_string_equal(assign("V="), "");
	assert_string_equal(assign("V=\"open\nW=x"), "open");
}

// 100,000 references to a value that fills its buffer: what goes beyond it costs nothing.
static void many_references(void **state)
{
	(void)state;
	char *text = malloc(5000 + 300000), *end = text;
	static char full[4096];
	assert_non_null(text);
	end += sprintf(end, "V=%04000d\nV=\"", 0);
	for (int i = 0; i < 100000; i++)
		end = stpcpy(end, "$V ");
	(void)stpcpy(end, "\"\n");
	assert_int_equal(setrlimit(RLIMIT_CPU, &(struct rlimit){ 30, 30 }), 0); // 0.02 s of it, or hundreds
	shell_assignment(text, "V", full, sizeof(full));
	assert_int_equal(strlen(full), sizeof(full) - 1);
	free(text);
}

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
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz quiet"), BOOTLOADER_GRUB);
	assert_equal(kind(tree, "initrd=\\EFI\\proxmox\\x\\initrd.img-x quiet"), BOOTLOADER_SYSTEMD_BOOT);
	assert_equal(kind(tree, "BOOT_IMAGE=/vmlinuz initrd=/x"), BOOTLOADER_GRUB);

	// By files, where the command line says nothing.
	tree_put(tree, "boot/grub/grub.cfg", "");
	assert_equal(kind(tree, "quiet"), BOOTLOADER_GRUB);
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
	assert_non_null(cmdline_last(&bootloader.grub, "a"));
	assert_non_null(cmdline_last(&bootloader.grub, "b"));
	assert_non_null(cmdline_last(&bootloader.grub, "quiet"));
	assert_null(cmdline_last(&bootloader.grub, "c"));
	assert_ptr_equal(bootloader_words(&bootloader, false), &bootloader.grub);
	assert_string_equal(bootloader_file(&bootloader, true), "/etc/kernel/cmdline");
	bootloader_free(&bootloader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assignments),
		cmocka_unit_test(many_references),
		tree_test(kinds),
		tree_test(words_of_grub),
	};
	return run_group(tests);
}
