// SPDX-License-Identifier: GPL-2.0-or-later
// One thing that was looked at: what was seen, and if something is wrong, what mends it.
#pragma once

#include "base/util.h"

#define TEXT_SIZE 960

struct cmdline_word;

enum severity {
	SEVERITY_OK,
	SEVERITY_NOTE,    // worth a line, nothing is wrong
	SEVERITY_WARNING, // something wanted is missing or a requirement is not met: degraded
	SEVERITY_UNKNOWN, // it could not be looked at
	SEVERITY_FAILED,  // no instance can be made
};

// "ok", "note", "warning", "unknown" or "failed".
const char *severity_name(enum severity severity);

// In the text of finding_set(): what follows is the cure.
#define CURE "\001"

// The name is stable; the text is one sentence that names what was seen and, if something is wrong, the cure.
struct finding {
	const char *name;
	enum severity severity;
	char text[TEXT_SIZE];
	size_t cure; // where in text the cure begins; 0 when there is none
	// The word of the kernel command line that has to go, NULL when there is none; it lives as long as that. Of a list as its value
	// only this item has to, where item is not "".
	const struct cmdline_word *word;
	char item[40];
};

// Sets all of it; of CURE in what comes out the first counts, and becomes "; " in the text.
void finding_set(struct finding *finding, const char *name, enum severity severity, const char *format, ...) PRINTF(4, 5);
// Behind that: a word of the kernel command line is to blame. item may be "".
void finding_blame(struct finding *finding, const struct cmdline_word *word, const char *item);

// The text without the cure.
void finding_seen(const struct finding *finding, char *ret, size_t size);
// The cure, "" when there is none.
const char *finding_cure(const struct finding *finding);
