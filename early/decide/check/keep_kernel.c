// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/keep_kernel.h"

#include <stdio.h>

#include "decide/check/check.h"

#define ID_SIZE 160

// update-grub (10_linux) calls the submenu 'gnulinux-advanced-DEVICE' and a kernel's entry in it
// 'gnulinux-RELEASE-advanced-DEVICE'.
static bool find_grub_entry(const char *menu, const char *release, char *ret, size_t size)
{
	char begin[ID_SIZE], submenu[ID_SIZE];
	snprintf(begin, sizeof(begin), "'gnulinux-%s-advanced-", release);
	const char *entry = strstr(menu, begin);
	if (!entry)
		return false;
	const char *device = entry + strlen(begin);
	int length = (int)strcspn(device, "'\n");
	snprintf(submenu, sizeof(submenu), "'gnulinux-advanced-%.*s'", length, device);
	if (device[length] != '\'' || !strstr(menu, submenu))
		return false;
	snprintf(ret, size, "grub-reboot 'gnulinux-advanced-%.*s>gnulinux-%s-advanced-%.*s'", length, device, release,
		 length, device);
	return true;
}

bool keep_kernel(const struct facts *facts, char *ret, size_t size)
{
	const struct next_boot *next = facts->next;
	const char *running = facts->host.release;
	if (!facts->host.gvt.kvmgt_policy.available || check_is_known_bad(facts->version))
		return false;
	for (size_t i = 0; i < next->boot_count; i++)
		if (streq(next->boots[i]->release, running))
			return false;
	if (facts->tools.has[TOOL_PROXMOX_BOOT_TOOL]) {
		snprintf(ret, size, "proxmox-boot-tool kernel pin %s", running);
		return true;
	}
	return facts->bootloader.kind == BOOTLOADER_GRUB && facts->tools.has[TOOL_UPDATE_GRUB] &&
		find_grub_entry(facts->bootloader.menu, running, ret, size);
}
