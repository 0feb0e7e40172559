// SPDX-License-Identifier: GPL-2.0-or-later
// What is wanted on a running system: the files in /etc/gvt-early and the guests of Proxmox VE, merged.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/config.h"
#include "read/proxmox/guests.h"

#define GUESTS_LIMIT_S 5 // for reading the guests: /etc/pve may never answer

// Adds what the guests want to a configuration that was read from the files. They are read in a child, given up at
// until_us or after GUESTS_LIMIT_S; if they cannot be read, their last known state is used, with a warning. With
// remember = true what could be read becomes what is known. Returns a negative errno only when out of memory.
MUST_CHECK int sources_add_guests(struct config *config, const struct root *root, uint64_t until_us, bool remember);

// In place of what the files want, and of the mistakes in them: the vGPUs of one guest, whatever settings.guests says,
// if they can be read now; their last known state is not used. The virtual functions are those of all guests, as they
// are created all at once. Otherwise, and where there is no Proxmox VE, nothing is wanted, and *ret_unread says why; it
// is "" when all is well.
MUST_CHECK int sources_take_guest(struct config *config, const struct root *root, uint64_t until_us, unsigned vmid,
				  char *ret_unread, size_t size);

// Whether the settings want a guest's vGPU, if nothing is wrong with it.
bool sources_want(const struct settings *settings, const struct guest_entry *entry);

// The decision of sources_add_guests(), without reading anything.
MUST_CHECK int sources_merge(struct config *config, const struct guest_list *list);
