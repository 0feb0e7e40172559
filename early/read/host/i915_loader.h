// SPDX-License-Identifier: GPL-2.0-or-later
// Who has loaded i915, when it was not gvt-early.
#pragma once

#include "base/root.h"
#include "base/util.h"
#include "read/host/cmdline.h"

// What the report's i915_loaded_by may say; "" when i915 is not loaded.
#define LOADER_US           "gvt-early"
#define LOADER_MODULES_LOAD "modules-load.d" // systemd-modules-load: its directories, /etc/modules, modules_load=
#define LOADER_UDEV         "udev"
#define LOADER_KERNEL       "kernel" // built in
#define LOADER_UNKNOWN      "unknown"

// By what can be read: i915 is loaded, and not by us. udev_runs says whether udev can have done it.
const char *loader_of_i915(const struct root *root, const struct cmdline *cmdline, bool udev_runs);
