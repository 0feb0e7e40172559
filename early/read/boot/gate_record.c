// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/gate_record.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_text.h"
#include "base/paths.h"

#define RECORD_FILE    STATE_DIR "/next-boot.json"
#define RECORD_MAX     4096
#define RECORD_VERSION 1

static void copy_text(const json_t *object, const char *key, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));
	snprintf(ret, size, "%s", text ? text : "");
}

void gate_record_read(struct gate_record *record, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*record = (struct gate_record){ .found = false };
	if (file_read(root->run, RECORD_FILE, RECORD_MAX, &text, &length) < 0)
		return;
	json_t *json = json_loadb(text, length, 0, NULL);
	const json_t *ready = json_object_get(json, "ready");
	if (json_integer_value(json_object_get(json, "version")) == RECORD_VERSION && json_is_boolean(ready)) {
		record->found = true;
		record->ready = json_is_true(ready);
		copy_text(json, "kernel", record->kernel, sizeof(record->kernel));
		copy_text(json, "finding", record->finding, sizeof(record->finding));
	}
	json_decref(json);
}

int gate_record_write(const struct gate_record *record, const struct root *root)
{
	json_t *json = json_pack("{s:i, s:b, s:o, s:o}", "version", RECORD_VERSION, "ready", record->ready, "kernel",
				 json_text(record->kernel), "finding", json_text(record->finding));
	CLEANUP_FREE char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return -ENOMEM;
	if (mkdirat(root->run, STATE_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	return file_replace(root->run, RECORD_FILE, text, strlen(text), 0644);
}

void gate_record_remove(const struct root *root)
{
	(void)unlinkat(root->run, RECORD_FILE, 0);
}
