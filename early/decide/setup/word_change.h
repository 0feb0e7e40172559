// SPDX-License-Identifier: GPL-2.0-or-later
// The words of a kernel command line as one text, each ended by a newline, so that two command lines can be compared
// and one be changed as it should become. Behind a line "--" stand those for init. Pure.
#pragma once

#include <stdbool.h>

#include "base/util.h"

#define WORD_CHANGE_SIZE 160 // NEAR_MISS_RIGHT_SIZE

// The words "old", with one blank between them, become the words "new". Without old they are added, without new they
// go.
struct word_change {
	char old[WORD_CHANGE_SIZE], new[WORD_CHANGE_SIZE];
};

// The words of a line. NULL when out of memory or when the line is too long.
char *words_of_line(const char *line);

// How many bytes of it are those for the kernel.
size_t words_kernel_part(const char *words);

// Whether a command line has words side by side, for the kernel; and how many times.
bool words_have(const char *words, const char *word);
size_t words_count(const char *words, const char *word);

// What all changes that add nothing make of them: the caller's to free, NULL when out of memory. *ret_missing is the
// first change whose old words are not there, or NULL.
char *words_change(const char *words, const struct word_change *changes, size_t count,
		   const struct word_change **ret_missing);

// Whether words are those that are expected and, for the kernel and at any place, those that the changes add; nothing
// else.
bool words_are(const char *words, const char *expected, const struct word_change *changes, size_t count);
