// SPDX-License-Identifier: GPL-2.0-or-later
// Proxmox VE's lock of a guest, /run/lock/qemu-server/lock-VMID.conf (qemu-server: PVE/QemuConfig.pm, cfs and flock). Proxmox
// holds it while the guest starts or stops: it looks for the instance, makes it when it is not there, removes it at the end.
// Whoever makes or removes the instance in between ends that start with an error. So that is done only with the lock.
//
// The order is: the lock of this program (lock.h), then this one. A hookscript runs with this one held by Proxmox, and waits for
// ours: so this one is never waited for.
#pragma once

#include "root.h"
#include "util.h"

enum guest_lock {
	GUEST_LOCKED, // *ret_fd holds it, or is -1 where there is none to be had: this is no host of Proxmox VE, or its lock cannot
		      // be opened, and then Proxmox cannot start the guest either
	GUEST_OURS,   // whoever called this program holds it, as for a hookscript
	GUEST_BUSY,   // somebody else holds it
};

// Tries to take the lock. The descriptor's closing gives it back.
MUST_CHECK enum guest_lock guest_lock_try(const struct root *root, unsigned vmid, int *ret_fd);
