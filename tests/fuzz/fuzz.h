// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzz harnesses share.
//
// Each has a folder of inputs to start from in tests/fuzz/corpus; what ever made one fail is to be added there.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Unlike assert() it stays with -DNDEBUG.
#define CHECK(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

// The input as a string of its own; the caller frees it.
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	CHECK(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}
