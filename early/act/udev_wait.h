// SPDX-License-Identifier: GPL-2.0-or-later
// Listening to what udev has done with a device (early-worker.md, measure B).
//
// udev reads a device's uevent, which takes the device's lock. A driver that hangs in its probe holds that lock: udev's
// queue would never become empty. So i915 is loaded only after udev has finished with the GPU.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

// Whether udev is running already, and may have finished with the GPU before we listened.
bool udev_started(const struct root *root);

// Begins to listen; before udev starts, or its events are missed. Returns a descriptor or a negative errno.
MUST_CHECK int udev_listen(void);

// Waits until udev has processed an event of the PCI device at an address, or until a moment, or until another
// descriptor becomes readable; wake is negative for none. Returns 1 if udev has, 0 if not, or a negative errno.
MUST_CHECK int udev_wait(int fd, int wake, const char *address, uint64_t until_us);

// Whether one message of udev is about the PCI device at an address.
bool udev_message_is_for(const char *message, size_t length, const char *address);
