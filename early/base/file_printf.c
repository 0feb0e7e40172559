// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

// Formats a path. PATH_MAX is the kernel's own limit: it opens no longer path.
static int PRINTF(2, 0) print_path(char path[static PATH_MAX], const char *format, va_list args)
{
	int length = vsnprintf(path, PATH_MAX, format, args);
	return length < 0 ? -EINVAL : length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

// Declares path and r, and formats the arguments after the parameter `format` into path.
#define FORMAT_PATH(format)                     \
	char path[PATH_MAX];                    \
	va_list args;                           \
	va_start(args, format);                 \
	int r = print_path(path, format, args); \
	va_end(args)

int file_read_linef(int dir, char *buffer, size_t size, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_read_line(dir, path, buffer, size);
}

int file_readf(int dir, size_t max, char **ret_text, size_t *ret_length, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_read(dir, path, max, ret_text, ret_length);
}

long file_read_numberf(int dir, const char *format, ...)
{
	char text[32], *end = text;
	FORMAT_PATH(format);
	if (r == 0)
		r = file_read_line(dir, path, text, sizeof(text));
	if (r < 0)
		return r;
	errno = 0;
	long number = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : -1;
	return number < 0 || *end ? -EBADMSG : errno ? -ERANGE : number;
}

bool file_existsf(int dir, const char *format, ...)
{
	FORMAT_PATH(format);
	return r == 0 && file_exists(dir, path);
}

int file_linkf(int dir, char *buffer, size_t size, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_link(dir, path, buffer, size);
}

int file_link_namef(int dir, char *buffer, size_t size, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_link_name(dir, path, buffer, size);
}

int file_inodef(int dir, uint64_t *ret_number, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_inode(dir, path, ret_number);
}

int file_writef(int dir, const char *data, size_t length, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : file_write(dir, path, data, length);
}

int dir_namesf(int dir, char ***ret_names, const char *format, ...)
{
	FORMAT_PATH(format);
	return r < 0 ? r : dir_names(dir, path, ret_names);
}
