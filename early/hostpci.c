// SPDX-License-Identifier: GPL-2.0-or-later
#include "hostpci.h"

#include <errno.h>
#include <stdio.h>

static bool is_boolean(const char *text)
{
	return pve_parse_boolean(text) >= 0;
}

static bool is_host(const char *text)
{
	return pve_is_address_list(text, false);
}

static bool is_romfile(const char *text)
{
	return !strchr(text, ';');
}

static bool is_mdev(const char *text)
{
	return !strpbrk(text, "/.:");
}

static bool is_id_override(const char *text)
{
	return starts_with(text, "0x") && strspn(text + 2, "0123456789abcdefABCDEF") == 4 && strlen(text) == 6;
}

static bool is_driver(const char *text)
{
	return streq(text, "vfio") || streq(text, "keep");
}

static const struct {
	const char *key;
	bool (*valid)(const char *text);
	const char *why;
} keys[] = {
	{ "host", is_host, "'host' is not a list of PCI addresses in lower case" },
	{ "mapping", pve_is_id, "'mapping' is not the name of a mapping" },
	{ "mdev", is_mdev, "'mdev' is not the name of a type" },
	{ "driver", is_driver, "'driver' is neither vfio nor keep" },
	{ "legacy-igd", is_boolean, "'legacy-igd' is not a boolean" },
	{ "rombar", is_boolean, "'rombar' is not a boolean" },
	{ "pcie", is_boolean, "'pcie' is not a boolean" },
	{ "x-vga", is_boolean, "'x-vga' is not a boolean" },
	{ "romfile", is_romfile, "'romfile' has a semicolon" },
	{ "vendor-id", is_id_override, "'vendor-id' is not of the form 0x1234" },
	{ "device-id", is_id_override, "'device-id' is not of the form 0x1234" },
	{ "sub-vendor-id", is_id_override, "'sub-vendor-id' is not of the form 0x1234" },
	{ "sub-device-id", is_id_override, "'sub-device-id' is not of the form 0x1234" },
};

// Keys that are not listed pass: they are those of a newer Proxmox VE. (Its own interfaces let no other in.)
static const char *find_fault(const struct pve_properties *list)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = pve_property(list, keys[i].key);
		if (value && !keys[i].valid(value))
			return keys[i].why;
	}
	return NULL;
}

static void take_text(const struct pve_properties *list, const char *key, char *ret, size_t size)
{
	const char *value = pve_property(list, key);
	snprintf(ret, size, "%s", value ? value : "");
}

int hostpci_parse(struct hostpci *hostpci, const char *text, unsigned line, const char **ret_why)
{
	char parts[HOSTPCI_SIZE];
	struct pve_properties list;
	if (strlen(text) >= sizeof(parts)) {
		*ret_why = "it is too long";
		return -EINVAL;
	}
	strcpy(parts, text);
	if (pve_parse_properties(&list, parts, "host") < 0) {
		*ret_why = "it is not a list of KEY=VALUE";
		return -EINVAL;
	}
	*ret_why = find_fault(&list);
	if (*ret_why)
		return -EINVAL;

	*hostpci = (struct hostpci){ .line = line };
	strcpy(hostpci->text, text);
	take_text(&list, "host", hostpci->host, sizeof(hostpci->host));
	take_text(&list, "mapping", hostpci->mapping, sizeof(hostpci->mapping));
	take_text(&list, "mdev", hostpci->mdev, sizeof(hostpci->mdev));
	const char *driver = pve_property(&list, "driver"), *igd = pve_property(&list, "legacy-igd");
	hostpci->keep = driver && streq(driver, "keep");
	hostpci->legacy_igd = igd && pve_parse_boolean(igd) == 1;
	const char *primary = pve_property(&list, "x-vga");
	hostpci->primary = primary && pve_parse_boolean(primary) == 1;
	return 0;
}

const char *hostpci_hopeless(const struct hostpci *hostpci)
{
	if (hostpci->host[0] && hostpci->mapping[0])
		return "it has both 'host' and 'mapping'";
	if (!hostpci->host[0] && !hostpci->mapping[0])
		return "it has neither 'host' nor 'mapping'";
	if (hostpci->legacy_igd)
		return "'legacy-igd' and 'mdev' exclude each other";
	if (strchr(hostpci->host, ';'))
		return "'mdev' goes with one PCI function only";
	return NULL;
}
