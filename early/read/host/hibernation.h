// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this boot is about to resume from hibernation: the kernel that is restored has its own state of the GPU.
#pragma once

#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Waits until the device that the initrd would resume from is there, or until a moment, and looks for an image on it
// with libblkid. Other file systems' signatures beside it do not count: the kernel resumes by the image's alone
// (kernel/power/swap.c, swsusp_check()). spec is as in resume=: a path below /dev, UUID=, LABEL=, PARTUUID= or
// PARTLABEL=. Returns 1 when it holds an image, 0 when not, -ENODEV when it did not appear in time, -EINVAL for another
// spec, or another negative errno.
MUST_CHECK int hibernation_image(const struct root *root, const char *spec, uint64_t until_us);
