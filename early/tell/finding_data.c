// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/finding_data.h"

#include "base/errno_name.h"
#include "base/json_text.h"
#include "tell/words.h"

static json_t *object_of(const char *key, const struct finding_record *record);

static json_t *value_json(const struct finding_record *record)
{
	if (!record->has_part)
		return json_text(record->text);
	return record->inner ? object_of("is", record) : json_text(words_of(record->part)->name);
}

// A second value of the same name makes a list of it.
static void add(json_t *object, const char *name, json_t *value)
{
	json_t *there = json_object_get(object, name);
	if (!there) {
		json_object_set_new(object, name, value);
		return;
	}
	if (!json_is_array(there)) {
		json_t *list = json_array();
		json_array_append(list, there);
		json_object_set_new(object, name, list);
		there = list;
	}
	json_array_append_new(there, value);
}

static void add_values(json_t *object, const char *at, const char *end)
{
	struct finding_record record;
	while (finding_next_record(&at, end, &record))
		if (record.value != VALUE_FIX)
			add(object, value_name(record.value), value_json(&record));
}

static json_t *object_of(const char *key, const struct finding_record *record)
{
	json_t *object = json_object();
	json_object_set_new(object, key, json_text(words_of(record->part)->name));
	add_values(object, record->inner, record->inner_end);
	return object;
}

void finding_add_data(json_t *object, const struct finding *finding)
{
	const char *at = finding->values, *end = at + finding->used;
	json_t *values = json_object(), *steps = json_array();
	struct finding_record record;
	add_values(values, at, end);
	while (finding_next_record(&at, end, &record))
		if (record.value == VALUE_FIX)
			json_array_append_new(steps, object_of("step", &record));
	json_object_set_new(object, "cause", json_text(words_of(finding->cause)->name));
	if (finding->error)
		json_object_set_new(object, "errno", json_text(errno_name(finding->error)));
	json_object_set_new(object, "values", values);
	json_object_set_new(object, "steps", steps);
}
