// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of modules that systemd-modules-load loads at every boot (modules-load.d(5)).
#pragma once

#include "root.h"
#include "util.h"

#define MODULE_LISTS_FILE "etc/modules" // Debian's; modules-load.d has a link to it

// Calls take for each module that is listed; file has no leading '/'.
typedef void (*module_list_taker)(void *data, const char *name, const char *file, unsigned line);
void module_lists_read(const struct root *root, module_list_taker take, void *data);
