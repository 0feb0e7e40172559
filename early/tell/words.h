// SPDX-License-Identifier: GPL-2.0-or-later
// The sentences of findings: one row for each cause, each part of a sentence and each step of a fix, in tables by topic
// (words_*.c).
//
// In a sentence stands for a value
//   {name}             its text, or the sentence of its part; of a list all of it, with ", " between
//   {name/ and }       a list with another text between
//   {name/, / and }    and with another one before the last
//   {name?yes|no}      one of the two, by whether it is set; "|no" may lack
//   {name:one|many}    one of the two, by whether it is 1
// with sentences inside of these in turn. {error} is what the system calls the finding's errno. Only behind '?' and ':'
// is a '|' special.
#pragma once

#include "base/finding.h"

struct words {
	enum cause cause;
	const char *name; // stable
	const char *sentence;
	const char *fix; // an imperative without an end, or NULL. Steps of the finding itself stand in its place, or
			 // for {fix} in it
};

struct word_table {
	const struct words *rows;
	size_t count;
};

// All tables; NULL behind the last.
extern const struct word_table *const word_tables[];

extern const struct word_table words_host;
extern const struct word_table words_iommu;
extern const struct word_table words_fix;
extern const struct word_table words_plan;
extern const struct word_table words_vgpus;
extern const struct word_table words_cmdline;
extern const struct word_table words_gvt;
extern const struct word_table words_host_check;
extern const struct word_table words_next;
extern const struct word_table words_sriov;

// The row of a cause; never NULL.
const struct words *words_of(enum cause cause);
// The stable name of a value, such as "address".
const char *value_name(enum value value);

// Enough for a finding's sentence and its fix.
#define SENTENCE_SIZE 2048

// What was seen; what mends it, or ""; and both with "; " between. Each is cut to its size, and returns ret.
char *finding_seen(const struct finding *finding, char *ret, size_t size);
char *finding_fix(const struct finding *finding, char *ret, size_t size);
char *finding_text(const struct finding *finding, char *ret, size_t size);
