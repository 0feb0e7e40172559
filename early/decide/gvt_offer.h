// SPDX-License-Identifier: GPL-2.0-or-later
// What a GPU offers: its types, and how many of each are free. By the driver where it is loaded and answers, else
// computed. Pure.
#pragma once

#include <stdbool.h>

#include "base/util.h"
#include "decide/gvt_capacity.h"
#include "read/host/gvt_type_details.h"
#include "read/host/host.h"

struct offer {
	char type[TYPE_NAME_SIZE];
	struct capacity_need need;        // 0 for a type that is not GVT-g's and does not say
	char resolution[RESOLUTION_SIZE]; // the largest screen, "" when it is not known
	unsigned at_most;                 // of this type alone, on a GPU with nothing else
	unsigned free;                    // now
	int told;                         // free by the driver, which looks at memory alone; -1 when it was not read
};

struct offer_list {
	struct offer items[TYPES_MAX]; // smallest first
	size_t count;
	bool computed; // the driver offers nothing yet: what it will offer
	bool hung;     // the driver does not answer: what is free is computed
	bool taken;    // the GPU is bound to another driver than i915: nothing is free
};

// Makes it of what the driver says; what it does not say is computed. On a GPU that cannot do GVT-g the list is empty.
void offer_list_make(struct offer_list *list, const struct host *host, const struct gpu *gpu,
		     const struct type_details *details);
