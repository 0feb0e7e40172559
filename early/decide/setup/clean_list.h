// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of modules (/etc/modules, modules-load.d): lines that name what no kernel of this host has become comments that
// say so, and become what they were again. Pure.
#pragma once

#include <stdbool.h>

#include "base/util.h"

// Whether no kernel that may boot has a module.
typedef bool (*clean_lacks)(void *data, const char *name);

// The text with such lines as comments, for a kernel's release; the caller's to free, NULL when out of memory. A line
// with several words is left: nobody knows what was meant.
char *clean_list(const char *text, const char *release, clean_lacks lacks, void *data);

// The text with the lines that clean_list() has made comments of.
char *clean_list_undo(const char *text);
