// SPDX-License-Identifier: GPL-2.0-or-later
// The files that a cluster of Proxmox VE shares: the mappings and the resources of high availability. And the list of
// packages.
#include "fuzz.h"

#include "read/proxmox/ha.h"
#include "read/proxmox/mapping.h"
#include "read/proxmox/pve_version.h"

static void check_mappings(const char *text)
{
	static struct mapping_list list;
	CHECK(mapping_parse(&list, text, "pve") == 0);
	CHECK(list.count <= MAPPINGS_MAX);
	for (size_t i = 0; i < list.count; i++) {
		const struct mapping *mapping = &list.items[i];
		CHECK(pve_is_id(mapping->id) && mapping_find(&list, mapping->id) == mapping);
		CHECK(mapping->count <= MAPPING_ENTRIES_MAX);
		for (size_t n = 0; n < mapping->count; n++)
			CHECK(pve_is_address_list(mapping->paths[n], true));
	}
}

static void check_resources(const char *text)
{
	static struct ha_list list;
	CHECK(ha_parse(&list, text) == 0);
	CHECK(list.count <= HA_MAX);
	for (size_t i = 0; i < list.count; i++) {
		CHECK(list.items[i].vmid >= VMID_MIN && list.items[i].vmid <= VMID_MAX);
		CHECK(ha_state_of(&list, list.items[i].vmid) == list.items[i].state);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	check_mappings(text);
	check_resources(text);
	struct pve_versions versions;
	pve_versions_parse(&versions, text);
	free(text);
	return 0;
}
