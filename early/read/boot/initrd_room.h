// SPDX-License-Identifier: GPL-2.0-or-later
// The room that there is for the initrd of a kernel with gvt-early in it: in /boot, and on each ESP that
// proxmox-boot-tool fills. Figures only; initrd_fit.h judges them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/boot_entry.h"
#include "read/boot/initrd_contents.h"
#include "read/boot/initrd_growth.h"
#include "read/boot/initrd_image.h"

#define ROOM_PLACES_MAX 17 // /boot and 16 ESPs; what is beyond is not known

// A file system that the initrd is written to.
struct room_place {
	char esp[40]; // the ESP's UUID, "" for /boot
	bool known;
	char reason[96];  // why it is not
	uint64_t free;    // bytes
	uint64_t there;   // the initrd's size there now, 0 for none
	uint64_t pending; // an ESP: what it gets besides (struct esp_room)
	unsigned initrds; // those of all kernels there
};

// Plain data, so that a child can hand it over.
struct initrd_room {
	char release[RELEASE_SIZE];
	bool grown; // what follows is known
	struct initrd_growth growth;
	uint64_t other; // the largest initrd of another kernel in /boot, 0 for none: what a first one is like
	bool beside;    // the generator writes the new initrd beside the old one; else over it
	bool copies;    // /boot has no hard links: the old one is copied before
	bool on_esps;   // proxmox-boot-tool copies this kernel
	struct room_place places[ROOM_PLACES_MAX];
	size_t place_count; // the first is /boot
};

struct room_query {
	const struct root *root;
	const char *release, *running;
	bool beside; // as above
	const struct initrd_contents *contents;
	int tree;                         // as in struct growth_query
	const struct initrd_image *image; // the initrd that is there, NULL when it was not read: then it is read
	bool measure;                     // the growth is measured; else it is an upper limit, which takes no time
	uint64_t until_us;                // clock.h
};

// Reads it, in another process, which may hang. A capture has the figures. Returns a negative errno when nothing is
// known.
MUST_CHECK int initrd_room_read(struct initrd_room *room, const struct room_query *query);

// As text, for a capture. The caller frees *ret_text. -ENOMEM.
MUST_CHECK int initrd_room_print(const struct initrd_room *room, char **ret_text, size_t *ret_length);
// False when the text is none.
MUST_CHECK bool initrd_room_parse(struct initrd_room *room, const char *text);
