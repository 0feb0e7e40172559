// SPDX-License-Identifier: GPL-2.0-or-later
// The few macros that every file may use. No function of the program lives here.
#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define MIB (1024ULL * 1024ULL)

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

// Frees what a pointer of malloc's points to when it goes out of scope.
#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))
// Closes a descriptor (unless negative) when it goes out of scope.
#define CLEANUP_CLOSE __attribute__((cleanup(cleanup_close), unused)) // a lock is only held

static inline int streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline int starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
