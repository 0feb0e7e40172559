// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/whole_gpu.h"

#include <stdio.h>

void whole_gpu_add(struct whole_gpu_list *list, const char *addresses, const char *source)
{
	while (*addresses && list->count < CLAIMS_MAX) {
		struct whole_gpu *claim = &list->items[list->count];
		char address[PCI_ADDRESS_SIZE + 1];
		size_t length = strcspn(addresses, ";");
		snprintf(address, sizeof(address), "%.*s", (int)length, addresses);
		addresses += length + (addresses[length] == ';');
		if (length >= sizeof(address) || wanted_parse_device(address, claim->address) < 0)
			continue;
		snprintf(claim->source, sizeof(claim->source), "%s", source);
		list->count++;
	}
}

const struct whole_gpu *whole_gpu_on(const struct whole_gpu_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (wanted_device_has(list->items[i].address, address))
			return &list->items[i];
	return NULL;
}
