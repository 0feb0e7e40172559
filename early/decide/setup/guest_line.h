// SPDX-License-Identifier: GPL-2.0-or-later
// The line that gives a guest of Proxmox VE a vGPU: its type or virtual function (VF), and the slot. Pure.
#pragma once

#include <stdbool.h>

#include "decide/gvt_capacity.h"
#include "decide/gvt_offer.h"
#include "read/config/config.h"
#include "read/host/host.h"
#include "read/proxmox/guest.h"

enum guest_line_trouble {
	GUEST_LINE_FINE,
	GUEST_LINE_THERE,    // the guest has such a vGPU in slot index already; a VF may be by a mapping
	GUEST_LINE_OTHER,    // it has one of another type there
	GUEST_LINE_TEMPLATE, // it is never started
	GUEST_LINE_NO_TYPE,  // the GPU does not offer the type; type is the nearest, or ""
	GUEST_LINE_NO_ROOM,  // beside what is wanted there is none: for this type, or for any; all VFs are taken
	GUEST_LINE_NO_SLOT,  // all of its slots are taken
};

// What setup's --type says for a virtual function.
#define SETUP_TYPE_VF "vf"

struct guest_line {
	enum guest_line_trouble trouble;
	char address[PCI_ADDRESS_SIZE]; // of the GPU, or of the VF
	char type[TYPE_NAME_SIZE];      // "" for a VF
	unsigned vf, most;              // the VF's number, and how many the GPU can have; 0 of GVT-g
	unsigned index;                 // of hostpciN
};

// type is NULL for the best that fits beside use. offers has the GPU's types, smallest first.
void guest_line_choose(struct guest_line *line, const struct guest *guest, const char *type, const struct gpu *gpu,
		       const struct offer_list *offers, const struct capacity_use *use);

// The VF of the lowest number that nobody is given and that stays not with the host. config has all claims.
void guest_line_choose_vf(struct guest_line *line, const struct guest *guest, unsigned vmid, const struct host *host,
			  const struct gpu *gpu, const struct config *config);

// What the slot is set to: "0000:00:02.0,mdev=i915-GVTg_V5_4".
#define GUEST_LINE_SIZE (PCI_ADDRESS_SIZE + TYPE_NAME_SIZE + 8)
void guest_line_value(const struct guest_line *line, char ret[static GUEST_LINE_SIZE]);
