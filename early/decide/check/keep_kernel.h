// SPDX-License-Identifier: GPL-2.0-or-later
// How the running kernel boots once more, where another one that lacks something would boot next. Pure.
#pragma once

#include <stdbool.h>

#include "base/util.h"
#include "read/check_facts.h"

// The command, as this host does it: "proxmox-boot-tool kernel pin RELEASE", for good, or with GRUB alone "grub-reboot
// 'ENTRY'", for one boot. False where the running kernel is the next one, cannot split the GPU itself, or this host has
// no such command. After facts_read_next().
MUST_CHECK bool keep_kernel(const struct facts *facts, char *ret, size_t size);
