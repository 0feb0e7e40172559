// SPDX-License-Identifier: GPL-2.0-or-later
// Why the initrd of a kernel was built without gvt-early: there was no room for it. The hook's figures of that time, in
// /var/lib/gvt-early, until the initrd is built with it.
#pragma once

#include "base/root.h"
#include "base/util.h"
#include "read/boot/initrd_room.h"

// False when there is no record of that kernel, or none that can be read.
MUST_CHECK bool left_out_read(struct initrd_room *room, const struct root *root, const char *release);
// Returns a negative errno.
MUST_CHECK int left_out_write(const struct root *root, const struct initrd_room *room);
void left_out_forget(const struct root *root, const char *release);
