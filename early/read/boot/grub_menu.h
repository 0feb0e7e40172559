// SPDX-License-Identifier: GPL-2.0-or-later
// GRUB's menu (grub.cfg) and environment (grubenv): which entry GRUB boots by itself. Pure.
//
// The menu is a script. Of it count the entries, the variable 'default', and the conditions that decide about them, as
// far as they can be known here; no more of it is followed. How GRUB finds the default: grub-core/normal/menu.c.
#pragma once

#include <stdbool.h>

#include "base/util.h"
#include "read/boot/boot_entry.h"

// Fills what GRUB boots, or trouble; words_from is left alone. Returns a negative errno only when out of memory.
MUST_CHECK int grub_menu_choose(const char *menu, const char *environment, struct boot_entry *ret);
