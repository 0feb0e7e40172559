// SPDX-License-Identifier: GPL-2.0-or-later
// Words that were meant to be a parameter and that the kernel, or the driver, does not take for it. Pure.
#pragma once

#include <stdbool.h>

#include "base/util.h"
#include "read/host/cmdline.h"

enum near_miss_kind {
	MISS_NONE,
	MISS_PREFIX,   // the module's name is not before it: "enable_gvt=1"
	MISS_OTHER,    // another module's is: "kvmgt.enable_gvt=1"
	MISS_CAPITALS, // "Intel_iommu=On"
	MISS_NO_VALUE, // "intel_iommu"
	MISS_BLANKS,   // "intel_iommu = on", "intel_iommu on"
	MISS_VALUE,    // "i915.enable_gvt=enable"
	MISS_TYPO,     // one letter is wrong, lacks, is too many, or changed places with the next
	MISS_INSIDE,   // it is a part of a longer word: "quiet,intel_iommu=on"
	MISS_QUOTES,   // quotes of a printed text, which are no quotes here, are next to it
	MISS_FOR_INIT, // it stands behind "--"
};

#define NEAR_MISS_RIGHT_SIZE 160

struct near_miss {
	enum near_miss_kind kind;
	char word[NEAR_MISS_RIGHT_SIZE]; // as it stands there; of MISS_BLANKS all words that are meant
};

// The first near miss of NAME=VALUE; value is "1" for a bool, else an item of a list. NAME itself set to another value
// of its own, such as 0, is none.
bool near_miss_find(struct near_miss *ret, const struct cmdline *words, const char *name, const char *value);

// What has to stand in place of it, all that is meant by it included: "quiet intel_iommu=on i915.enable_gvt=1" for
// "quiet,intel_iommu=on,i915.enable_gvt=1", for whichever of these it is asked. wanted is NAME=VALUE. False when that
// is not known.
bool near_miss_right(const struct near_miss *miss, const char *wanted, char *ret, size_t size);

// The first "NAME = VALUE", "NAME= VALUE" or "MODULE.NAME VALUE" of any name, which leaves VALUE as a word of its own,
// as MISS_BLANKS. ret_right is NAME=VALUE.
bool near_miss_find_value(struct near_miss *ret, const struct cmdline *words, const char *value, char *ret_right,
			  size_t size);

// Whether quotation marks make one word of it: nothing but these has to go.
bool near_miss_is_quoted(const struct near_miss *miss);
