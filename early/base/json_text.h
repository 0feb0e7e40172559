// SPDX-License-Identifier: GPL-2.0-or-later
// Text from outside as a JSON string.
#pragma once

#include <jansson.h>

// A new reference, never NULL unless out of memory. Bytes that are no UTF-8 become '?': jansson would refuse the text,
// and with it the object that it belongs to. To be used for all that is not a literal.
json_t *json_text(const char *value);

// The same, but null for a text that is not known: "".
json_t *json_text_or_null(const char *value);

// Prints an object on standard output, and gives its reference back. Control characters are escaped, all that JSON does
// not want escaped included; so are characters beyond ASCII where the locale's character set is not UTF-8.
void json_print(json_t *json);
