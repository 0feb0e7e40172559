// SPDX-License-Identifier: GPL-2.0-or-later
// What runs below this kernel: nothing, Xen with this as its dom0, or a hypervisor whose guest this host is. All of
// them hide VT-x and VT-d, or offer their own.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/host/kernel_log.h"

enum virtual_kind { VIRTUAL_NOT, VIRTUAL_XEN_HOST, VIRTUAL_MACHINE };

struct virtual
{
	enum virtual_kind kind;
	char name[48]; // of the hypervisor or the machine that it shows, as the firmware's tables have it; "" when that
		       // is not known
};

// Whether Xen runs below this kernel, and this is its host, by the files in /proc and /sys alone. Costs next to
// nothing.
bool virtual_is_xen_host(const struct root *root);
// Reads it; cpuinfo is the beginning of /proc/cpuinfo.
void virtual_read(struct virtual *virtual, const struct root *root, const char *cpuinfo);
// Takes what the kernel log says, for kernels that say it nowhere else.
void virtual_take_log(struct virtual *virtual, const struct kernel_log *log);
