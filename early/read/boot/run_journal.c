// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/run_journal.h"

#include <stdio.h>

void run_journal_file(const char *run_name, char ret[static RUN_JOURNAL_FILE_SIZE])
{
	snprintf(ret, RUN_JOURNAL_FILE_SIZE, STATE_DIR "/steps-%.*s", RUN_NAME_SIZE - 1, run_name);
}

static void take_steps(json_t *steps, json_t *more, json_int_t from)
{
	while (from >= 0 && json_array_size(steps) > (size_t)from)
		json_array_remove(steps, json_array_size(steps) - 1);
	json_array_extend(steps, more);
}

static void take_line(json_t *report, json_t *line)
{
	const char *key;
	json_t *value;
	json_object_foreach(line, key, value)
	{
		if (streq(key, "steps"))
			take_steps(json_object_get(report, key), value,
				   json_integer_value(json_object_get(line, "from")));
		else if (!streq(key, "from"))
			json_object_set(report, key, value);
	}
	if (!json_object_get(line, "current"))
		json_object_del(report, "current");
}

void run_journal_apply(json_t *report, const char *lines)
{
	const char *state = json_string_value(json_object_get(report, "state"));
	json_int_t started = json_integer_value(json_object_get(report, "started_us"));
	if (!state || !streq(state, "running"))
		return;
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		json_t *line = json_loadb(lines, length, 0, NULL);
		if (json_is_object(line) && json_integer_value(json_object_get(line, "started_us")) == started)
			take_line(report, line);
		json_decref(line);
		lines += length + (lines[length] == '\n');
	}
}

json_t *run_journal_parse(const char *text)
{
	json_error_t end;
	json_t *report = json_loads(text, JSON_DISABLE_EOF_CHECK, &end);
	if (!json_is_object(report)) {
		json_decref(report);
		return NULL;
	}
	run_journal_apply(report, text + end.position);
	return report;
}
