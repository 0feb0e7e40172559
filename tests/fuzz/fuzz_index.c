// SPDX-License-Identifier: GPL-2.0-or-later
// An index of modules, as depmod writes it and as a full disk leaves it.
#include "fuzz.h"

#include "read/host/module_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = malloc(size ? size : 1);
	memcpy(exact, data, size);
	(void)index_sound(exact, size);
	free(exact);
	return 0;
}
