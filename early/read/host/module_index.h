// SPDX-License-Identifier: GPL-2.0-or-later
// The indexes of modules that depmod writes, such as modules.dep.bin: whether libkmod can read one. It believes what is
// in them: a file that was cut short, as on a full ESP, can make it read the file's end for ever, and take all memory
// for it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool index_sound(const char *data, size_t length);

// The same of the nodes alone that a search for a key comes by, and whether it finds one: 1 or 0, -EBADMSG when one of
// them is damaged.
int index_look_up(const char *data, size_t length, const char *key);
