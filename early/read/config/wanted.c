// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/wanted.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <uuid/uuid.h>

#include "read/proxmox/pve.h"

void wanted_free(struct wanted_list *list)
{
	free(list->items);
	*list = (struct wanted_list){ 0 };
}

// Whole UUIDs. Those that somebody numbers, as the guests' are, differ at the end alone, which is looked at first.
static bool same_uuid(const char *one, const char *other)
{
	const size_t end = UUID_SIZE - 1 - sizeof(uint64_t);
	return memcmp(one + end, other + end, sizeof(uint64_t)) == 0 && streq(one, other);
}

int wanted_add(struct wanted_list *list, const struct wanted *item, const struct wanted **ret_other)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_uuid(list->items[i].uuid, item->uuid)) {
			*ret_other = &list->items[i];
			return -EEXIST;
		}
	if (list->count >= WANTED_MAX)
		return -ENOSPC;
	// There is room for a power of two.
	if ((list->count & (list->count - 1)) == 0) {
		struct wanted *items = realloc(list->items, (list->count ? 2 * list->count : 1) * sizeof(*items));
		if (!items)
			return -ENOMEM;
		list->items = items;
	}
	list->items[list->count] = *item;
	list->count++;
	return 0;
}

int wanted_parse_uuid(const char *text, char ret_uuid[static UUID_SIZE])
{
	uuid_t uuid;
	if (strlen(text) != UUID_SIZE - 1 || uuid_parse(text, uuid) < 0)
		return -EINVAL;
	uuid_unparse_lower(uuid, ret_uuid);
	return 0;
}

int wanted_parse_type(const char *text, char ret_type[static TYPE_NAME_SIZE])
{
	size_t length = strlen(text);
	if (length == 0 || length >= TYPE_NAME_SIZE || !isalnum((unsigned char)text[0]))
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
			return -EINVAL;
	memcpy(ret_type, text, length + 1);
	return 0;
}

// Takes up to max hexadecimal digits followed by the delimiter.
static bool take_hex(const char **text, int min, int max, char delimiter, unsigned *ret_value)
{
	int digits = 0;
	unsigned value = 0;
	while (digits < max && isxdigit((unsigned char)(*text)[digits])) {
		char c = (char)tolower((unsigned char)(*text)[digits]);
		value = value * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		digits++;
	}
	if (digits < min || (*text)[digits] != delimiter)
		return false;
	*text += digits + (delimiter != '\0');
	*ret_value = value;
	return true;
}

int wanted_parse_parent(const char *text, char ret_parent[static PCI_ADDRESS_SIZE])
{
	unsigned domain = 0, bus, slot, function;
	const char *rest = text;
	if (!take_hex(&rest, 4, 8, ':', &domain)) {
		rest = text;
		domain = 0;
	}
	if (!take_hex(&rest, 2, 2, ':', &bus) || !take_hex(&rest, 2, 2, '.', &slot) ||
	    !take_hex(&rest, 1, 1, '\0', &function) || slot > 0x1f || function > 7)
		return -EINVAL;
	int n = snprintf(ret_parent, PCI_ADDRESS_SIZE, "%04x:%02x:%02x.%x", domain, bus, slot, function);
	return n < PCI_ADDRESS_SIZE ? 0 : -EINVAL;
}

int wanted_parse_device(const char *text, char ret_device[static PCI_ADDRESS_SIZE])
{
	char with_function[PCI_ADDRESS_SIZE + 2];
	if (strchr(text, '.'))
		return wanted_parse_parent(text, ret_device);
	int n = snprintf(with_function, sizeof(with_function), "%s.0", text);
	if (n < 0 || (size_t)n >= sizeof(with_function) || wanted_parse_parent(with_function, ret_device) < 0)
		return -EINVAL;
	*strrchr(ret_device, '.') = '\0';
	return 0;
}

bool wanted_device_has(const char *device, const char *address)
{
	size_t length = strlen(device);
	return strncmp(address, device, length) == 0 &&
		(address[length] == '\0' || (address[length] == '.' && !strchr(device, '.')));
}

void wanted_guest_uuid(unsigned vmid, unsigned index, char ret_uuid[static UUID_SIZE])
{
	snprintf(ret_uuid, UUID_SIZE, "%08u-0000-0000-0000-%012u", index % 100000000U, vmid);
}

bool wanted_is_guest(const char *uuid, unsigned *ret_vmid, unsigned *ret_index)
{
	char again[UUID_SIZE];
	unsigned long index = strtoul(uuid, NULL, 10);
	unsigned long vmid = strlen(uuid) == UUID_SIZE - 1 ? strtoul(uuid + UUID_SIZE - 1 - 12, NULL, 10) : 0;
	if (vmid < VMID_MIN || vmid > VMID_MAX || index >= GUEST_SLOTS)
		return false;
	wanted_guest_uuid((unsigned)vmid, (unsigned)index, again);
	if (!streq(uuid, again))
		return false;
	*ret_vmid = (unsigned)vmid;
	*ret_index = (unsigned)index;
	return true;
}

void source_shown(const char *file, char *ret, size_t size)
{
	snprintf(ret, size, "%s", file);
	for (char *c = ret; *c; c++)
		if (*c < ' ' || *c > '~' || *c == ';') // ';' begins a comment
			*c = '?';
	for (size_t length = strlen(ret); length > 0 && ret[length - 1] == ' '; length--)
		ret[length - 1] = '\0'; // nor are blanks at a line's end read again
}
