// SPDX-License-Identifier: GPL-2.0-or-later
// One thing that was looked at, as data: what was seen is a cause with named values, and so is what mends it. The
// sentences are made of it elsewhere (words.h): nothing has to look into a text for what it means.
#pragma once

#include <stdbool.h>

#include "base/cause.h"
#include "base/util.h"

#define TEXT_SIZE 960

struct cmdline_word;

enum severity {
	SEVERITY_OK,
	SEVERITY_HINT,    // worth a line, nothing is wrong
	SEVERITY_WARNING, // something wanted is missing or a requirement is not met: degraded
	SEVERITY_UNKNOWN, // it could not be looked at
	SEVERITY_FAILED,  // no instance can be made
};

// Its word in JSON and in reports: "ok", "note", "warning", "unknown" or "failed".
const char *severity_name(enum severity severity);

// How a step of a fix follows the one before it.
enum joint {
	JOINT_COMMA,
	JOINT_AND,
	JOINT_COMMA_AND,
	JOINT_THEN,
	JOINT_OR,
	JOINT_COMMA_OR,
	JOINT_SEMICOLON,
	JOINT_COLON,
	JOINT_NONE,
	JOINTS
};

// All values of a finding together, a few bytes more for each; what is longer is cut.
#define VALUES_SIZE 1400

struct finding {
	const char *name; // stable; gvt-early-check(8) lists them
	enum severity severity;
	enum cause cause;
	int error; // an errno, 0 where there is none
	// The word of the kernel command line that has to go, NULL when there is none; it lives as long as that. Of a
	// list as its value only this item has to, where item is not "".
	const struct cmdline_word *word;
	char item[40];

	// Records, one behind the other (finding.c). Those of a part or of a step that has values of its own lie within
	// it.
	size_t used;
	unsigned depth, lost; // parts that are open; of these those for which there was no room
	bool full;
	char values[VALUES_SIZE];
};

// Begins a finding without values; name must live as long as it.
void finding_make(struct finding *finding, const char *name, enum severity severity, enum cause cause);

// Adds a value. What is "" counts as not set. A value that is set several times is a list.
void finding_value(struct finding *finding, enum value value, const char *format, ...) PRINTF(3, 4);
// A value that is a yes.
void finding_flag(struct finding *finding, enum value value, bool yes);
// A value that is a part of a sentence, told with the values of the finding.
void finding_part(struct finding *finding, enum value value, enum cause part);
// The same with values of its own, which are added until finding_close(); it sees those around it as well.
void finding_open(struct finding *finding, enum value value, enum cause part);
void finding_close(struct finding *finding);
// A step of the fix, likewise. With any the finding's fix is these steps, whatever belongs to its cause.
void finding_open_step(struct finding *finding, enum joint joint, enum cause step);
// A step without values of its own.
void finding_step(struct finding *finding, enum joint joint, enum cause step);

// Tells a finding as the reason of another one, with a name of its own: {because} is its sentence, {because-fix} its
// fix. Steps stay.
void finding_wrap(struct finding *finding, const char *name, enum cause cause);
// A word of the kernel command line is to blame. item may be "".
void finding_blame(struct finding *finding, const struct cmdline_word *word, const char *item);

bool finding_has(const struct finding *finding, enum value value);
// The first text of a value, "" when it is not set or is a part.
const char *finding_get(const struct finding *finding, enum value value);
// The part that is set as a value, CAUSE_NONE when there is none.
enum cause finding_part_of(const struct finding *finding, enum value value);
// Whether two say the same.
bool finding_equal(const struct finding *a, const struct finding *b);

// Goes through the records between two places, for who tells them. *at is the place behind the record then. False at
// the end.
struct finding_record {
	enum value value;
	bool has_part;
	enum cause part;               // where it has
	enum joint joint;              // of a step
	const char *text;              // where it has none
	const char *inner, *inner_end; // the part's own records, both NULL where it has none of its own
};
bool finding_next_record(const char **at, const char *end, struct finding_record *ret);
