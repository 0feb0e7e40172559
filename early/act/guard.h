// SPDX-License-Identifier: GPL-2.0-or-later
// The files in /run that keep a hung i915 from holding up everybody else (early-worker.md, measures A and C).
#pragma once

#include "base/root.h"
#include "base/util.h"

// Before udev starts: lets nobody but us load i915 or kvmgt. Otherwise udev waits for a hung module for minutes. /run is
// carried over, so this holds in the real root too until guard_lower(). Returns a negative errno.
MUST_CHECK int guard_raise(const struct root *root);

// Takes back guard_raise() and guard_quiet_journal(); nothing to take back is fine. A host must never be left without
// i915 because of us: called at every ending but "still hung".
void guard_lower(const struct root *root);

// For a driver that hangs in its probe, holding the device's lock: journald reads the device of each kernel message, and
// would hang as well. Makes journald leave the kernel log alone. Returns a negative errno.
MUST_CHECK int guard_quiet_journal(const struct root *root);
