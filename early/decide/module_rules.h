// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the admin keeps a kernel module away. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "decide/stance.h"
#include "read/host/host.h"

// STANCE_ACT for a module that may be loaded, or that is loaded all the same; else *ret_leave, which has the name that
// is given, says what forbids it: a list on the kernel command line, or a line of modprobe.d.
MUST_CHECK enum stance module_judge(struct finding *ret_leave, const char *name, const struct host *host,
				    const char *module, enum module_state state, const struct module_policy *policy);
