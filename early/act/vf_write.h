// SPDX-License-Identifier: GPL-2.0-or-later
// What is written to sysfs for virtual functions (VFs). Each may block for ever in the driver, but for the first.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"

// Whether the kernel looks for a driver for each VF that appears (PCI core: sriov_drivers_autoprobe). While it does
// not, a VF is bound only with a driver_override.
MUST_CHECK int vf_autoprobe(const struct root *root, const char *pf, bool on);

// Enables so many VFs, all at once; the driver of the PF must be bound. Success where as many are enabled already. A
// negative errno: EBUSY where others are enabled, or the driver is not ready yet; ERANGE, ENOENT, ENOMEM, EIO and more
// are the driver's.
MUST_CHECK int vf_enable(const struct root *root, const char *pf, unsigned count);

// Binds a VF to the driver, which takes no other device for it, or to whatever driver wants it when driver is NULL.
// Success says that the kernel looked for one: the VF's driver link is the proof. A negative errno.
MUST_CHECK int vf_bind(const struct root *root, const char *vf, const char *driver);

// What the kernel's answer to vf_enable() means.
const char *vf_error_text(int error);
