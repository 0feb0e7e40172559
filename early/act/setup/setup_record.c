// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_record.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "base/file.h"
#include "read/proxmox/pve.h"

#define VERSION 1

static const char
	*const kinds[SETUP_KINDS] = { [SETUP_GRUB] = "grub", [SETUP_LINE] = "cmdline", [SETUP_MODULES] = "modules" };

void setup_plan_free(struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->part_count; i++)
		setup_part_free(&plan->parts[i]);
	*plan = (struct setup_plan){ .part_count = 0 };
}

void setup_plan_add(struct setup_plan *plan, const char *const *words, size_t count)
{
	struct setup_command *command = &plan->commands[plan->command_count++];
	for (size_t i = 0; i < count; i++)
		snprintf(command->words[i], sizeof(command->words[i]), "%s", words[i]);
	command->count = count;
}

//
// Texts of any bytes: each becomes the character of that number, as JSON is UTF-8
//

static json_t *bytes_json(const char *text)
{
	if (!text)
		return json_null();
	CLEANUP_FREE char *wide = malloc(2 * strlen(text) + 1);
	char *to = wide;
	for (const unsigned char *c = (const unsigned char *)text; wide && *c; c++) {
		if (*c >= 0x80)
			*to++ = (char)(0xc0 | *c >> 6);
		*to++ = (char)(*c < 0x80 ? *c : 0x80 | (*c & 0x3f));
	}
	return wide ? json_stringn(wide, (size_t)(to - wide)) : NULL;
}

// -EBADMSG for what is neither a text of such characters nor null.
static int bytes_of(const json_t *json, char **ret)
{
	*ret = NULL;
	if (json_is_null(json))
		return 0;
	if (!json_is_string(json))
		return -EBADMSG;
	const unsigned char *from = (const unsigned char *)json_string_value(json);
	char *text = strdup(json_string_value(json)), *to = text;
	for (; text && *from; from++) {
		if (*from < 0x80) {
			*to++ = (char)*from;
			continue;
		}
		if (*from > 0xc3 || (from[1] & 0xc0) != 0x80) {
			free(text);
			return -EBADMSG;
		}
		*to++ = (char)((*from & 3) << 6 | (from[1] & 0x3f));
		from++;
	}
	if (text)
		*to = '\0';
	*ret = text;
	return text ? 0 : -ENOMEM;
}

//
// To JSON
//

static json_t *part_json(const struct setup_part *part)
{
	json_t *changes = json_array(), *edits = json_array();
	for (size_t i = 0; i < part->change_count; i++)
		json_array_append_new(changes,
				      json_pack("{s:o, s:o}", "old", bytes_json(part->changes[i].old), "new",
						bytes_json(part->changes[i].new)));
	for (size_t i = 0; i < part->edit_count; i++)
		json_array_append_new(edits,
				      json_pack("{s:o, s:o, s:o}", "path", bytes_json(part->edits[i].path), "before",
						bytes_json(part->edits[i].before), "after",
						bytes_json(part->edits[i].after)));
	return json_pack("{s:s, s:o, s:o}", "kind", kinds[part->kind], "changes", changes, "edits", edits);
}

static json_t *command_json(const struct setup_command *command)
{
	json_t *words = json_array();
	for (size_t i = 0; i < command->count; i++)
		json_array_append_new(words, bytes_json(command->words[i]));
	return words;
}

static json_t *given_json(const struct setup_given *given)
{
	return json_pack("{s:i, s:i, s:o, s:b, s:i}", "vmid", (int)given->vmid, "index", (int)given->index, "value",
			 bytes_json(given->value), "hookscript", given->hookscript, "command", (int)given->command);
}

int setup_plan_print(const struct setup_plan *plan, char **ret_text)
{
	json_t *parts = json_array(), *commands = json_array(), *given = json_array();
	for (size_t i = 0; i < plan->part_count; i++)
		json_array_append_new(parts, part_json(&plan->parts[i]));
	for (size_t i = 0; i < plan->command_count; i++)
		json_array_append_new(commands, command_json(&plan->commands[i]));
	for (size_t i = 0; i < plan->given_count; i++)
		json_array_append_new(given, given_json(&plan->given[i]));
	json_t *json = json_pack("{s:i, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:o}", "version", VERSION, "undo",
				 plan->undo, "files", plan->files, "unseen", plan->unseen, "apply", plan->apply,
				 "by_esps", plan->by_esps, "commands", commands, "given", given, "parts", parts);
	*ret_text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	json_decref(json);
	return *ret_text ? 0 : -ENOMEM;
}

//
// From JSON
//

// A list; what is not there is an empty one. -EBADMSG for anything else.
static int list_of(const json_t *json, const char *key, const json_t **ret)
{
	*ret = json_object_get(json, key);
	return !*ret || json_is_array(*ret) ? 0 : -EBADMSG;
}

static int take_change(struct setup_part *part, const json_t *json)
{
	CLEANUP_FREE char *old = NULL;
	CLEANUP_FREE char *new = NULL;
	int r = bytes_of(json_object_get(json, "old"), &old);
	if (r == 0)
		r = bytes_of(json_object_get(json, "new"), &new);
	if (r < 0)
		return r;
	if (!old || !new || strlen(old) >= WORD_CHANGE_SIZE || strlen(new) >= WORD_CHANGE_SIZE ||
	    part->change_count >= CHANGES_MAX)
		return -EBADMSG;
	struct word_change *change = &part->changes[part->change_count++];
	strcpy(change->old, old);
	strcpy(change->new, new);
	return 0;
}

