// SPDX-License-Identifier: GPL-2.0-or-later
// What a fix names: the programs of the host, or else what must become true.
#include "helper.h"

#include "decide/fix.h"
#include "tell/words.h"

static struct finding finding;
static struct tools tools;
static char text[1024];

static int fresh(void **state)
{
	(void)state;
	tools = (struct tools){ .menu = "/boot/grub/grub.cfg" };
	return 0;
}

// Begins anew, and ends with what the steps say.
#define STEPS(...)                                                                \
	(finding_make(&finding, "name", SEVERITY_FAILED, CAUSE_XEN), __VA_ARGS__, \
	 finding_fix(&finding, text, sizeof(text)))

static void commands(void **state)
{
	(void)state;
	assert_string_equal(STEPS(fix_run(&finding, JOINT_NONE, "a %d", 1), fix_reboot(&finding, JOINT_AND)),
			    "run 'a 1' and reboot");
	assert_string_equal(STEPS(fix_run(&finding, JOINT_NONE, "a 'b'")), "run \"a 'b'\"");
}

static void initrds(void **state)
{
	(void)state;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)), "rebuild the initrd");
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, "6.1")),
			    "rebuild the initrd of kernel 6.1");
	assert_string_equal(STEPS(fix_make_initrd(&finding, JOINT_NONE, &tools, "6.1")),
			    "make the initrd of kernel 6.1");
	tools.has[TOOL_NIXOS_REBUILD] = true;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)), "run 'nixos-rebuild boot'");
	tools.has[TOOL_MKINITCPIO] = true;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)), "run 'mkinitcpio -P'");
	tools.has[TOOL_DRACUT] = true;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)),
			    "run 'dracut --regenerate-all --force'");
	assert_string_equal(STEPS(fix_make_initrd(&finding, JOINT_NONE, &tools, "6.1")),
			    "run 'dracut --force --kver 6.1'");
	tools.esps = tools.has[TOOL_PROXMOX_BOOT_TOOL] = true;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)),
			    "run 'dracut --regenerate-all --force', then 'proxmox-boot-tool refresh'");
	tools.has[TOOL_UPDATE_INITRAMFS] = true;
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, NULL)),
			    "run 'update-initramfs -u -k all'");
	assert_string_equal(STEPS(fix_renew_initrd(&finding, JOINT_NONE, &tools, "6.1")),
			    "run 'update-initramfs -u -k 6.1'");
	assert_string_equal(STEPS(fix_make_initrd(&finding, JOINT_NONE, &tools, "6.1")),
			    "run 'update-initramfs -c -k 6.1'");
}

static void bootloaders(void **state)
{
	(void)state;
	assert_string_equal(STEPS(fix_renew_menu(&finding, JOINT_NONE, &tools)), "rebuild GRUB's menu");
	tools.has[TOOL_GRUB_MKCONFIG] = true;
	assert_string_equal(STEPS(fix_renew_menu(&finding, JOINT_NONE, &tools)),
			    "run 'grub-mkconfig -o /boot/grub/grub.cfg'");
	tools.has[TOOL_GRUB2_MKCONFIG] = true;
	assert_string_equal(STEPS(fix_renew_menu(&finding, JOINT_NONE, &tools)),
			    "run 'grub2-mkconfig -o /boot/grub/grub.cfg'");
	tools.has[TOOL_UPDATE_GRUB] = true;
	assert_string_equal(STEPS(fix_renew_menu(&finding, JOINT_NONE, &tools)), "run 'update-grub'");
	assert_string_equal(STEPS(fix_refresh_esps(&finding, JOINT_NONE, &tools)), "update the bootloader's entries");
	tools.has[TOOL_PROXMOX_BOOT_TOOL] = true;
	assert_string_equal(STEPS(fix_refresh_esps(&finding, JOINT_NONE, &tools)), "run 'proxmox-boot-tool refresh'");
	assert_string_equal(STEPS(fix_renew_entry(&finding, JOINT_NONE, &tools, "6.1")),
			    "update the bootloader's entries");
	tools.has[TOOL_KERNEL_INSTALL] = true;
	assert_string_equal(STEPS(fix_renew_entry(&finding, JOINT_NONE, &tools, "6.1")),
			    "run 'kernel-install add 6.1 /boot/vmlinuz-6.1'");
	assert_string_equal(STEPS(fix_renew_entry(&finding, JOINT_NONE, &tools, "")),
			    "update the bootloader's entries");
}

static void packages(void **state)
{
	(void)state;
	static const struct {
		enum tool tool;
		const char *says;
	} managers[] = { { TOOL_PACMAN, "run 'pacman -S mokutil'" },
			 { TOOL_DNF, "run 'dnf install mokutil'" },
			 { TOOL_APT, "run 'apt install mokutil'" } };
	assert_string_equal(STEPS(fix_install(&finding, JOINT_NONE, &tools, "mokutil")), "install mokutil");
	assert_string_equal(STEPS(fix_reinstall_kernel(&finding, JOINT_NONE, &tools)),
			    "reinstall this kernel's package");
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++) {
		tools.has[managers[i].tool] = true;
		assert_string_equal(STEPS(fix_install(&finding, JOINT_NONE, &tools, "mokutil")), managers[i].says);
	}
	strcpy(tools.kernel_package, "linux-image-6.1");
	assert_string_equal(STEPS(fix_reinstall_kernel(&finding, JOINT_NONE, &tools)),
			    "run 'apt install --reinstall linux-image-6.1'");
}

static void keys(void **state)
{
	(void)state;
	tools.has[TOOL_APT] = true;
	assert_string_equal(
		STEPS(fix_enroll_key(&finding, JOINT_NONE, &tools)),
		"run 'apt install mokutil', then enroll the key that signed it: 'mokutil --import KEY.der', reboot and confirm it");
	tools.has[TOOL_MOKUTIL] = true;
	strcpy(tools.key, "/var/lib/dkms/mok.pub");
	assert_string_equal(
		STEPS(fix_enroll_key(&finding, JOINT_NONE, &tools)),
		"enroll the key that signed it: 'mokutil --import /var/lib/dkms/mok.pub', reboot and confirm it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(commands, fresh),    cmocka_unit_test_setup(initrds, fresh),
		cmocka_unit_test_setup(bootloaders, fresh), cmocka_unit_test_setup(packages, fresh),
		cmocka_unit_test_setup(keys, fresh),
	};
	return run_group(tests);
}
