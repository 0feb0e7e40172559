// SPDX-License-Identifier: GPL-2.0-or-later
// The record of the instances that this program has made in this boot, whichever of its commands it was:
// /run/gvt-early/made. An instance that is not in it belongs to another program, and is never removed.
//
// A UUID alone would not do: Proxmox VE removes a guest's instance when the guest stops, and makes one with the same
// UUID when it starts. So the number of the instance's directory in sysfs is kept too: the kernel gives each directory
// another one (fs/kernfs/dir.c: 64 bits, counted upwards).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/host/mdev.h"

#define MADE_FILE "gvt-early/made" // below /run
#define MADE_MAX  (32 * 1024)      // bytes; INSTANCES_MAX lines fit

struct made {
	char uuid[UUID_SIZE];
	uint64_t id; // as in struct instance
};

struct made_list {
	struct made items[INSTANCES_MAX];
	size_t count;
};

// Reads the record. It is empty when there is none, when it is of another boot, damaged, or not root's alone.
void made_read(struct made_list *list, const struct root *root, const char *boot_id);

// Sets the field "ours" of the instances that are in the record.
void made_mark(const struct made_list *list, struct instance_list *instances);

// Notes an instance that was just made, and forgets those that are gone. Only with the lock (lock.h). Returns a
// negative errno.
MUST_CHECK int made_add(struct made_list *list, const struct root *root, const char *boot_id,
			const struct instance_list *instances, const struct instance *item);
