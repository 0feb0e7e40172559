// SPDX-License-Identifier: GPL-2.0-or-later
// mdevctl, which starts the instances that it has defined from a udev rule. In Debian 12 and 13 that rule calls a
// program that is not there (mdevctl.md).
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"

struct mdevctl {
	char rule[64];      // the rule's file with its '/', or ""
	char program[64];   // the one that it calls, with its '/'
	bool program_found; // which is there
	char elsewhere[64]; // where it is instead, or ""
	unsigned automatic; // definitions that are to be started at boot
	char first[160];    // the file of the first of them
	char unread[200];   // "FILE: why" of what could not be read of the definitions, or ""
};

void mdevctl_read(struct mdevctl *mdevctl, const struct root *root);
