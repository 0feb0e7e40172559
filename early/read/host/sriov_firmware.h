// SPDX-License-Identifier: GPL-2.0-or-later
// Which of the firmware that a driver may ask for, by its .modinfo, it asks for on a platform of SR-IOV: a driver names
// the files of all GPUs there are, tens of megabytes.
#pragma once

#include <stdbool.h>

#include "read/host/sriov_platform.h"

// Whether a file, named as below a firmware directory, is one that xe, or else i915, may ask for on the platform: GuC,
// HuC, GSC and the display's microcontroller (DMC).
bool sriov_firmware_is_for(const struct sriov_platform *platform, bool xe, const char *file);
