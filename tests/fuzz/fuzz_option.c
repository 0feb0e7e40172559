// SPDX-License-Identifier: GPL-2.0-or-later
// The options of a module, as modprobe.d gives them.
#include "fuzz.h"

#include "read/host/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parameters[] = { "enable_gvt", "ids", "a", "" };
	char *text = text_of(data, size);
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		size_t length = 0;
		const char *value = module_option_value(text, parameters[i], &length);
		if (value)
			CHECK(value >= text && value + length <= text + strlen(text));
	}
	free(text);
	return 0;
}
