// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/efi_variable.h"

#include <stdio.h>

#include "base/file.h"

#define LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES  4 // bytes that stand before the value

int efi_variable_read(const struct root *root, const char *name, char *ret, size_t size)
{
	char data[1024];
	size_t used = 0;
	ret[0] = '\0';
	int length = file_read_linef(root->sys, data, sizeof(data), "firmware/efi/efivars/%s-" LOADER_GUID, name);
	if (length < 0)
		return length;
	for (int i = ATTRIBUTES; i + 1 < length && used + 1 < size && (data[i] || data[i + 1]); i += 2)
		ret[used++] = data[i + 1] || (unsigned char)data[i] >= 0x80 ? '?' : data[i];
	ret[used] = '\0';
	return (int)used;
}
