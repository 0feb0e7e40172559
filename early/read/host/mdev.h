// SPDX-License-Identifier: GPL-2.0-or-later
// Mediated devices: the types of a parent, the instances that exist, making one and removing one.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"

#define INSTANCES_MAX 256
#define TYPES_MAX     32

#define VFIO_NAME_SIZE 16
#define USER_SIZE      64

// Whether a process has an instance open (instance_users.h).
enum instance_use { USE_UNKNOWN, USE_NONE, USE_OPEN };

struct instance {
	char uuid[UUID_SIZE];
	char type[TYPE_NAME_SIZE]; // "" while the kernel is still making it
	char parent[PCI_ADDRESS_SIZE];
	bool driven;                 // a driver has taken it: without one no guest can use it
	uint64_t id;                 // of its directory in sysfs: one with the same UUID that is made later has another
	char group[VFIO_NAME_SIZE];  // its VFIO group, "12", or ""
	char device[VFIO_NAME_SIZE]; // its own device, "vfio12", or ""
	bool ours;                   // this program has made it in this boot (made_record.h)
	enum instance_use use;       // unknown unless it was looked for
	char user[USER_SIZE];        // who has it open
};

struct instance_list {
	struct instance items[INSTANCES_MAX];
	size_t count;
};

struct type_list {
	char names[TYPES_MAX][TYPE_NAME_SIZE];
	size_t count;
	bool registered; // the parent has mdev_supported_types, even if it is empty
	bool hung;       // whether it is, does not answer
};

// Reads names and links only: no attribute, so no lock of the driver is taken. Nothing is ours yet.
void instance_list_read(struct instance_list *list, const struct root *root);
// The same for the instance of that UUID alone, which is listed then, or not any more.
void instance_list_read_one(struct instance_list *list, const struct root *root, const char *uuid);
const struct instance *instance_list_find(const struct instance_list *list, const char *uuid);

// The types that a parent offers. Reads names only: no attribute, so no lock of the driver is taken.
void type_list_read(struct type_list *list, const struct root *root, const char *parent);
bool type_list_has(const struct type_list *list, const char *type);

// Makes an instance by one write to the type's create attribute; may block for ever in the driver. uuid, type and
// parent have been validated. Returns 0 when the kernel says that it is made, or a negative errno:
// instance_error_text() has its meaning.
MUST_CHECK int instance_create(const struct root *root, const char *parent, const char *type, const char *uuid);

// Proves that no process has an instance open or opens it: takes its VFIO group for this process. The kernel lets no
// other process open the group until *ret_fd is closed; an open group does not block "remove". Returns 0, with -1 in
// *ret_fd where there is nothing that could be opened; -EBUSY if a process has it open; another negative errno if that
// is unknown.
MUST_CHECK int instance_hold(const struct root *root, const struct instance *item, int *ret_fd);

// Removes one, by one write to its remove attribute. Blocks as long as a process has it open (kernel.md, section 1), so
// only while it is held. Returns 0 or a negative errno.
MUST_CHECK int instance_remove(const struct root *root, const char *uuid);

// What an errno of instance_create() means, for a person (kernel.md, section 1, the errno table).
const char *instance_error_text(int error);
