// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/tools.h"

static struct tools look(const struct tree *tree, bool proxmox)
{
	struct tools tools;
	tools_read(&tools, &tree->root, "6.8.12-4-pve", proxmox);
	return tools;
}

static void debian(void **state)
{
	struct tree *tree = *state;
	static const char *const programs[] = { "usr/sbin/update-initramfs", "usr/sbin/update-grub",
						"usr/sbin/grub-mkconfig", "usr/bin/apt" };
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		tree_put(tree, programs[i], "");
	struct tools tools = look(tree, true);
	assert_true(tools.seen);
	assert_true(tools_make_early(&tools));
	assert_false(tools.has[TOOL_PROXMOX_BOOT_TOOL]); // what is seen goes before what such a host always has
}

static void dracut(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "usr/bin/dracut", "");
	tree_put(tree, "sbin/grub2-mkconfig", "");
	tree_put(tree, "bin/dnf", "");
	struct tools tools = look(tree, false);
	assert_true(tools_make_early(&tools));
	assert_string_equal(tools.menu, "/boot/grub/grub.cfg");
	tree_dir(tree, "boot/grub2");
	tools = look(tree, false);
	assert_string_equal(tools.menu, "/boot/grub2/grub.cfg");
	assert_false(tools.esps);

	tree_put(tree, "usr/sbin/proxmox-boot-tool", "");
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1111-AAAA\n");
	tools = look(tree, false);
	assert_true(tools.esps);
}

static void arch_and_nixos(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "run/current-system/sw/bin/nixos-rebuild", "");
	struct tools tools = look(tree, false);
	assert_false(tools_make_early(&tools));
	tree_put(tree, "usr/bin/mkinitcpio", "");
	tree_put(tree, "usr/bin/grub-mkconfig", "");
	tree_put(tree, "usr/bin/pacman", "");
	tools = look(tree, false);
	assert_true(tools.has[TOOL_MKINITCPIO] && tools.has[TOOL_GRUB_MKCONFIG] && tools.has[TOOL_PACMAN] &&
		    tools.has[TOOL_NIXOS_REBUILD]);
}

static void no_programs(void **state)
{
	struct tree *tree = *state;
	struct tools tools = look(tree, true); // a copy of a Proxmox VE host's files
	assert_false(tools.seen);
	assert_true(tools.has[TOOL_UPDATE_INITRAMFS] && tools.has[TOOL_UPDATE_GRUB] &&
		    tools.has[TOOL_PROXMOX_BOOT_TOOL]);
	assert_false(tools.has[TOOL_DRACUT] || tools.has[TOOL_DKMS]);
	tree_dir(tree, "usr/bin");
	tools = look(tree, true);
	assert_true(tools.seen);
	for (enum tool tool = 0; tool < TOOLS; tool++)
		assert_false(tools.has[tool]);
}

static void packages_of_kernels(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "usr/bin/apt", "");
	tree_put(tree, "var/lib/dpkg/info/linux-image-6.8.12-4-pve.list", "");
	struct tools tools = look(tree, false);
	assert_string_equal(tools.kernel_package, "linux-image-6.8.12-4-pve");
	tree_put(tree, "var/lib/dpkg/info/proxmox-kernel-6.8.12-4-pve-signed.list", "");
	tools = look(tree, false);
	assert_string_equal(tools.kernel_package, "proxmox-kernel-6.8.12-4-pve-signed");
	tree_put(tree, "var/lib/dpkg/info/linux-modules-6.8.12-4-pve.list", ""); // has the modules, beside linux-image
	tools = look(tree, false);
	assert_string_equal(tools.kernel_package, "linux-modules-6.8.12-4-pve");
	tools_read(&tools, &tree->root, "6.8.12-5-pve", false);
	assert_string_equal(tools.kernel_package, "");
	tools_read(&tools, &tree->root, "", false);
	assert_string_equal(tools.kernel_package, "");
}

static void keys(void **state)
{
	struct tree *tree = *state;
	tree_dir(tree, "usr/bin");
	struct tools tools = look(tree, false);
	assert_string_equal(tools.key, "");
	tree_put(tree, "var/lib/shim-signed/mok/MOK.der", "");
	tools = look(tree, false);
	assert_string_equal(tools.key, "/var/lib/shim-signed/mok/MOK.der");
	tree_put(tree, "var/lib/dkms/mok.pub", "");
	tools = look(tree, false);
	assert_string_equal(tools.key, "/var/lib/dkms/mok.pub");
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
