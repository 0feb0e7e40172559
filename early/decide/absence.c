// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/absence.h"

// Whether Proxmox VE creates the instance at the guest's start, or asks us to do it (driver=keep with our hookscript).
static bool comes_with_guest(const struct wanted *wanted)
{
	unsigned vmid, index;
	return wanted_is_guest(wanted->uuid, &vmid, &index) && (!wanted->keep || wanted->hookscript == HOOKSCRIPT_OURS);
}

// Whether the guest's own configuration has it: one that our files want alone may be of no guest that Proxmox VE knows.
static bool is_of_guest(const struct wanted *wanted)
{
	return wanted->hostpci[0] || starts_with(wanted->source, "/etc/pve/");
}

enum absence absence_judge(const struct wanted *wanted, const char *result)
{
	if (!comes_with_guest(wanted))
		return ABSENT_FAULT;
	if (result && (streq(result, "created") || streq(result, "existing")))
		return ABSENT_SINCE_STOP;
	if (is_of_guest(wanted) && (!result || streq(result, "busy")))
		return ABSENT_UNTIL_START;
	return ABSENT_FAULT;
}
