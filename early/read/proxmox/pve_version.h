// SPDX-License-Identifier: GPL-2.0-or-later
// Which releases of Proxmox VE's packages are installed, as far as they differ in which guests they start.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"

#define DPKG_STATUS "var/lib/dpkg/status"

// A version's first three numbers; 0 when it is not known.
typedef uint32_t pve_version;
#define PVE_VERSION(major, minor, patch) \
	((pve_version)(major) << 20 | (pve_version)(minor) << 10 | (pve_version)(patch))

struct pve_versions {
	pve_version qemu_server;
	pve_version guest_common; // libpve-guest-common-perl
};

// Reads them from dpkg's list of packages. A capture has of that list what is used, and no more.
void pve_versions_read(struct pve_versions *versions, const struct root *root);

// The same from that list's text.
void pve_versions_parse(struct pve_versions *versions, const char *status);

// Whether a version is known to come before another.
static inline bool pve_version_before(pve_version version, pve_version other)
{
	return version && version < other;
}
