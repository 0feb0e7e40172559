// SPDX-License-Identifier: GPL-2.0-or-later
// The line that gives a guest of Proxmox VE a vGPU: its type, and the slot. Pure.
#pragma once

#include <stdbool.h>

#include "decide/gvt_capacity.h"
#include "decide/gvt_offer.h"
#include "read/proxmox/guest.h"

enum guest_line_trouble {
	GUEST_LINE_FINE,
	GUEST_LINE_THERE,    // the guest has such a vGPU in slot index already
	GUEST_LINE_OTHER,    // it has one of another type there
	GUEST_LINE_TEMPLATE, // it is never started
	GUEST_LINE_NO_TYPE,  // the GPU does not offer the type; type is the nearest, or ""
	GUEST_LINE_NO_ROOM,  // beside what is wanted there is none: for this type, or for any
	GUEST_LINE_NO_SLOT,  // all of its slots are taken
};

struct guest_line {
	enum guest_line_trouble trouble;
	char type[TYPE_NAME_SIZE];
	unsigned index; // of hostpciN
};

// type is NULL for the best that fits beside use. offers has the GPU's types, smallest first.
void guest_line_choose(struct guest_line *line, const struct guest *guest, const char *type, const struct gpu *gpu,
		       const struct offer_list *offers, const struct capacity_use *use);
