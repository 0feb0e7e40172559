// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/finding.h"

#include <stdarg.h>
#include <stdio.h>

// A record: the value, what follows, and then
//   TEXT: the text with its end
//   PART: the part in two bytes
//   OPEN: the part in two bytes, the joint, records, CLOSE
enum { TEXT = 1, PART, OPEN };
#define CLOSE     0
#define HEAD_SIZE 5
#define ROOM_LEFT 16 // for the ends of all that is open

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_OK] = "ok",
		[SEVERITY_HINT] = "note", // a hint, to people; reports and scripts have the older word
		[SEVERITY_WARNING] = "warning", [SEVERITY_UNKNOWN] = "unknown", [SEVERITY_FAILED] = "failed",
	};
	return names[severity];
}

void finding_make(struct finding *finding, const char *name, enum severity severity, enum cause cause)
{
	finding->name = name;
	finding->severity = severity;
	finding->cause = cause;
	finding->error = 0;
	finding->word = NULL;
	finding->item[0] = '\0';
	finding->used = 0;
	finding->depth = finding->lost = 0;
	finding->full = false;
}

static void put_head(struct finding *finding, enum value value, int kind, enum cause part)
{
	char *at = finding->values + finding->used;
	at[0] = (char)value;
	at[1] = (char)kind;
	at[2] = (char)(part >> 8);
	at[3] = (char)(part & 0xff);
}

// Whether there is room; once there is not, nothing more is added, or it would be told in the place of what lacks.
static bool has_room(struct finding *finding, size_t size)
{
	finding->full |= finding->used + size + ROOM_LEFT > sizeof(finding->values);
	return !finding->full;
}

void finding_value(struct finding *finding, enum value value, const char *format, ...)
{
	if (!has_room(finding, 3))
		return;
	char *at = finding->values + finding->used;
	size_t room = sizeof(finding->values) - ROOM_LEFT - finding->used - 2;
	va_list args;
	va_start(args, format);
	int n = vsnprintf(at + 2, room, format, args);
	va_end(args);
	if (n <= 0)
		return;
	finding->full = (size_t)n >= room;
	at[0] = (char)value;
	at[1] = TEXT;
	finding->used += 2 + strlen(at + 2) + 1;
}

void finding_flag(struct finding *finding, enum value value, bool yes)
{
	finding_value(finding, value, "%s", yes ? "yes" : "");
}

void finding_part(struct finding *finding, enum value value, enum cause part)
{
	if (part == CAUSE_NONE || !has_room(finding, HEAD_SIZE))
		return;
	put_head(finding, value, PART, part);
	finding->used += HEAD_SIZE - 1;
}

static void open_part(struct finding *finding, enum value value, enum joint joint, enum cause part)
{
	finding->depth++;
	if (finding->depth >= ROOM_LEFT || !has_room(finding, HEAD_SIZE)) {
		finding->lost++;
		return;
	}
	put_head(finding, value, OPEN, part);
	finding->values[finding->used + HEAD_SIZE - 1] = (char)joint;
	finding->used += HEAD_SIZE;
}

void finding_open(struct finding *finding, enum value value, enum cause part)
{
	open_part(finding, value, JOINT_NONE, part);
}

void finding_open_step(struct finding *finding, enum joint joint, enum cause step)
{
	open_part(finding, VALUE_FIX, joint, step);
}

void finding_close(struct finding *finding)
{
	finding->depth--;
	if (finding->lost > 0)
		finding->lost--;
	else
		finding->values[finding->used++] = CLOSE;
}

void finding_step(struct finding *finding, enum joint joint, enum cause step)
{
	finding_open_step(finding, joint, step);
	finding_close(finding);
}

static enum cause part_at(const char *at)
{
	return (enum cause)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

bool finding_next_record(const char **at, const char *end, struct finding_record *ret)
{
	const char *c = *at;
	if (c >= end || *c == CLOSE)
		return false;
	*ret = (struct finding_record){ .value = (enum value)(unsigned char)c[0], .has_part = c[1] != TEXT };
	if (c[1] == TEXT) {
		ret->text = c + 2;
		*at = c + 2 + strlen(c + 2) + 1;
		return true;
	}
	ret->part = part_at(c + 2);
	if (c[1] == PART) {
		*at = c + HEAD_SIZE - 1;
		return true;
	}
	struct finding_record inner;
	ret->joint = (enum joint)c[HEAD_SIZE - 1];
	ret->inner = ret->inner_end = c + HEAD_SIZE;
	while (finding_next_record(&ret->inner_end, end, &inner))
		continue;
	*at = ret->inner_end + 1;
	return true;
}

static bool find(const struct finding *finding, enum value value, struct finding_record *ret)
{
	const char *at = finding->values, *end = at + finding->used;
	while (finding_next_record(&at, end, ret))
		if (ret->value == value)
			return true;
	return false;
}

bool finding_has(const struct finding *finding, enum value value)
{
	struct finding_record record;
	return find(finding, value, &record);
}

const char *finding_get(const struct finding *finding, enum value value)
{
	struct finding_record record;
	return find(finding, value, &record) && !record.has_part ? record.text : "";
}

enum cause finding_part_of(const struct finding *finding, enum value value)
{
	struct finding_record record;
	return find(finding, value, &record) && record.has_part ? record.part : CAUSE_NONE;
}

void finding_wrap(struct finding *finding, const char *name, enum cause cause)
{
	finding_part(finding, VALUE_BECAUSE, finding->cause);
	finding->name = name;
	finding->cause = cause;
}

void finding_blame(struct finding *finding, const struct cmdline_word *word, const char *item)
{
	finding->word = word;
	snprintf(finding->item, sizeof(finding->item), "%s", item);
}

bool finding_equal(const struct finding *a, const struct finding *b)
{
	return streq(a->name, b->name) && a->cause == b->cause && a->error == b->error && a->used == b->used &&
		memcmp(a->values, b->values, a->used) == 0;
}
