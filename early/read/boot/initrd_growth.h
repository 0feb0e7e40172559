// SPDX-License-Identifier: GPL-2.0-or-later
// By how much an initrd grows when gvt-early goes in: the files that are not in it otherwise, compressed by the program
// that the host compresses its initrds with.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/initrd_contents.h"
#include "read/boot/initrd_image.h"

struct initrd_growth {
	uint64_t bytes;
	bool at_most; // an upper limit: something was not compressed, or is in the initrd in another version
};

struct growth_query {
	const struct root *root;
	const struct initrd_contents *contents;
	int tree;                         // of the initrd that is being made, -1 for none: what is in it costs nothing
	const struct initrd_image *image; // the initrd that is there, NULL for none: what is in it costs the difference
	const char *compression; // as initrd_image has it; "" for none, NULL when it is not known: the generator's
};

// Adds up the files as they are: an upper limit that costs nothing. Returns a negative errno when one cannot be looked
// at.
MUST_CHECK int growth_add_up(struct initrd_growth *growth, const struct growth_query *query);
// Really compresses them, until a moment (clock.h). What cannot be compressed counts as it is. Returns a negative
// errno.
MUST_CHECK int growth_measure(struct initrd_growth *growth, const struct growth_query *query, uint64_t until_us);
