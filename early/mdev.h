// SPDX-License-Identifier: GPL-2.0-or-later
// Mediated devices: the types of a parent, the instances that exist, and making one.
#pragma once

#include <stdbool.h>

#include "root.h"
#include "util.h"
#include "wanted.h"

#define INSTANCES_MAX 256
#define TYPES_MAX     32

struct instance {
	char uuid[UUID_SIZE];
	char type[TYPE_NAME_SIZE]; // "" while the kernel is still making it
	char parent[PCI_ADDRESS_SIZE];
	bool driven;               // a driver has taken it: without one no guest can use it
};

struct instance_list {
	struct instance items[INSTANCES_MAX];
	size_t count;
};

struct type_list {
	char names[TYPES_MAX][TYPE_NAME_SIZE];
	size_t count;
	bool registered; // the parent has mdev_supported_types, even if it is empty
};

void instance_list_read(struct instance_list *list, const struct root *root);
const struct instance *instance_list_find(const struct instance_list *list, const char *uuid);

// The types that a parent offers. Reads names only: no attribute, so no lock of the driver is taken.
void type_list_read(struct type_list *list, const struct root *root, const char *parent);
bool type_list_has(const struct type_list *list, const char *type);
// The offered type that comes nearest to one that is not: of the same size, else of the nearest; NULL when none is
// offered, or when that one has no size.
const char *type_list_nearest(const struct type_list *list, const char *type);

// Makes an instance by one write to the type's create attribute; may block for ever in the driver. uuid, type and parent
// have been validated. Returns 0 when the kernel says that it is made, or a negative errno: instance_error_text() has its
// meaning.
MUST_CHECK int instance_create(const struct root *root, const char *parent, const char *type, const char *uuid);

// What an errno of instance_create() means, for a person (kernel.md, section 1, the errno table).
const char *instance_error_text(int error);
