// SPDX-License-Identifier: GPL-2.0-or-later
// An instance that is wanted, could be there, and is not: whether that is a fault. Pure.
#pragma once

#include <stdbool.h>

#include "read/config/wanted.h"

enum absence {
	ABSENT_FAULT,       // it should be there
	ABSENT_SINCE_STOP,  // it was there in this boot; Proxmox VE has removed it when its guest stopped, and creates
			    // it at the next start
	ABSENT_UNTIL_START, // nobody has tried in this boot, and nobody needs to: Proxmox VE creates it when its guest
			    // starts
};

// result is what the last run of this boot that knows the instance says of it (report.h), NULL when none does.
enum absence absence_judge(const struct wanted *wanted, const char *result);
