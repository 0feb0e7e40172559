// SPDX-License-Identifier: GPL-2.0-or-later
// Names of our own files, and of the runs that write them: what several parts have to know.
#pragma once

#include <stdbool.h>

#include "base/util.h"

// Below /run. A run's report is report.json for "boot", apply.json for "apply", guest-100.json for "apply --guest 100".
#define STATE_DIR "gvt-early"
#define JOIN_FILE STATE_DIR "/join" // there once the join has begun: the initrd's udev has ended
#define LOCK_FILE STATE_DIR "/lock"

#define COMMAND_BOOT  "boot"
#define COMMAND_APPLY "apply"
#define COMMAND_GUEST "guest"

// A run's name: COMMAND_BOOT, COMMAND_APPLY, or this with the guest's number behind it.
#define RUN_GUEST     COMMAND_GUEST "-"
#define RUN_NAME_SIZE 24

// Why a step of a run has failed, in its report. gvt-early(8), REPORT, lists them.
#define CAUSE_MODULE_MISSING     "module-missing"
#define CAUSE_MODULE_BLACKLISTED "module-blacklisted"
#define CAUSE_MODULE_DAMAGED     "module-damaged"
#define CAUSE_MODULE_REFUSED     "module-refused"
#define CAUSE_CREATE_FAILED      "create-failed"
#define CAUSE_NO_DRIVER          "no-driver"

// A step of a run whose name others know: the address of the GPU follows.
#define STEP_ENABLE_VFS "enable VFs of "

// In /run/modprobe.d; and in the initrd's /etc/modprobe.d, put there by the hook. They are for everybody but us
// (guard.h).
#define GUARD_DENY_NAME   "gvt-early.conf"
#define GUARD_LATE_NAME   "gvt-early-late.conf"
#define GUARD_INITRD_NAME "00-gvt-early-initrd.conf"

// Whether file is one of these.
static inline bool is_guard_file(const char *name)
{
	return streq(name, GUARD_DENY_NAME) || streq(name, GUARD_LATE_NAME) || streq(name, GUARD_INITRD_NAME);
}

// That systemd starts the late stage at boot.
#define LATE_STAGE_LINK "etc/systemd/system/multi-user.target.wants/gvt-early.service"
