// SPDX-License-Identifier: GPL-2.0-or-later
// The files in /run that keep a hung i915 from blocking other programs (early-worker.md, measures A and C).
#pragma once

#include "base/root.h"
#include "base/util.h"

// Before udev starts: keeps other programs from loading i915 or kvmgt, and xe where that is asked for. Otherwise udev
// waits for minutes for a module that hangs. The real root keeps /run, so this holds there too until guard_lower().
// Returns a negative errno.
MUST_CHECK int guard_raise(const struct root *root, bool xe);

// Reverts guard_raise() and guard_quiet_journal(), if they were called. gvt-early must never leave a host without i915:
// this is called in all cases except "still hung".
void guard_lower(const struct root *root);

// The early stage leaves VFs to the late stage, as the initrd lacks the driver or its firmware: until guard_take_over()
// other programs cannot load i915 or xe, which would take the GPU without VFs. Only where systemd starts the late
// stage. Returns a negative errno.
MUST_CHECK int guard_hand_over(const struct root *root);

// Whether that was done in this boot.
bool guard_is_handed_over(const struct root *root);

// The late stage has done its job, or cannot: other programs may load the drivers again.
void guard_take_over(const struct root *root);

// For a driver that hangs in its probe, holding the device's lock: journald reads the device of each kernel message,
// and would hang as well. Configures journald not to read the kernel log. Returns a negative errno.
MUST_CHECK int guard_quiet_journal(const struct root *root);
