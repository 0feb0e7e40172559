// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/past_run.h"

#include <errno.h>
#include <stdio.h>

#include "base/errno_name.h"
#include "base/file.h"
#include "read/boot/run_journal.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

// A moment or a duration; whatever is no number, or below zero, is 0.
static uint64_t time_of(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	return value > 0 ? (uint64_t)value : 0;
}

static enum severity severity_of(const char *name)
{
	for (enum severity severity = SEVERITY_OK; severity < SEVERITY_FAILED; severity++)
		if (streq(name, severity_name(severity)))
			return severity;
	return SEVERITY_FAILED;
}

static struct past_run_failure failure_of(const struct past_run *past, const json_t *object)
{
	return (struct past_run_failure){
		.detail = text_of(object, "detail"),
		.cause = text_of(object, "cause"),
		.error = text_of(object, "errno"),
		.dated = json_integer_value(json_object_get(past->json, "version")) < 2,
	};
}

static bool take_steps(struct past_run *past)
{
	size_t i;
	json_t *step, *steps = json_object_get(past->json, "steps");
	past->steps = calloc(json_array_size(steps) + 1, sizeof(*past->steps));
	if (!past->steps)
		return false;
	json_array_foreach(steps, i, step)
	{
		past->steps[past->step_count++] = (struct past_run_step){
			.name = text_of(step, "name"),
			.detail = text_of(step, "detail"),
			.why = failure_of(past, step),
			.severity = severity_of(text_of(step, "result")),
			.at_us = time_of(step, "at_us"),
			.duration_us = time_of(step, "duration_us"),
		};
	}
	return true;
}

static bool take_instances(struct past_run *past)
{
	size_t i;
	json_t *one, *instances = json_object_get(past->json, "instances");
	past->instances = calloc(json_array_size(instances) + 1, sizeof(*past->instances));
	if (!past->instances)
		return false;
	json_array_foreach(instances, i, one)
	{
		past->instances[past->instance_count++] = (struct past_run_instance){
			.uuid = text_of(one, "uuid"),
			.type = text_of(one, "type"),
			.parent = text_of(one, "parent"),
			.source = text_of(one, "source"),
			.result = text_of(one, "result"),
			.detail = text_of(one, "detail"),
			.why = failure_of(past, one),
			.made_at_us = time_of(one, "made_at_us"),
		};
	}
	return true;
}

static bool take_vfs(struct past_run *past)
{
	size_t i;
	json_t *one, *vfs = json_object_get(past->json, "vfs");
	past->vfs = calloc(json_array_size(vfs) + 1, sizeof(*past->vfs));
	if (!past->vfs)
		return false;
	json_array_foreach(vfs, i, one)
	{
		past->vfs[past->vf_count++] = (struct past_run_vf){
			.address = text_of(one, "address"),
			.parent = text_of(one, "parent"),
			.source = text_of(one, "source"),
			.driver = text_of(one, "driver"),
			.result = text_of(one, "result"),
			.detail = text_of(one, "detail"),
			.why = failure_of(past, one),
		};
	}
	return true;
}

void past_run_file(const char *run_name, char ret[static PAST_RUN_FILE_SIZE])
{
	snprintf(ret, PAST_RUN_FILE_SIZE, STATE_DIR "/%.*s.json", RUN_NAME_SIZE - 1,
		 streq(run_name, COMMAND_BOOT) ? "report" : run_name);
}

static int read_file(const struct root *root, const char *run_name, char **ret_text)
{
	char file[PAST_RUN_FILE_SIZE];
	size_t length;
	past_run_file(run_name, file);
	return file_read(root->run, file, PAST_RUN_MAX, ret_text, &length);
}

// A report, with what its journal says. NULL when the text is none.
static json_t *parsed(const struct root *root, const char *run_name, const char *text)
{
	CLEANUP_FREE char *lines = NULL;
	char journal[RUN_JOURNAL_FILE_SIZE];
	size_t length;
	json_t *json = json_loads(text, 0, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		return NULL;
	}
	run_journal_file(run_name, journal);
	if (streq(text_of(json, "state"), "running") &&
	    file_read(root->run, journal, PAST_RUN_MAX, &lines, &length) == 0)
		run_journal_apply(json, lines);
	return json;
}

int past_run_load(const struct root *root, const char *run_name, json_t **ret)
{
	CLEANUP_FREE char *text = NULL;
	*ret = NULL;
	int r = read_file(root, run_name, &text);
	if (r == 0)
		*ret = parsed(root, run_name, text);
	return r;
}

// Finds a text at the top level without parsing all of the report, for which the boot would wait. It must be written as
// report.h writes it: a line for each key, and a single blank before those of the top level. False for all else.
static bool peek(const char *text, const char *key, char *ret, size_t size)
{
	char begin[64];
	snprintf(begin, sizeof(begin), "\n \"%s\": \"", key);
	const char *end = strrchr(text, '\n'), *value = strstr(text, begin);
	if (!end || !streq(end, "\n}") || !value)
		return false;
	value += strlen(begin);
	size_t length = strcspn(value, "\"\\");
	if (value[length] != '"')
		return false;
	snprintf(ret, size, "%.*s", (int)length, value);
	return true;
}

