// SPDX-License-Identifier: GPL-2.0-or-later
// What glibc's static archive links into this binary, though the binary cannot use it: catalogs of messages, character
// sets with the shared libraries that convert them, wide streams, floating point in scanf(), exceptions, the paths of
// dlopen(). Each name here keeps one object file of the archive out, with all that the file needs; what is called all
// the same fails as it is documented to. tests/unit/libs/test_absent.c calls it.
//
// The names are glibc's own. If something in the binary needs such a file after all, the archive's definitions stand
// beside these, and it is not linked. Weak are those that glibc 2.41 has in a file with others, of which it needs some.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>

// Declared and defined: no header has it.
#define ABSENT(type, name, ...) \
	type name(__VA_ARGS__); \
	type name(__VA_ARGS__)

// What only a wide stream calls: early/libs/absent.ld refuses a binary that could have one.
#define NEVER(name)              \
	ABSENT(void, name, void) \
	{                        \
		abort();         \
	}
#define NO_DATA(name)                    \
	extern const uintptr_t name[64]; \
	const uintptr_t name[64] = { 0 };

#define WEAK_NEVER(name)   __attribute__((weak)) NEVER(name)
#define WEAK_NO_DATA(name) __attribute__((weak)) NO_DATA(name)

// No catalog has a translation: messages stay as they are.
ABSENT(char *, __dcigettext, const char *domain, const char *one, const char *many, int plural, unsigned long n,
       int category)
{
	(void)domain, (void)category;
	return (char *)(uintptr_t)(plural && n != 1 ? many : one);
}

// No character set but the C locale's bytes: there is no wide character for them.
static size_t no_character(void)
{
	errno = EILSEQ;
	return (size_t)-1;
}
ABSENT(size_t, __mbrtowc, wchar_t *ret, const char *text, size_t size, mbstate_t *state)
{
	(void)ret, (void)text, (void)size, (void)state;
	return no_character();
}
ABSENT(size_t, __mbsrtowcs, wchar_t *ret, const char **text, size_t size, mbstate_t *state)
{
	(void)ret, (void)text, (void)size, (void)state;
	return no_character();
}
ABSENT(size_t, __wcrtomb, char *ret, wchar_t character, mbstate_t *state)
{
	(void)ret, (void)character, (void)state;
	return no_character();
}
ABSENT(size_t, __wcsrtombs, char *ret, const wchar_t **text, size_t size, mbstate_t *state)
{
	(void)ret, (void)text, (void)size, (void)state;
	return no_character();
}
// fopen() with "ccs=" fails with EINVAL then.
ABSENT(int, __wcsmbs_named_conv, void *ret, const char *name)
{
	(void)ret, (void)name;
	return -1;
}

// Streams of wide characters.
ABSENT(int, __vfwprintf_internal, FILE *stream, const wchar_t *format, va_list args, unsigned mode)
{
	(void)stream, (void)format, (void)args, (void)mode;
	errno = EINVAL;
	return -1;
}
NEVER(__wcsmbs_load_conv)
NEVER(__wcsmbs_clone_conv)
NEVER(__gconv_release_step)
NEVER(_IO_wdo_write)
WEAK_NEVER(_IO_wsetb)
WEAK_NEVER(_IO_free_wbackup_area)
WEAK_NEVER(__woverflow)
NO_DATA(__wcsmbs_gconv_fcts_c)
WEAK_NO_DATA(_IO_wfile_jumps)
WEAK_NO_DATA(_IO_wfile_jumps_mmap)
WEAK_NO_DATA(_IO_wfile_jumps_maybe_mmap)
extern int __gconv_lock[2];
int __gconv_lock[2];

// scanf() finds no number: it stops there, as where there is none.
#define NO_NUMBER(type, name)                                              \
	ABSENT(type, name, const char *text, char **ret_end, int grouping) \
	{                                                                  \
		(void)grouping;                                            \
		if (ret_end)                                               \
			*ret_end = (char *)(uintptr_t)text;                \
		return 0;                                                  \
	}
NO_NUMBER(float, __strtof_internal)
NO_NUMBER(long double, __strtold_internal)
NO_NUMBER(__float128, __strtof128_internal)

// Exceptions, and a thread that is canceled: without tables nobody could handle them (no-unwind.ld).
NEVER(_Unwind_Resume)
NEVER(__gcc_personality_v0)

// Where dlopen() would look: the binary has none.
ABSENT(void, _dl_init_paths, void)
{
}
