// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel log, as far as it can say why there are no vGPUs.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"

#define KERNEL_LOG     "kmsg" // below /dev: one record a line, "PRIORITY,NUMBER,TIME,FLAGS;MESSAGE"
#define KERNEL_LOG_MAX (4 * 1024 * 1024)

struct kernel_log {
	bool found;      // it could be read
	char *messages;  // one a line, oldest first, without the record's prefix: those that matter only
	uint64_t *times; // of each of them, in microseconds since the kernel started
	char about[16];  // the PCI address of the GPU that is of interest: what names another function is not found; ""
			 // for any
};

// Reads it. Returns a negative errno only when out of memory.
MUST_CHECK int kernel_log_read(struct kernel_log *log, const struct root *root);
void kernel_log_free(struct kernel_log *log);

// Takes a log's text apart, as kernel_log_read() does.
MUST_CHECK int kernel_log_parse(struct kernel_log *log, const char *text);

// Whether a message is about the GPU, its drivers, modules or the IOMMU.
bool kernel_log_matters(const char *message);

// The last message that has a part, cut to size; false when there is none. A part that ends with a newline is the
// message's end.
bool kernel_log_last(const struct kernel_log *log, const char *part, char *ret, size_t size);
// The same, of those that came later than a moment.
bool kernel_log_last_since(const struct kernel_log *log, const char *part, uint64_t since_us, char *ret, size_t size);
// The same as the first with one of several parts.
bool kernel_log_last_of(const struct kernel_log *log, const char *const *parts, size_t count, char *ret, size_t size);
