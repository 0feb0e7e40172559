// SPDX-License-Identifier: GPL-2.0-or-later
// Why a single wanted instance is not made, and what a GPU's vGPUs share.
#include "tell/words.h"

#define THERE    "{type-there?{type-there}|an instance without a type yet} on {parent-there}"
#define CONFLICT "{uuid} exists as " THERE ", but {type} on {parent} is wanted; "
#define POOL                                                                                                           \
	"needs {need-low} MiB of aperture and {need-high} MiB of hidden memory; aperture {low} MiB: host {host-low}, " \
	"{count} "                                                                                                     \
	"{count:vGPU|vGPUs} {taken-low}, free {free-low}{high?; hidden {high} MiB: host {host-high}, vGPUs "           \
	"{taken-high}, free {free-high}}: "

static const struct words rows[] = {
	{ CAUSE_TYPE_TOO_LARGE, "type-too-large",
	  "{address} offers no type {type} with an aperture of {aperture} MiB; it needs {needed} MiB, to be set in "
	  "the firmware setup; now offered: {offered?{offered}|none}",
	  NULL },
	{ CAUSE_TYPE_UNKNOWN, "type-unknown",
	  "{address} offers no type {type}; offered: {offered?{offered}|none}{nearest?; the nearest is {nearest}}",
	  NULL },
	{ CAUSE_PARENT_ABSENT, "parent-absent",
	  "the parent {parent?{parent}|(none)} is not an Intel display device of this host", NULL },
	{ CAUSE_PARENT_FUNCTIONS, "parent-functions",
	  "{parent} has {count} functions, and Proxmox VE does not start a guest with 'mdev' for several; name one, "
	  "such as {address}",
	  NULL },
	{ CAUSE_PARENT_UNABLE, "parent-unable", "the parent {address} [8086:{device}] does not support GVT-g", NULL },

	{ CAUSE_CONFLICT_FOREIGN, "conflict-foreign",
	  CONFLICT "gvt-early did not create it: remove it, or change what is wanted", NULL },
	{ CAUSE_CONFLICT_OPEN, "conflict-open",
	  CONFLICT "{user} has it open; when that has ended, 'gvt-early apply' re-creates it", NULL },
	{ CAUSE_CONFLICT_UNKNOWN, "conflict-unknown",
	  CONFLICT "gvt-early keeps it, because whether somebody has it open cannot be determined", NULL },
	{ CAUSE_CONFLICT_STAYS, "conflict-stays",
	  "{uuid} exists as {type-there} on {parent-there}, but {type} is wanted; {reason}", NULL },
	{ CAUSE_THERE_AND_HOPELESS, "there-and-hopeless",
	  "its UUID exists as " THERE ", which gvt-early keeps; {because}", NULL },

	{ CAUSE_NO_ROOM, "no-room",
	  "no room beside the instances before it{vmid? (guest {vmid} cannot start while they exist)}: {because}",
	  NULL },
	{ CAUSE_APERTURE_LACKS, "aperture-lacks", POOL "too little aperture", NULL },
	{ CAUSE_HIDDEN_LACKS, "hidden-memory-lacks", POOL "too little hidden memory", NULL },
	{ CAUSE_ROOM_IN_PIECES, "room-in-pieces",
	  POOL "it should fit, so the free memory is fragmented or held by the host's own display", NULL },
	{ CAUSE_TYPE_FOREIGN, "type-foreign", "the type is not one of GVT-g's", NULL },
	{ CAUSE_VGPUS_MOST, "vgpus-most", "the GPU has {count} vGPUs, and it can have no more than {most}", NULL },
	{ CAUSE_GPU_SILENT, "gpu-silent",
	  "the GPU's driver does not answer: nothing can be created before the next boot", NULL },
	{ CAUSE_MEMORY_IN_PIECES, "memory-in-pieces",
	  "there should be room, yet {said}: the GPU's memory is fragmented", NULL },
};

const struct word_table words_plan = { rows, ARRAY_SIZE(rows) };
