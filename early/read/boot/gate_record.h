// SPDX-License-Identifier: GPL-2.0-or-later
// What "gate" said last in this boot of the one to come, in /run/gvt-early: "status --metrics" tells it.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/boot_entry.h"

struct gate_record {
	bool found;                // there is one that can be read
	bool ready;                // the next boot has what its vGPUs need
	char kernel[RELEASE_SIZE]; // the kernel that boots next, "" when that was not known
	char finding[40];          // the first finding, "" when there was none
};

void gate_record_read(struct gate_record *record, const struct root *root);
// Returns a negative errno.
MUST_CHECK int gate_record_write(const struct gate_record *record, const struct root *root);
// Nothing is known any more.
void gate_record_remove(const struct root *root);
