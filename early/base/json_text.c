// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/output.h"
#include "base/json_text.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/plain.h"
#include "base/util.h"

json_t *json_text(const char *value)
{
	json_t *json = json_string(value);
	if (json)
		return json;
	CLEANUP_FREE char *clean = strdup(value);
	for (char *c = clean; c && *c;) {
		int n = plain_character(c, strlen(c));
		if (n <= 0)
			*c = '?';
		c += n > 0 ? n : 1;
	}
	return json_string(clean ? clean : "");
}

// What is harmless in JSON and not on a terminal: DEL, and C1 as U+0080 to U+009F.
static int print_escaped(const char *data, size_t length, void *unused)
{
	(void)unused;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)data[i], next = i + 1 < length ? (unsigned char)data[i + 1] : 0;
		bool c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;
		if (byte == 0x7f || c1)
			fprintf(output_stream(), "\\u00%02x", c1 ? next : byte);
		else
			putc(byte, output_stream());
		i += c1;
	}
	return ferror(output_stream()) ? -1 : 0;
}

json_t *json_text_or_null(const char *value)
{
	return value[0] ? json_text(value) : json_null();
}

void json_print(json_t *json)
{
	(void)json_dump_callback(json, print_escaped, NULL,
				 JSON_INDENT(1) | (plain_locale_is_utf8() ? 0 : JSON_ENSURE_ASCII));
	putc('\n', output_stream());
	json_decref(json);
}
