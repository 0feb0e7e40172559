// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/fix.h"

#include <stdarg.h>
#include <stdio.h>

static PRINTF(4, 5) void add(struct finding *finding, enum joint joint, enum cause step, const char *format, ...)
{
	char command[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	finding_open_step(finding, joint, step);
	finding_value(finding, VALUE_COMMAND, "%s", command);
	finding_close(finding);
}

void fix_run(struct finding *finding, enum joint joint, const char *format, ...)
{
	char command[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	add(finding, joint, strchr(command, '\'') ? FIX_RUN_QUOTED : FIX_RUN, "%s", command);
}

void fix_reboot(struct finding *finding, enum joint joint)
{
	finding_step(finding, joint, FIX_REBOOT);
}

// A step with one value.
static void add_value(struct finding *finding, enum joint joint, enum cause step, enum value value, const char *text)
{
	finding_open_step(finding, joint, step);
	finding_value(finding, value, "%s", text);
	finding_close(finding);
}

// dracut runs none of the hooks that copy an initrd to the ESPs (bootloaders.md).
static void add_behind_dracut(struct finding *finding, const struct tools *tools)
{
	if (tools->esps && tools->has[TOOL_PROXMOX_BOOT_TOOL])
		add(finding, JOINT_THEN, FIX_RUN_TOO, "proxmox-boot-tool refresh");
}

static void write_initrd(struct finding *finding, enum joint joint, const struct tools *tools, const char *release,
			 bool absent)
{
	if (tools->has[TOOL_UPDATE_INITRAMFS]) {
		fix_run(finding, joint, "update-initramfs -%c -k %s", absent ? 'c' : 'u', release ? release : "all");
	} else if (tools->has[TOOL_DRACUT]) {
		if (release)
			fix_run(finding, joint, "dracut --force --kver %s", release);
		else
			fix_run(finding, joint, "dracut --regenerate-all --force");
		add_behind_dracut(finding, tools);
	} else if (tools->has[TOOL_MKINITCPIO]) {
		fix_run(finding, joint, "mkinitcpio -P");
	} else if (tools->has[TOOL_NIXOS_REBUILD]) {
		fix_run(finding, joint, "nixos-rebuild boot");
	} else {
		add_value(finding, joint,
			  absent            ? FIX_MAKE_INITRD
				  : release ? FIX_RENEW_INITRD_OF
					    : FIX_RENEW_INITRD,
			  VALUE_RELEASE, release ? release : "");
	}
}

void fix_renew_initrd(struct finding *finding, enum joint joint, const struct tools *tools, const char *release)
{
	write_initrd(finding, joint, tools, release, false);
}

void fix_make_initrd(struct finding *finding, enum joint joint, const struct tools *tools, const char *release)
{
	write_initrd(finding, joint, tools, release, true);
}

void fix_renew_menu(struct finding *finding, enum joint joint, const struct tools *tools)
{
	if (tools->has[TOOL_UPDATE_GRUB])
		fix_run(finding, joint, "update-grub");
	else if (tools->has[TOOL_GRUB_MKCONFIG] || tools->has[TOOL_GRUB2_MKCONFIG])
		fix_run(finding, joint, "%s -o %s",
			tools->has[TOOL_GRUB2_MKCONFIG] ? "grub2-mkconfig" : "grub-mkconfig", tools->menu);
	else
		finding_step(finding, joint, FIX_RENEW_MENU);
}

void fix_refresh_esps(struct finding *finding, enum joint joint, const struct tools *tools)
{
	if (tools->has[TOOL_PROXMOX_BOOT_TOOL])
		fix_run(finding, joint, "proxmox-boot-tool refresh");
	else
		finding_step(finding, joint, FIX_RENEW_ENTRIES);
}

void fix_renew_entry(struct finding *finding, enum joint joint, const struct tools *tools, const char *release)
{
	if (tools->has[TOOL_KERNEL_INSTALL] && release[0])
		fix_run(finding, joint, "kernel-install add %s /boot/vmlinuz-%s", release, release);
	else
		finding_step(finding, joint, FIX_RENEW_ENTRIES);
}

void fix_apply_bootloader(struct finding *finding, enum joint joint, const struct bootloader *bootloader,
			  const struct tools *tools, const char *release)
{
	bool systemd_boot = bootloader->kind == BOOTLOADER_SYSTEMD_BOOT;
	if (tools->has[TOOL_NIXOS_REBUILD])
		fix_run(finding, joint, "nixos-rebuild boot");
	else if (tools->esps || (systemd_boot && !tools->has[TOOL_KERNEL_INSTALL]))
		fix_refresh_esps(finding, joint, tools);
	else if (systemd_boot)
		fix_renew_entry(finding, joint, tools, release);
	else
		fix_renew_menu(finding, joint, tools);
}

void fix_install(struct finding *finding, enum joint joint, const struct tools *tools, const char *package)
{
	static const struct {
		enum tool tool;
		const char *command;
	} managers[] = { { TOOL_APT, "apt install" },
			 { TOOL_DNF, "dnf install" },
			 { TOOL_YUM, "yum install" },
			 { TOOL_ZYPPER, "zypper install" },
			 { TOOL_PACMAN, "pacman -S" } };
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (tools->has[managers[i].tool]) {
			fix_run(finding, joint, "%s %s", managers[i].command, package);
			return;
		}
	add_value(finding, joint, FIX_INSTALL, VALUE_PACKAGE, package);
}

void fix_reinstall_kernel(struct finding *finding, enum joint joint, const struct tools *tools)
{
	if (tools->has[TOOL_APT] && tools->kernel_package[0])
		fix_run(finding, joint, "apt install --reinstall %s", tools->kernel_package);
	else
		finding_step(finding, joint, FIX_REINSTALL_KERNEL);
}

void fix_enroll_key(struct finding *finding, enum joint joint, const struct tools *tools)
{
	bool absent = !tools->has[TOOL_MOKUTIL];
	if (absent)
		fix_install(finding, joint, tools, "mokutil");
	add(finding, absent ? JOINT_THEN : joint, FIX_ENROLL_KEY, "mokutil --import %s",
	    tools->key[0] ? tools->key : "KEY.der");
}

// The next step, and its command, "" for none. False behind the last.
static bool next_step(const struct finding *finding, const char **at, struct finding_record *ret,
		      const char **ret_command)
{
	struct finding_record inner;
	*ret_command = "";
	do {
		if (!finding_next_record(at, finding->values + finding->used, ret))
			return false;
	} while (ret->value != VALUE_FIX);
	for (const char *in = ret->inner; in && finding_next_record(&in, ret->inner_end, &inner);)
		if (inner.value == VALUE_COMMAND && !inner.has_part)
			*ret_command = inner.text;
	return true;
}

bool fix_has_step(const struct finding *finding, const struct finding *other)
{
	struct finding_record wanted, step;
	const char *at = other->values, *command, *wanted_command;
	if (!next_step(other, &at, &wanted, &wanted_command))
		return false;
	at = finding->values;
	while (next_step(finding, &at, &step, &command))
		if (step.part == wanted.part && streq(command, wanted_command))
			return true;
	return false;
}
