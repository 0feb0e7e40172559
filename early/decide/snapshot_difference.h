// SPDX-License-Identifier: GPL-2.0-or-later
// How the snapshot in an initrd differs from what is wanted now. Pure.
#pragma once

#include "base/finding.h"
#include "read/config/config.h"
#include "read/host/host.h"

// Differences in what is wanted of this host's GPUs and in the settings, an item each; where an entry stands does not
// count. Adds the first few to a finding as VALUE_DIFFERENCES, and how many more there are as VALUE_MORE. Returns the
// number of differences.
unsigned snapshot_difference(const struct config *had, const struct config *today, const struct host *host,
			     struct finding *finding);
