// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an initrd with gvt-early in it fits where it is written to. Pure.
//
// What would not fit is left out of the initrd: the generator would fail, and so would the installation of a kernel, or
// proxmox-boot-tool would leave a truncated initrd on an ESP, with which the host does not boot.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/util.h"
#include "read/boot/initrd_room.h"
#include "read/host/tools.h"

struct initrd_fit {
	const struct room_place *lacking; // the first place that has not enough free, NULL when it fits as far as known
	uint64_t needed;                  // bytes there
	uint64_t size;                    // of the initrd with gvt-early in it, bytes; 0 when that is not known
};

void initrd_fit_judge(struct initrd_fit *fit, const struct initrd_room *room);

// Whether the growth fits for all kernels that have an initrd in a place.
struct initrd_fit_all {
	const struct room_place *place; // where it fits for the fewest, NULL when it fits for all, as far as known
	unsigned count;                 // kernels for which it fits there
};

struct initrd_fit_all initrd_fit_all(const struct initrd_room *room);

// The figures of what does not fit, as values of a finding.
void initrd_fit_tell(const struct initrd_fit *fit, const struct initrd_room *room, struct finding *finding);
void initrd_fit_tell_all(const struct initrd_fit_all *all, const struct initrd_room *room, struct finding *finding);
// How there will be room, and the initrd is built anew then: steps of the finding's fix.
void initrd_fit_mend(struct finding *finding, enum joint joint, const struct initrd_fit *fit,
		     const struct initrd_room *room, const struct tools *tools);
// By how much the initrd grows, likewise; nothing where that is not known.
void initrd_fit_grows(struct finding *finding, const struct initrd_room *room);
// A size as it is told: "4.5 MiB". Returns ret.
#define FIT_SIZE 32
const char *initrd_fit_size(uint64_t bytes, char ret[static FIT_SIZE]);
