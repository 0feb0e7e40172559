// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/pci_function.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"

#define DEVICES "bus/pci/devices"

static void read_attribute(const struct root *root, const char *address, const char *name, char *ret, size_t size)
{
	if (file_read_linef(root->sys, ret, size, DEVICES "/%s/%s", address, name) <= 0)
		ret[0] = '\0';
	if (starts_with(ret, "0x"))
		memmove(ret, ret + 2, strlen(ret + 2) + 1);
}

static void read_id(const struct root *root, const char *address, const char *vendor, const char *device,
		    char ret[static PCI_ID_SIZE])
{
	char one[8], other[8];
	read_attribute(root, address, vendor, one, sizeof(one));
	read_attribute(root, address, device, other, sizeof(other));
	ret[0] = '\0';
	if (one[0] && other[0])
		snprintf(ret, PCI_ID_SIZE, "%.4s:%.4s", one, other);
}

void pci_function_read(struct pci_function *function, const struct root *root, const char *address)
{
	*function = (struct pci_function){ .found = false };
	function->found = file_existsf(root->sys, DEVICES "/%s", address);
	if (!function->found)
		return;
	read_id(root, address, "vendor", "device", function->id);
	read_id(root, address, "subsystem_vendor", "subsystem_device", function->subsystem);
	function->mdev = file_existsf(root->sys, DEVICES "/%s/mdev_supported_types", address);
	if (file_link_namef(root->sys, function->group, sizeof(function->group), DEVICES "/%s/iommu_group", address) <
	    0)
		function->group[0] = '\0';
}

int pci_addresses_read(struct pci_addresses *list, const struct root *root)
{
	*list = (struct pci_addresses){ .count = 0 };
	if (root_is_chroot(root))
		return 0;
	int count = dir_names(root->sys, DEVICES, &list->names);
	if (count > 0)
		list->count = (size_t)count;
	return count == -ENOMEM ? count : 0;
}

// SysFSTools.pm, lspci: ^(0000:)?ADDRESS
static bool begins_with(const char *name, const char *written)
{
	return starts_with(name, written) ||
		(starts_with(name, "0000:") && starts_with(name + strlen("0000:"), written));
}

size_t pci_addresses_match(const struct pci_addresses *list, const char *written, const char **ret_first)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++)
		if (begins_with(list->names[i], written) && count++ == 0 && ret_first)
			*ret_first = list->names[i];
	return count;
}