int past_run_read_text(const struct root *root, const char *run_name, const char *key, char *ret, size_t size)
{
	CLEANUP_FREE char *text = NULL;
	char state[16];
	if (read_file(root, run_name, &text) < 0)
		return -ENOENT;
	// Of a run that works the journal may know better.
	if (peek(text, "state", state, sizeof(state)) && !streq(state, "running") && peek(text, key, ret, size))
		return 0;
	json_t *json = parsed(root, run_name, text);
	if (!json)
		return -ENOENT;
	snprintf(ret, size, "%s", text_of(json, key));
	json_decref(json);
	return 0;
}

static int take(struct past_run *past)
{
	past->state = text_of(past->json, "state");
	past->result = text_of(past->json, "result");
	past->kernel = text_of(past->json, "kernel");
	past->boot_id = text_of(past->json, "boot_id");
	past->gpu = text_of(past->json, "gpu");
	past->i915_loaded_by = text_of(past->json, "i915_loaded_by");
	past->release = text_of(past->json, "release");
	past->current = text_of(json_object_get(past->json, "current"), "name");
	past->started_us = time_of(past->json, "started_us");
	past->finished_us = time_of(past->json, "finished_us");
	return take_steps(past) && take_instances(past) && take_vfs(past) ? 0 : -ENOMEM;
}

void past_run_none(struct past_run *past)
{
	*past = (struct past_run){ .json = NULL };
	past->state = past->result = past->kernel = past->boot_id = past->gpu = past->i915_loaded_by = past->release =
		past->current = "";
}

// What a newer build has written may mean anything, and what has no state is no report.
static void refuse_foreign(struct past_run *past)
{
	json_int_t version = json_integer_value(json_object_get(past->json, "version"));
	if (version <= PAST_RUN_VERSION && text_of(past->json, "state")[0])
		return;
	past->foreign = version > PAST_RUN_VERSION ? version : 0;
	json_decref(past->json);
	past->json = NULL;
}

int past_run_read(struct past_run *past, const struct root *root, const char *run_name)
{
	past_run_none(past);
	int r = past_run_load(root, run_name, &past->json);
	refuse_foreign(past);
	past->damaged = r == 0 ? !past->json : r != -ENOENT;
	return r == -ENOMEM ? r : take(past);
}

int past_run_read_of(struct past_run *past, const struct root *root, const char *run_name, const char *boot_id)
{
	int r = past_run_read(past, root, run_name);
	if (r == 0 && past->json && !(past->boot_id[0] && streq(past->boot_id, boot_id)))
		past_run_free(past);
	return r;
}

void past_run_free(struct past_run *past)
{
	free(past->steps);
	free(past->instances);
	free(past->vfs);
	json_decref(past->json);
	past_run_none(past);
}

size_t past_run_wanted(const struct past_run *past)
{
	return past->instance_count + past->vf_count;
}

static bool was_there(const char *result)
{
	return streq(result, "created") || streq(result, "existing");
}

size_t past_run_there(const struct past_run *past)
{
	size_t there = 0;
	for (size_t i = 0; i < past->instance_count; i++)
		there += was_there(past->instances[i].result);
	for (size_t i = 0; i < past->vf_count; i++)
		there += was_there(past->vfs[i].result);
	return there;
}

const struct past_run_vf *past_run_find_vf(const struct past_run *past, const char *address)
{
	for (size_t i = 0; i < past->vf_count; i++)
		if (streq(past->vfs[i].address, address))
			return &past->vfs[i];
	return NULL;
}

const struct past_run_instance *past_run_find(const struct past_run *past, const char *uuid)
{
	for (size_t i = 0; i < past->instance_count; i++)
		if (streq(past->instances[i].uuid, uuid))
			return &past->instances[i];
	return NULL;
}

const char *past_run_last_step(const struct past_run *past)
{
	return past->step_count ? past->steps[past->step_count - 1].name : "";
}

const struct past_run_failure *past_run_failed(const struct past_run *past, const char *step)
{
	for (size_t i = past->step_count; i > 0; i--)
		if (past->steps[i - 1].severity == SEVERITY_FAILED && streq(past->steps[i - 1].name, step))
			return &past->steps[i - 1].why;
	return NULL;
}

// Of version 1, the words of each cause are searched for: job_modules.c wrote them so.
bool past_run_is(const struct past_run_failure *why, const char *cause)
{
	static const struct {
		const char *cause, *words;
	} dated[] = { { CAUSE_MODULE_MISSING, "no such module" }, { CAUSE_MODULE_DAMAGED, " is damaged" } };
	if (!why || !why->dated)
		return why && streq(why->cause, cause);
	for (size_t i = 0; i < ARRAY_SIZE(dated); i++)
		if (streq(dated[i].cause, cause))
			return strstr(why->detail, dated[i].words);
	return false;
}

bool past_run_has_error(const struct past_run_failure *why, int error)
{
	if (!why || why->dated)
		return why && strstr(why->detail, strerror(error));
	return streq(why->error, errno_name(error));
}
