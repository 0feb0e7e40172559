// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/whole_gpu.h"

#include <stdio.h>

void whole_gpu_add_for(struct whole_gpu_list *list, const char *addresses, const struct whole_gpu *who)
{
	while (*addresses) {
		char text[PCI_ADDRESS_SIZE + 1], address[PCI_ADDRESS_SIZE];
		size_t length = strcspn(addresses, ";");
		snprintf(text, sizeof(text), "%.*s", (int)length, addresses);
		addresses += length + (addresses[length] == ';');
		if (length >= sizeof(text) || wanted_parse_device(text, address) < 0)
			continue;
		if (list->count >= CLAIMS_MAX) {
			list->more++;
			continue;
		}
		list->items[list->count] = *who;
		strcpy(list->items[list->count++].address, address);
	}
}

// 0 when the source is no guest's file.
static unsigned guest_of(const char *source)
{
	unsigned vmid = 0;
	const char *name = strrchr(source, '/'), *end = name ? strstr(name, ".conf:") : NULL;
	char text[sizeof("999999999")];
	if (!end || (size_t)(end - name - 1) >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)(end - name - 1), name + 1);
	return pve_parse_number(text, VMID_MIN, VMID_MAX, &vmid) < 0 ? 0 : vmid;
}

void whole_gpu_add(struct whole_gpu_list *list, const char *addresses, const char *source)
{
	struct whole_gpu who = { .vmid = guest_of(source) };
	snprintf(who.source, sizeof(who.source), "%s", source);
	whole_gpu_add_for(list, addresses, &who);
}

const struct whole_gpu *whole_gpu_on(const struct whole_gpu_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (wanted_device_has(list->items[i].address, address))
			return &list->items[i];
	return NULL;
}

bool whole_gpu_may_be_vf(const char *address)
{
	const char *dot = strchr(address, '.');
	// "BUS:SLOT" stands before it, each of two digits; the domain's length differs.
	if (!dot || dot - address < 5)
		return false;
	const char *bus = dot - 5;
	if (starts_with(bus, "00:"))
		return starts_with(bus, "00:02.") && dot[1] != '0';
	return !streq(bus + 3, "00.0");
}

bool whole_gpu_names_vf(const char *addresses)
{
	while (*addresses) {
		char text[PCI_ADDRESS_SIZE + 1];
		size_t length = strcspn(addresses, ";");
		snprintf(text, sizeof(text), "%.*s", (int)length, addresses);
		addresses += length + (addresses[length] == ';');
		if (length < sizeof(text) && whole_gpu_may_be_vf(text))
			return true;
	}
	return false;
}
