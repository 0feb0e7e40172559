// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/setup_boot.h"

// Each ESP has a loader of its own; what is on one that cannot be read goes by the loader that has booted this host.
static void judge_esps(struct setup_boot *boot, const struct facts *facts)
{
	const struct esp_list *esps = &facts->next->esps;
	bool unread = false;
	for (size_t i = 0; i < esps->count; i++) {
		boot->grub |= esps->items[i].readable && esps->items[i].grub;
		boot->line |= esps->items[i].readable && !esps->items[i].grub;
		unread |= !esps->items[i].readable;
	}
	boot->by_esps = true;
	boot->esp_count = esps->count;
	if (unread && !boot->grub && !boot->line) {
		boot->grub = facts->bootloader.kind == BOOTLOADER_GRUB;
		boot->line = facts->bootloader.kind == BOOTLOADER_SYSTEMD_BOOT;
	}
	if (!boot->grub && !boot->line)
		boot->foreign = FOREIGN_LOADER;
	else if (!facts->tools.has[TOOL_PROXMOX_BOOT_TOOL])
		boot->foreign = FOREIGN_NO_TOOL;
}

void setup_boot_judge(struct setup_boot *boot, const struct facts *facts)
{
	*boot = (struct setup_boot){ .foreign = FOREIGN_NOT };
	if (facts->tools.has[TOOL_NIXOS_REBUILD]) {
		boot->foreign = FOREIGN_NIXOS;
		return;
	}
	if (facts->next->esps.count > 0) {
		judge_esps(boot, facts);
		return;
	}
	switch (facts->bootloader.kind) {
	case BOOTLOADER_GRUB:
		boot->grub = true;
		if (!facts->tools.has[TOOL_UPDATE_GRUB])
			boot->foreign = FOREIGN_GRUB;
		break;
	case BOOTLOADER_SYSTEMD_BOOT:
		boot->foreign = FOREIGN_SYSTEMD_BOOT;
		break;
	case BOOTLOADER_UNKNOWN:
		boot->foreign = FOREIGN_LOADER;
		break;
	}
	if (facts->next->esps.trouble[0])
		boot->foreign = FOREIGN_LOADER; // the list of ESPs cannot be read
}
