// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/output.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/plain.h"

// kernel/printk/printk.c: a write to /dev/kmsg of more than LOG_LINE_MAX (1024 - prefix) bytes is refused.
#define LINE_MAX_BYTES 960

static int kernel_dev = -1;
static bool debug_wanted, quiet_wanted;

void log_to_kernel(int dev)
{
	kernel_dev = dev;
}

void log_set_debug(bool debug)
{
	debug_wanted = debug;
}

void log_set_quiet(bool quiet)
{
	quiet_wanted = quiet;
}

// Opened anew for each line: the kernel allows 10 lines in 5 s for each open file (printk.devkmsg=ratelimit).
static bool to_kernel(int level, const char *text)
{
	if (kernel_dev < 0)
		return false;
	CLEANUP_CLOSE int fd = openat(kernel_dev, "kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	char record[LINE_MAX_BYTES + 64];
	int n = snprintf(record, sizeof(record), "<%d>gvt-early: %s\n", level, text);
	return write(fd, record, (size_t)n) == n;
}

void log_line(int level, const char *format, ...)
{
	if ((level == LOG_DEBUG && !debug_wanted) || (level > LOG_WARNING && quiet_wanted))
		return;

	char any[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(any, sizeof(any), format, args);
	va_end(args);
	plain_line(any, plain_locale_is_utf8(), text, sizeof(text));
	if (!to_kernel(level, text))
		fprintf(error_stream(), "gvt-early: %s\n", text);
}
