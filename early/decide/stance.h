// SPDX-License-Identifier: GPL-2.0-or-later
// What to do in this boot: whatever is not STANCE_ACT leaves it alone.
#pragma once

enum stance {
	STANCE_ACT,
	STANCE_SWITCHED_OFF, // gvt_early.enable=0
	STANCE_OTHER_BOOT,   // kdump, rescue and the like: not ours to touch
	STANCE_NOTHING_WANTED,
	STANCE_ADMIN,  // the admin's word stands against it
	STANCE_UNABLE, // it cannot work here
};
