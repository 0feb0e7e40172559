// SPDX-License-Identifier: GPL-2.0-or-later
// Proxmox VE's lock of a guest, /run/lock/qemu-server/lock-VMID.conf (qemu-server: PVE/QemuConfig.pm, cfs and flock).
// Proxmox holds it while the guest starts or stops: it looks for the instance, makes it when it is not there, removes
// it at the end. Creating or removing the instance during a guest's start makes that start fail. So gvt-early does it
// only with the lock.
//
// The order is: the lock of this program (lock.h), then this one. A hookscript runs with this one held by Proxmox, and
// waits for ours: so this one is never waited for.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"
#include "base/util.h"

enum guest_lock {
	// *ret_fd holds it, or is -1 where there is none to be had: this is no host of Proxmox VE, or its lock cannot
	// be opened, and
	// then Proxmox cannot start the guest either.
	GUEST_LOCKED,
	GUEST_OURS, // the caller of this program holds it, as for a hookscript
	GUEST_BUSY, // another process holds it
};

// Tries to take the lock. guest_lock_give_back() gives it back.
MUST_CHECK enum guest_lock guest_lock_try(const struct root *root, unsigned vmid, int *ret_fd);

// Releases the lock, even if another process still has a copy of the descriptor.
void guest_lock_give_back(int fd);

// A process that gives the lock back at a moment (clock.h), in place of one that hangs with it: Proxmox VE could not
// start or change that guest before the next boot. For who has nobody that waits for him.
struct guest_lock_watch {
	int end; // closing it ends the process
	pid_t pid;
};

// Starts it for a lock that is held; without one (fd < 0) nothing is done. A negative errno when it cannot be started.
MUST_CHECK int guest_lock_watch(struct guest_lock_watch *watch, int fd, uint64_t until_us);

// Ends it; the lock is the caller's again to give back. Also when none was started.
void guest_lock_watch_end(struct guest_lock_watch *watch);
