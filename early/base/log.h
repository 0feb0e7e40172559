// SPDX-License-Identifier: GPL-2.0-or-later
// Lines for the kernel log (during the boot) or for standard error (on a terminal).
//
// The levels are syslog's. Under the usual "quiet" a console shows only the kernel log's level 3 and more urgent; what
// is less urgent reaches dmesg and the journal alone. So LOG_ERR is for what the owner of the host must see.
#pragma once

#include <stdbool.h>
#include <syslog.h>

#include "base/util.h"

// Sends everything to the kernel log from now on. dev is a descriptor of /dev (kept by the caller, used at each line);
// if there is no kmsg in it, lines go on to standard error.
void log_to_kernel(int dev);

// Lines of level LOG_DEBUG are dropped unless this was called with true.
void log_set_debug(bool debug);

// Lines less urgent than LOG_WARNING are dropped, too, after this was called with true.
void log_set_quiet(bool quiet);

// One line, without a newline at its end; the program's name is put before it. Cut at the kernel log's record size.
void log_line(int level, const char *format, ...) PRINTF(2, 3);
