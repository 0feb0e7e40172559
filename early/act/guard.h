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

// For a driver that hangs in its probe, holding the device's lock: journald reads the device of each kernel message,
// and would hang as well. Configures journald not to read the kernel log. Returns a negative errno.
MUST_CHECK int guard_quiet_journal(const struct root *root);
