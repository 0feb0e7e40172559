// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdbool.h>

// Whether a file's name is that of a copy which is not meant to be read: "x.conf.bak", "x~".
bool is_backup_name(const char *name);
