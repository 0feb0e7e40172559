// SPDX-License-Identifier: GPL-2.0-or-later
// A message of udev. The first bit of the input chooses whether a right header is put before it, behind which it is all
// properties: by itself the fuzzer finds that late.
#include "fuzz.h"

#include "act/udev_wait.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t header[24] = { 'l',  'i',  'b',  'u', 'd', 'e', 'v', 0, 0xfe,
					    0xed, 0xca, 0xfe, 24,  0,   0,   0,   24 };
	if (size == 0)
		return 0;
	size_t before = data[0] & 1 ? sizeof(header) : 0;
	size_t length = before + size - 1;
	char *message = malloc(length ? length : 1);
	CHECK(message);
	if (before) {
		uint32_t properties = (uint32_t)(size - 1);
		memcpy(message, header, sizeof(header));
		memcpy(message + 20, &properties, sizeof(properties));
	}
	if (size > 1)
		memcpy(message + before, data + 1, size - 1);
	bool result = udev_message_is_for(message, length, "0000:00:02.0");
	// What it says yes to holds both.
	CHECK(!result ||
	      (memmem(message, length, "SUBSYSTEM=pci", 13) && memmem(message, length, "/0000:00:02.0", 13)));
	free(message);
	return 0;
}
