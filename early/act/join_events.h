// SPDX-License-Identifier: GPL-2.0-or-later
// Waking the early worker when something has changed in /run/gvt-early, such as the join: the boot waits for what the
// worker does then. It is no more than a hint: whoever is not woken looks by himself after a while.
#pragma once

#include "base/paths.h"
#include "base/root.h"
#include "base/util.h"

// A descriptor that becomes readable when join_events_tell() is called from now on, or a negative errno. The directory
// must exist.
MUST_CHECK int join_events_open(const struct root *root);

// Wakes whoever listens, if anybody does; never waits.
void join_events_tell(const struct root *root);

// Removes what the two above meet at, once the worker has ended.
void join_events_end(const struct root *root);

// Waits for that at most some milliseconds; fd may be negative.
void join_events_wait(int fd, int timeout_ms);
