// SPDX-License-Identifier: GPL-2.0-or-later
// Who has a mediated device open. "remove" on an instance that is open does not return before it is closed (kernel.md,
// section 1), so nothing is removed without a proof that nobody has it.
//
// A program that uses an instance has its VFIO group open, /dev/vfio/N, for as long, or its own device,
// /dev/vfio/devices/vfioN.
#pragma once

#include "mdev.h"
#include "root.h"
#include "util.h"

#define USERS_LOOKS_MAX 200000 // descriptors that are looked at in all: half a second

// Sets the field "use" of the instances that are ours, and "user" of those that somebody has open: from the descriptors of all
// processes. Nothing is opened but directories.
void users_read(struct instance_list *instances, const struct root *root);

// The proof that holds: takes the instance's group for this process. The kernel lets nobody else open it until *ret_fd is closed;
// holding it does not hold up "remove". Returns 0, with -1 in *ret_fd where there is nothing that could be opened; -EBUSY when
// somebody has it open; another negative errno when that cannot be known.
MUST_CHECK int users_exclude(const struct root *root, const struct instance *item, int *ret_fd);
