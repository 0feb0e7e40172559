// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/keep_kernel.h"

#include <stdio.h>

#include "decide/check/check.h"
#include "decide/sriov/vf_plan.h"

#define ID_SIZE 512

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
	int r = snprintf(ret, size, "grub-reboot 'gnulinux-advanced-%.*s>gnulinux-%s-advanced-%.*s'", length, device,
			 release, length, device);
	return (size_t)r < size;
}

// Whether the running kernel can split the GPU: the one of GVT-g, or the one whose VFs are wanted.
static bool can_split(const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = vf_plan_gpu(host, &facts->config);
	return (host->gvt.kvmgt_policy.available && !check_is_known_bad(facts->version)) ||
		(gpu && way_is_sriov(gpu_way_of(host, gpu)));
}

bool keep_kernel(const struct facts *facts, char *ret, size_t size)
{
	const struct next_boot *next = facts->next;
	const char *running = facts->host.release;
	if (!can_split(facts))
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
