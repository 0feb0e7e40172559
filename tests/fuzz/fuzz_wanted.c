// SPDX-License-Identifier: GPL-2.0-or-later
// UUIDs, types and parents from outside: what passes is safe in a path, and its own normal form.
#include "fuzz.h"

#include "read/config/wanted.h"

static void check_safe(const char *text, size_t size)
{
	size_t length = strnlen(text, size);
	CHECK(length > 0 && length < size);
	CHECK(text[0] != '.' && text[0] != '-');
	CHECK(strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_:.") == length);
	CHECK(!strstr(text, ".."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	char uuid[UUID_SIZE], type[TYPE_NAME_SIZE], parent[PCI_ADDRESS_SIZE], again[TYPE_NAME_SIZE];
	if (wanted_parse_uuid(text, uuid) == 0) {
		check_safe(uuid, sizeof(uuid));
		CHECK(strlen(text) == strlen(uuid) && strcasecmp(text, uuid) == 0);
		CHECK(wanted_parse_uuid(uuid, again) == 0 && streq(uuid, again));
	}
	if (wanted_parse_type(text, type) == 0) {
		check_safe(type, sizeof(type));
		CHECK(streq(text, type) && !strpbrk(type, ":."));
	}
	if (wanted_parse_parent(text, parent) == 0) {
		check_safe(parent, sizeof(parent));
		CHECK(wanted_parse_parent(parent, again) == 0 && streq(parent, again));
	}
	free(text);
	return 0;
}
