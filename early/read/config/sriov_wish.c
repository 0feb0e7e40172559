// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/sriov_wish.h"

#include <errno.h>
#include <stdio.h>

#include "read/proxmox/pve.h"

const struct sriov_wish sriov_wish_default = { .fair = true };

const struct sriov_wish *sriov_wish_for(const struct sriov_wish_list *list, const char *address, bool is_default)
{
	const struct sriov_wish *unnamed = &sriov_wish_default;
	for (size_t i = 0; i < list->count; i++) {
		const struct sriov_wish *wish = &list->items[i];
		if (streq(wish->device, address))
			return wish;
		if (!wish->device[0] && is_default)
			unnamed = wish;
	}
	return unnamed;
}

unsigned sriov_wish_count(const struct sriov_wish *wish)
{
	unsigned highest = wish->host ? 64 - (unsigned)__builtin_clzll(wish->host) : 0;
	return highest > wish->vfs ? highest : wish->vfs;
}

bool sriov_wish_keeps(const struct sriov_wish *wish, unsigned number)
{
	return number >= 1 && number <= SRIOV_VFS_MAX && (wish->host >> (number - 1)) & 1;
}

int sriov_wish_add(struct sriov_wish_list *list, const struct sriov_wish *wish, const struct sriov_wish **ret_other)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].device, wish->device)) {
			*ret_other = &list->items[i];
			return -EEXIST;
		}
	if (list->count >= SRIOV_WISHES_MAX)
		return -ENOSPC;
	list->items[list->count++] = *wish;
	return 0;
}

int sriov_wish_parse_numbers(const char *text, uint64_t *ret_bits)
{
	static const char between[] = " \t,";
	uint64_t bits = 0;
	for (;;) {
		char word[16];
		unsigned number;
		text += strspn(text, between);
		size_t length = strcspn(text, between);
		if (length == 0)
			break;
		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		int r = length < sizeof(word) ? pve_parse_number(word, 1, SRIOV_VFS_MAX, &number) : -EINVAL;
		if (r < 0)
			return r;
		bits |= (uint64_t)1 << (number - 1);
		text += length;
	}
	*ret_bits = bits;
	return 0;
}
