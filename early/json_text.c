// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_text.h"

#include <stdio.h>

#include "util.h"

json_t *json_text(const char *value)
{
	json_t *json = json_string(value);
	if (json)
		return json;
	CLEANUP_FREE char *clean = strdup(value);
	for (char *c = clean; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return json_string(clean ? clean : "");
}

void json_print(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(json);
}
