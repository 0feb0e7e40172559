// SPDX-License-Identifier: GPL-2.0-or-later
// The guests that Proxmox VE's high availability starts, /etc/pve/ha/resources.cfg (pve-ha-manager:
// PVE/HA/Resources.pm).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

#define HA_FILE "etc/pve/ha/resources.cfg"
#define HA_MAX  1024

enum ha_state {
	HA_NOT_MANAGED, // not listed, or "ignored": "onboot" decides
	HA_STARTED,     // started at boot, whatever "onboot" says
	HA_STOPPED,     // not started, whatever "onboot" says
};

struct ha_list {
	struct {
		unsigned vmid;
		enum ha_state state;
	} items[HA_MAX];
	size_t count;
};

// Parses the file's text. Returns a negative errno only when out of memory.
MUST_CHECK int ha_parse(struct ha_list *list, const char *text);

enum ha_state ha_state_of(const struct ha_list *list, unsigned vmid);
