// SPDX-License-Identifier: GPL-2.0-or-later
// What the driver says of each type that it lists (kernel.md, section 1). Each of these reads takes the driver's lock.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "read/host/host.h"

#define RESOLUTION_SIZE 24

struct type_detail {
	unsigned low_mib, high_mib;       // of aperture and hidden memory that one takes; 0 where it does not say
	char resolution[RESOLUTION_SIZE]; // likewise ""
	int available; // instances that it would still make, by its memory alone; -1 when that was not read
};

struct type_details {
	struct type_detail items[TYPES_MAX]; // of host_types() of the GPU, in their order
	bool hung;                           // the driver does not answer: the rest was not read
};

// Asks the driver of a GPU until a moment (clock.h), in a child. Not asked is one that lists
// no types, that has not answered before, or that cannot do GVT-g.
void type_details_read(struct type_details *details, const struct root *root, const struct host *host,
		       const struct gpu *gpu, uint64_t until_us);
