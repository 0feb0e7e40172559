// SPDX-License-Identifier: GPL-2.0-or-later
// What the driver of SR-IOV has to be told on the kernel command line, where udev loads it and not gvt-early. Pure.
#pragma once

#include <stddef.h>

#include "base/util.h"
#include "decide/setup/word_change.h"
#include "decide/sriov/gpu_way.h"
#include "read/config/config.h"

#define DRIVER_WORDS_MAX 2

// What lacks of it, or says less than it takes, on a host with that kernel command line and modprobe.d; host is as the
// boot finds it. Returns how many.
size_t driver_words_lacking(struct word_change ret[static DRIVER_WORDS_MAX], const struct host *host,
			    const struct config *config, const struct gpu *gpu, const struct gpu_way *way);
