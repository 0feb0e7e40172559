// SPDX-License-Identifier: GPL-2.0-or-later
// A name for a content: the same for the same bytes only. A UUID of the SHA-1 kind (RFC 4122, version 5).
#pragma once

#include <stddef.h>

#define CONTENT_ID_SIZE 37

void content_id(const char *data, size_t length, char ret[static CONTENT_ID_SIZE]);
