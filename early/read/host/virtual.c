// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/virtual.h"

#include <stdio.h>

#include "base/file.h"

// Xen's host, dom0, has the privilege of control; elsewhere that is known by its UUID, which is zero (systemd: virt.c,
// Documentation/ABI/stable/sysfs-hypervisor-xen). Where neither is there, such as below old kernels, it is taken for
// the host: a guest has a UUID since Linux 2.6.
static bool is_xen_host(const struct root *root)
{
	char text[64];
	if (file_read_line(root->proc, "xen/capabilities", text, sizeof(text)) > 0)
		return strstr(text, "control_d");
	return file_read_line(root->sys, "hypervisor/uuid", text, sizeof(text)) <= 0 ||
		streq(text, "00000000-0000-0000-0000-000000000000");
}

static bool is_xen(const struct root *root)
{
	char text[16];
	if (file_read_line(root->sys, "hypervisor/type", text, sizeof(text)) > 0)
		return streq(text, "xen");
	return file_exists(root->proc, "xen"); // is made below Xen alone (drivers/xen/xenfs)
}

bool virtual_is_xen_host(const struct root *root)
{
	return is_xen(root) && is_xen_host(root);
}

static bool has_flag(const char *cpuinfo, const char *flag)
{
	size_t length = strlen(flag);
	for (const char *at = cpuinfo; (at = strstr(at, flag)); at += length)
		if (at > cpuinfo && at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n' || !at[length]))
			return true;
	return false;
}

void virtual_read(struct virtual *virtual, const struct root *root, const char *cpuinfo)
{
	*virtual = (struct virtual){ .kind = VIRTUAL_NOT };
	if (is_xen(root)) {
		virtual->kind = is_xen_host(root) ? VIRTUAL_XEN_HOST : VIRTUAL_MACHINE;
		strcpy(virtual->name, "Xen");
	} else if (has_flag(cpuinfo, "hypervisor")) {
		virtual->kind = VIRTUAL_MACHINE;
		if (file_read_line(root->sys, "class/dmi/id/sys_vendor", virtual->name, sizeof(virtual->name)) < 0)
			virtual->name[0] = '\0';
	}
}

void virtual_take_log(struct virtual *virtual, const struct kernel_log *log)
{
	char line[160];
	if (virtual->kind != VIRTUAL_NOT || !kernel_log_last(log, "paravirtualized kernel on Xen", line, sizeof(line)))
		return;
	virtual->kind = strstr(line, "Xen HVM") ? VIRTUAL_MACHINE : VIRTUAL_XEN_HOST;
	strcpy(virtual->name, "Xen");
}
