// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/hostpci.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define BLANKS " \t\r\f\v"

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

static size_t find_key(const char *key)
{
	size_t i = 0;
	while (i < ARRAY_SIZE(keys) && !streq(keys[i].key, key))
		i++;
	return i;
}

// What a key that does not exist was meant to be: written in capitals, or behind a blank. NULL when it is nothing of
// that.
static const char *meant_by(const char *key)
{
	key += strspn(key, BLANKS);
	size_t length = strcspn(key, BLANKS);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].key) == length && strncasecmp(keys[i].key, key, length) == 0 &&
		    !key[length + strspn(key + length, BLANKS)])
			return keys[i].key;
	return NULL;
}

// "driver" came with qemu-server 9.0.25.
static bool is_too_new(const char *key, const struct pve_versions *versions)
{
	return streq(key, "driver") && pve_version_before(versions ? versions->qemu_server : 0, PVE_VERSION(9, 0, 25));
}

static bool check_key(const struct pve_property *property, const struct pve_versions *versions,
		      char ret_why[static HOSTPCI_WHY_SIZE])
{
	size_t i = find_key(property->key);
	const char *meant = meant_by(property->key);
	if (i < ARRAY_SIZE(keys) && is_too_new(property->key, versions))
		snprintf(ret_why, HOSTPCI_WHY_SIZE, "this release does not know the key '%s'", property->key);
	else if (i < ARRAY_SIZE(keys) && !keys[i].valid(property->value))
		snprintf(ret_why, HOSTPCI_WHY_SIZE, "%s", keys[i].why);
	else if (i < ARRAY_SIZE(keys))
		return true;
	else if (meant)
		snprintf(ret_why, HOSTPCI_WHY_SIZE,
			 "there is no key '%.40s', write '%s' without blanks and in lower case", property->key, meant);
	else
		snprintf(ret_why, HOSTPCI_WHY_SIZE, "there is no key '%.60s'", property->key);
	return false;
}

// Copies a value; false when it does not fit.
static bool take_text(const struct pve_properties *list, const char *key, char *ret, size_t size)
{
	const char *value = pve_property(list, key);
	int n = snprintf(ret, size, "%s", value ? value : "");
	return n >= 0 && (size_t)n < size;
}

static bool is_on(const struct pve_properties *list, const char *key)
{
	const char *value = pve_property(list, key);
	return value && pve_parse_boolean(value) == 1;
}

int hostpci_parse(struct hostpci *hostpci, const char *text, unsigned line, const struct pve_versions *versions,
		  char ret_why[static HOSTPCI_WHY_SIZE])
{
	CLEANUP_FREE char *parts = strdup(text);
	struct pve_properties list;
	if (!parts)
		return -ENOMEM;
	if (pve_parse_properties(&list, parts, "host") < 0) {
		snprintf(ret_why, HOSTPCI_WHY_SIZE, "it is not a list of KEY=VALUE, each key once");
		return -EINVAL;
	}
	for (size_t i = 0; i < list.count; i++)
		if (!check_key(&list.items[i], versions, ret_why))
			return -EINVAL;

	*hostpci = (struct hostpci){ .line = line };
	snprintf(hostpci->text, sizeof(hostpci->text), "%s", text);
	if (!take_text(&list, "host", hostpci->host, sizeof(hostpci->host)) ||
	    !take_text(&list, "mapping", hostpci->mapping, sizeof(hostpci->mapping)) ||
	    !take_text(&list, "mdev", hostpci->mdev, sizeof(hostpci->mdev))) {
		snprintf(ret_why, HOSTPCI_WHY_SIZE, "it is longer than gvt-early can read");
		return -EINVAL;
	}
	const char *driver = pve_property(&list, "driver");
	hostpci->keep = driver && streq(driver, "keep");
	hostpci->legacy_igd = is_on(&list, "legacy-igd");
	hostpci->pcie = is_on(&list, "pcie");
	hostpci->primary = is_on(&list, "x-vga");
	return 0;
}

const char *hostpci_hopeless(const struct hostpci *hostpci)
{
	if (hostpci->host[0] && hostpci->mapping[0])
		return "it has both 'host' and 'mapping'";
	if (!hostpci->host[0] && !hostpci->mapping[0])
		return "it has neither 'host' nor 'mapping'";
	if (hostpci->mdev[0] && hostpci->legacy_igd)
		return "'legacy-igd' and 'mdev' exclude each other";
	if (hostpci->mdev[0] && strchr(hostpci->host, ';'))
		return "'mdev' allows only one PCI function";
	return NULL;
}
