// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/tools.h"

static char text[TOOL_TEXT_SIZE];

static struct tools look(const struct tree *tree, bool proxmox)
{
	struct tools tools;
	tools_read(&tools, &tree->root, "6.8.12-4-pve", proxmox);
	return tools;
}

static void debian(void **state)
{
	struct tree *tree = *state;
	static const char *const programs[] = { "usr/sbin/update-initramfs", "usr/sbin/update-grub", "usr/sbin/grub-mkconfig", "usr/bin/apt" };
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		tree_put(tree, programs[i], "");
	struct tools tools = look(tree, true);
	assert_true(tools.seen);
	assert_true(tools_make_early(&tools));
	assert_false(tools.has[TOOL_PROXMOX_BOOT_TOOL]); // what is seen goes before what such a host always has
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)), "run 'update-initramfs -u -k all'");
	assert_string_equal(tools_renew_initrd(&tools, "6.1", text, sizeof(text)), "run 'update-initramfs -u -k 6.1'");
	assert_string_equal(tools_make_initrd(&tools, "6.1", text, sizeof(text)), "run 'update-initramfs -c -k 6.1'");
	assert_string_equal(tools_renew_menu(&tools, text, sizeof(text)), "run 'update-grub'");
	assert_string_equal(tools_refresh_esps(&tools, text, sizeof(text)), "bring the bootloader's entries up to date");
	assert_string_equal(tools_install(&tools, "mokutil", text, sizeof(text)), "run 'apt install mokutil'");
}

static void dracut(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "usr/bin/dracut", "");
	tree_put(tree, "sbin/grub2-mkconfig", "");
	tree_put(tree, "bin/dnf", "");
	struct tools tools = look(tree, false);
	assert_true(tools_make_early(&tools));
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)), "run 'dracut --regenerate-all --force'");
	assert_string_equal(tools_make_initrd(&tools, "6.1", text, sizeof(text)), "run 'dracut --force --kver 6.1'");
	assert_string_equal(tools_renew_menu(&tools, text, sizeof(text)), "run 'grub2-mkconfig -o /boot/grub/grub.cfg'");
	assert_string_equal(tools_install(&tools, "mokutil", text, sizeof(text)), "run 'dnf install mokutil'");
	tree_dir(tree, "boot/grub2");
	tools = look(tree, false);
	assert_string_equal(tools_renew_menu(&tools, text, sizeof(text)), "run 'grub2-mkconfig -o /boot/grub2/grub.cfg'");

	tree_put(tree, "usr/sbin/proxmox-boot-tool", "");
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1111-AAAA\n");
	tools = look(tree, false);
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)),
			    "run 'dracut --regenerate-all --force', then 'proxmox-boot-tool refresh'");
	assert_string_equal(tools_refresh_esps(&tools, text, sizeof(text)), "run 'proxmox-boot-tool refresh'");
}

static void arch_and_nixos(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "run/current-system/sw/bin/nixos-rebuild", "");
	struct tools tools = look(tree, false);
	assert_false(tools_make_early(&tools));
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)), "run 'nixos-rebuild boot'");
	tree_put(tree, "usr/bin/mkinitcpio", "");
	tree_put(tree, "usr/bin/grub-mkconfig", "");
	tree_put(tree, "usr/bin/pacman", "");
	tools = look(tree, false);
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)), "run 'mkinitcpio -P'");
	assert_string_equal(tools_renew_menu(&tools, text, sizeof(text)), "run 'grub-mkconfig -o /boot/grub/grub.cfg'");
	assert_string_equal(tools_install(&tools, "mokutil", text, sizeof(text)), "run 'pacman -S mokutil'");
}

// What must become true, where nothing is known that makes it so.
static void no_programs(void **state)
{
	struct tree *tree = *state;
	struct tools tools = look(tree, true); // a copy of a Proxmox VE host's files
	assert_false(tools.seen);
	assert_true(tools.has[TOOL_UPDATE_INITRAMFS] && tools.has[TOOL_UPDATE_GRUB] && tools.has[TOOL_PROXMOX_BOOT_TOOL]);
	assert_false(tools.has[TOOL_DRACUT] || tools.has[TOOL_DKMS]);
	tree_dir(tree, "usr/bin");
	tools = look(tree, true);
	assert_true(tools.seen);
	assert_string_equal(tools_renew_initrd(&tools, NULL, text, sizeof(text)), "make the initrd anew");
	assert_string_equal(tools_renew_initrd(&tools, "6.1", text, sizeof(text)), "make the initrd of kernel 6.1 anew");
	assert_string_equal(tools_make_initrd(&tools, "6.1", text, sizeof(text)), "make the initrd of kernel 6.1");
	assert_string_equal(tools_renew_menu(&tools, text, sizeof(text)), "make GRUB's menu anew");
	assert_string_equal(tools_install(&tools, "mokutil", text, sizeof(text)), "install mokutil");
	assert_string_equal(tools_reinstall_kernel(&tools, text, sizeof(text)), "reinstall this kernel's package");
	for (enum tool tool = 0; tool < TOOLS; tool++)
		assert_false(tools.has[tool]);
}

static void packages_of_kernels(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "usr/bin/apt", "");
	tree_put(tree, "var/lib/dpkg/info/linux-image-6.8.12-4-pve.list", "");
	struct tools tools = look(tree, false);
	assert_string_equal(tools_reinstall_kernel(&tools, text, sizeof(text)), "run 'apt install --reinstall linux-image-6.8.12-4-pve'");
	tree_put(tree, "var/lib/dpkg/info/proxmox-kernel-6.8.12-4-pve-signed.list", "");
	tools = look(tree, false);
	assert_has(tools_reinstall_kernel(&tools, text, sizeof(text)), " proxmox-kernel-6.8.12-4-pve-signed'");
	tree_put(tree, "var/lib/dpkg/info/linux-modules-6.8.12-4-pve.list", ""); // has the modules, beside linux-image
	tools = look(tree, false);
	assert_has(tools_reinstall_kernel(&tools, text, sizeof(text)), " linux-modules-6.8.12-4-pve'");
	tools_read(&tools, &tree->root, "6.8.12-5-pve", false);
	assert_string_equal(tools.kernel_package, "");
	tools_read(&tools, &tree->root, "", false);
	assert_string_equal(tools.kernel_package, "");
}

static void keys(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "usr/bin/apt", "");
	struct tools tools = look(tree, false);
	assert_starts(tools_enroll_key(&tools, text, sizeof(text)), "run 'apt install mokutil', then enroll the key");
	assert_has(text, "'mokutil --import KEY.der'");
	tree_put(tree, "usr/bin/mokutil", "");
	tree_put(tree, "var/lib/shim-signed/mok/MOK.der", "");
	tools = look(tree, false);
	assert_starts(tools_enroll_key(&tools, text, sizeof(text)), "enroll the key");
	assert_has(text, "'mokutil --import /var/lib/shim-signed/mok/MOK.der'");
	tree_put(tree, "var/lib/dkms/mok.pub", "");
	tools = look(tree, false);
	assert_has(tools_enroll_key(&tools, text, sizeof(text)), "'mokutil --import /var/lib/dkms/mok.pub'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(debian),
		tree_test(dracut),
		tree_test(arch_and_nixos),
		tree_test(no_programs),
		tree_test(packages_of_kernels),
		tree_test(keys),
	};
	return run_group(tests);
}