// A record is root's own; yet what it names is written to, so it names files of ours alone.
static bool is_good_path(const char *path)
{
	static const char *const begins[] = { "etc/default/grub", "etc/kernel/cmdline", "etc/modules" };
	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (starts_with(path, begins[i]))
			return !strstr(path, "..");
	return false;
}

static int take_edit(struct setup_part *part, const json_t *json)
{
	struct text_edit *more = realloc(part->edits, (part->edit_count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	part->edits = more;
	more = &part->edits[part->edit_count++];
	*more = (struct text_edit){ .path = NULL };
	int r = bytes_of(json_object_get(json, "path"), &more->path);
	if (r == 0)
		r = bytes_of(json_object_get(json, "before"), &more->before);
	if (r == 0)
		r = bytes_of(json_object_get(json, "after"), &more->after);
	return r < 0 ? r : more->path && is_good_path(more->path) ? 0 : -EBADMSG;
}

static int take_part(struct setup_plan *plan, const json_t *json)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	const json_t *list, *item;
	size_t i;
	int r = 0;
	enum setup_kind number = 0;
	while (kind && number < SETUP_KINDS && !streq(kind, kinds[number]))
		number++;
	if (!kind || plan->part_count >= PARTS_MAX || number == SETUP_KINDS)
		return -EBADMSG;
	struct setup_part *part = &plan->parts[plan->part_count++];
	*part = (struct setup_part){ .kind = number };
	r = list_of(json, "changes", &list);
	json_array_foreach(list, i, item) if (r == 0) r = take_change(part, item);
	if (r == 0)
		r = list_of(json, "edits", &list);
	json_array_foreach(list, i, item) if (r == 0) r = take_edit(part, item);
	return r;
}

static int take_command(struct setup_plan *plan, const json_t *json)
{
	const json_t *item;
	size_t i;
	size_t count = json_array_size(json);
	int r = plan->command_count < COMMANDS_MAX && count > 0 && count < SETUP_WORDS_MAX ? 0 : -EBADMSG;
	struct setup_command *command = r == 0 ? &plan->commands[plan->command_count++] : NULL;
	json_array_foreach(json, i, item)
	{
		CLEANUP_FREE char *word = NULL;
		if (r == 0)
			r = bytes_of(item, &word);
		if (r == 0 && (!word || strlen(word) >= SETUP_WORD_SIZE))
			r = -EBADMSG;
		if (r == 0)
			strcpy(command->words[command->count++], word);
	}
	return r;
}

static int take_given(struct setup_plan *plan, const json_t *json)
{
	CLEANUP_FREE char *value = NULL;
	json_int_t vmid = json_integer_value(json_object_get(json, "vmid")),
		   index = json_integer_value(json_object_get(json, "index"));
	json_int_t command = json_integer_value(json_object_get(json, "command"));
	int r = !json_is_integer(json_object_get(json, "index")) ? -EBADMSG
								 : bytes_of(json_object_get(json, "value"), &value);
	if (r < 0)
		return r;
	if (plan->given_count >= GIVEN_MAX || command < 0 || command > COMMANDS_MAX || vmid < 1 || vmid > VMID_MAX ||
	    index < 0 || index >= GUEST_SLOTS || !value || strlen(value) >= SETUP_WORD_SIZE)
		return -EBADMSG;
	struct setup_given *given = &plan->given[plan->given_count++];
	*given = (struct setup_given){ .vmid = (unsigned)vmid,
				       .index = (unsigned)index,
				       .command = (unsigned)command,
				       .hookscript = json_is_true(json_object_get(json, "hookscript")) };
	strcpy(given->value, value);
	return 0;
}

int setup_plan_parse(struct setup_plan *plan, const char *text)
{
	const struct {
		const char *key;
		int (*take)(struct setup_plan *plan, const json_t *json);
	} lists[] = { { "parts", take_part }, { "commands", take_command }, { "given", take_given } };
	const json_t *list, *item;
	size_t i;
	json_t *json = json_loads(text, 0, NULL);
	*plan = (struct setup_plan){ .undo = json_is_true(json_object_get(json, "undo")),
				     .files = json_is_true(json_object_get(json, "files")),
				     .unseen = json_is_true(json_object_get(json, "unseen")),
				     .apply = json_is_true(json_object_get(json, "apply")),
				     .by_esps = json_is_true(json_object_get(json, "by_esps")),
				     .decided = true };
	int r = json_integer_value(json_object_get(json, "version")) == VERSION ? 0 : -EBADMSG;
	for (size_t k = 0; k < ARRAY_SIZE(lists) && r == 0; k++) {
		r = list_of(json, lists[k].key, &list);
		json_array_foreach(list, i, item) if (r == 0) r = lists[k].take(plan, item);
	}
	json_decref(json);
	if (r < 0)
		setup_plan_free(plan);
	return r;
}

int setup_record_read(struct setup_plan *plan, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*plan = (struct setup_plan){ .part_count = 0 };
	int r = file_read_trusted(root->fs, SETUP_RECORD, RECORD_MAX, root->owner, &text, &length);
	return r == -ENOENT ? 0 : r < 0 ? r : setup_plan_parse(plan, text);
}
