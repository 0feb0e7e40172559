// SPDX-License-Identifier: GPL-2.0-or-later
// A cpio archive of the kind that an initrd is made of ("newc": the kernel's Documentation/driver-api/early-userspace/
// buffer-format.rst), taken apart as its bytes come: of what is not wanted nothing is kept, whatever sizes it claims.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define CPIO_HEADER_SIZE 110  // the magic number and 13 numbers of 8 hexadecimal digits
#define CPIO_NAME_MAX    4096 // PATH_MAX: the kernel skips members with longer names

enum cpio_state { CPIO_HEADER, CPIO_NAME, CPIO_DATA, CPIO_PADDING, CPIO_END, CPIO_BROKEN };

struct cpio {
	// The largest content of that member that is wanted, 0 when none of it is.
	size_t (*wanted)(void *data, const char *name);
	// A member, once it is there whole. content is NULL where it is empty, not wanted or larger; a NUL stands
	// behind it. It may be kept: then *content becomes NULL.
	void (*take)(void *data, const char *name, char **content, size_t size);
	void *data;

	enum cpio_state state; // CPIO_END between two archives
	bool oom;
	char head[CPIO_HEADER_SIZE], name[CPIO_NAME_MAX];
	size_t have; // of what the state gathers
	size_t name_size, size, links, padding;
	char *content;
};

// An archive begins.
void cpio_begin(struct cpio *cpio);
// Takes bytes of it. Returns how many belong to it: less than length only at its end, or where it is broken.
MUST_CHECK size_t cpio_feed(struct cpio *cpio, const char *bytes, size_t length);
void cpio_free(struct cpio *cpio);
