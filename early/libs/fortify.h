// SPDX-License-Identifier: GPL-2.0-or-later
// _FORTIFY_SOURCE for musl, whose headers have none: what is copied, printed or read into an object whose size the
// compiler knows is checked against that size, and a program that would write past it ends by abort() before it does.
// The compiler has these checks built in; musl lacks the functions that they call (fortify.c) and the declarations that
// ask for them, which are here. Each source of the binary and of its libraries includes this first.
//
// As glibc's: sizes of whole objects for memory (__builtin_object_size(to, 0)), of the member for strings (1).
// What glibc checks of a format's %n needs no check: the binary's printf() refuses it (build.sh).
#ifndef FORTIFY_H
#define FORTIFY_H

#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Says that a buffer would have been overrun, and ends the program by SIGABRT.
_Noreturn void __chk_fail(void);

#if defined(_FORTIFY_SOURCE) && _FORTIFY_SOURCE > 0 && defined(__OPTIMIZE__)

#define FORTIFIED          extern inline __attribute__((gnu_inline, always_inline, artificial))
#define OBJECT_SIZE(to)    __builtin_object_size(to, 0)
#define MEMBER_SIZE(to)    __builtin_object_size(to, 1)
#define FORTIFY_FITS(n, s) ((s) == (size_t)-1 || (size_t)(n) <= (s))

FORTIFIED void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	return __builtin___memcpy_chk(to, from, n, OBJECT_SIZE(to));
}

FORTIFIED void *memmove(void *to, const void *from, size_t n)
{
	return __builtin___memmove_chk(to, from, n, OBJECT_SIZE(to));
}

FORTIFIED void *memset(void *to, int byte, size_t n)
{
	return __builtin___memset_chk(to, byte, n, OBJECT_SIZE(to));
}

FORTIFIED char *strcpy(char *restrict to, const char *restrict from)
{
	return __builtin___strcpy_chk(to, from, MEMBER_SIZE(to));
}

FORTIFIED char *strncpy(char *restrict to, const char *restrict from, size_t n)
{
	return __builtin___strncpy_chk(to, from, n, MEMBER_SIZE(to));
}

FORTIFIED char *strcat(char *restrict to, const char *restrict from)
{
	return __builtin___strcat_chk(to, from, MEMBER_SIZE(to));
}

FORTIFIED char *strncat(char *restrict to, const char *restrict from, size_t n)
{
	return __builtin___strncat_chk(to, from, n, MEMBER_SIZE(to));
}

#ifdef _GNU_SOURCE
FORTIFIED void *mempcpy(void *restrict to, const void *restrict from, size_t n)
{
	return __builtin___mempcpy_chk(to, from, n, OBJECT_SIZE(to));
}
#endif

FORTIFIED char *stpcpy(char *restrict to, const char *restrict from)
{
	return __builtin___stpcpy_chk(to, from, MEMBER_SIZE(to));
}

FORTIFIED int vsprintf(char *restrict to, const char *restrict format, va_list args)
{
	return __builtin___vsprintf_chk(to, 1, MEMBER_SIZE(to), format, args);
}

FORTIFIED int vsnprintf(char *restrict to, size_t n, const char *restrict format, va_list args)
{
	return __builtin___vsnprintf_chk(to, n, 1, MEMBER_SIZE(to), format, args);
}

// Their arguments cannot be handed on by a function in clang.
#define sprintf(to, ...)     __builtin___sprintf_chk(to, 1, MEMBER_SIZE(to), __VA_ARGS__)
#define snprintf(to, n, ...) __builtin___snprintf_chk(to, n, 1, MEMBER_SIZE(to), __VA_ARGS__)

// What the compiler has no check for: the same function by another name, behind one.
#define UNCHECKED(type, name, ...) extern type unchecked_##name(__VA_ARGS__) __asm__(#name)

UNCHECKED(ssize_t, read, int fd, void *to, size_t n);
FORTIFIED ssize_t read(int fd, void *to, size_t n)
{
	if (!FORTIFY_FITS(n, OBJECT_SIZE(to)))
		__chk_fail();
	return unchecked_read(fd, to, n);
}

UNCHECKED(ssize_t, pread, int fd, void *to, size_t n, off_t at);
FORTIFIED ssize_t pread(int fd, void *to, size_t n, off_t at)
{
	if (!FORTIFY_FITS(n, OBJECT_SIZE(to)))
		__chk_fail();
	return unchecked_pread(fd, to, n, at);
}

UNCHECKED(ssize_t, readlink, const char *restrict path, char *restrict to, size_t n);
FORTIFIED ssize_t readlink(const char *restrict path, char *restrict to, size_t n)
{
	if (!FORTIFY_FITS(n, MEMBER_SIZE(to)))
		__chk_fail();
	return unchecked_readlink(path, to, n);
}

UNCHECKED(ssize_t, readlinkat, int dir, const char *restrict path, char *restrict to, size_t n);
FORTIFIED ssize_t readlinkat(int dir, const char *restrict path, char *restrict to, size_t n)
{
	if (!FORTIFY_FITS(n, MEMBER_SIZE(to)))
		__chk_fail();
	return unchecked_readlinkat(dir, path, to, n);
}

UNCHECKED(ssize_t, recv, int fd, void *to, size_t n, int flags);
FORTIFIED ssize_t recv(int fd, void *to, size_t n, int flags)
{
	if (!FORTIFY_FITS(n, OBJECT_SIZE(to)))
		__chk_fail();
	return unchecked_recv(fd, to, n, flags);
}

UNCHECKED(char *, getcwd, char *to, size_t n);
FORTIFIED char *getcwd(char *to, size_t n)
{
	if (!FORTIFY_FITS(n, MEMBER_SIZE(to)))
		__chk_fail();
	return unchecked_getcwd(to, n);
}

UNCHECKED(char *, fgets, char *restrict to, int n, FILE *restrict stream);
FORTIFIED char *fgets(char *restrict to, int n, FILE *restrict stream)
{
	if (!FORTIFY_FITS(n, MEMBER_SIZE(to)))
		__chk_fail();
	return unchecked_fgets(to, n, stream);
}

UNCHECKED(size_t, fread, void *restrict to, size_t size, size_t n, FILE *restrict stream);
FORTIFIED size_t fread(void *restrict to, size_t size, size_t n, FILE *restrict stream)
{
	if (OBJECT_SIZE(to) != (size_t)-1 && size && n > OBJECT_SIZE(to) / size)
		__chk_fail();
	return unchecked_fread(to, size, n, stream);
}

UNCHECKED(int, poll, struct pollfd *fds, nfds_t n, int timeout_ms);
FORTIFIED int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	if (OBJECT_SIZE(fds) != (size_t)-1 && n > OBJECT_SIZE(fds) / sizeof(*fds))
		__chk_fail();
	return unchecked_poll(fds, n, timeout_ms);
}

#endif
#endif
