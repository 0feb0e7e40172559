// SPDX-License-Identifier: GPL-2.0-or-later
// EFI variables of the boot loader interface (systemd.io/BOOT_LOADER_INTERFACE): texts in UTF-16 behind four bytes of
// attributes.
#pragma once

#include <stddef.h>

#include "base/root.h"
#include "base/util.h"

// Reads one, such as "LoaderInfo"; letters beyond ASCII become '?'. Returns its length, or a negative errno, ret being
// "" then.
int efi_variable_read(const struct root *root, const char *name, char *ret, size_t size);
