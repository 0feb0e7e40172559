// SPDX-License-Identifier: GPL-2.0-or-later
// Being woken when a file appears in /run/gvt-early, such as the join: the boot waits for what the worker does then. It
// is no more than a hint: whoever is not woken looks by himself after a while.
#pragma once

#include "base/root.h"
#include "base/util.h"

// A descriptor that becomes readable when a file appears there from now on, or a negative errno. The directory must
// exist.
MUST_CHECK int join_events_open(const struct root *root);

// Waits for that at most some milliseconds; fd may be negative.
void join_events_wait(int fd, int timeout_ms);
