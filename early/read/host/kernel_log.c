// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/kernel_log.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/file.h"

bool kernel_log_matters(const char *message)
{
	static const char *const parts[] = { "i915",
					     "gvt",
					     "kvmgt",
					     "MDEV",
					     "mdev",
					     "vfio",
					     "DMAR",
					     "iommu",
					     "IOMMU",
					     "kvm:",
					     "Lockdown",
					     "ockdown",
					     "unsigned module",
					     "Loading of",
					     "VMX",
					     "kernel on Xen",
					     "module verification",
					     "Unknown symbol",
					     "disagrees about",
					     "xe 0000:",
					     "xe: ",
					     "SR-IOV",
					     "VF BAR",
					     " VFs" };
	// Always there, and harmless: the driver falls back to what the hardware says.
	if (strstr(message, "golden_hw_state"))
		return false;
	if (starts_with(message, "Command line:") || starts_with(message, "Kernel command line:") ||
	    starts_with(message, "gvt-early"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(message, parts[i]))
			return true;
	return false;
}

// The third number of a record's prefix, "PRIORITY,NUMBER,TIME,FLAGS"; 0 when it has none.
static uint64_t time_of(const char *record, const char *end)
{
	const char *comma = memchr(record, ',', (size_t)(end - record));
	comma = comma ? memchr(comma + 1, ',', (size_t)(end - comma - 1)) : NULL;
	return comma ? strtoull(comma + 1, NULL, 10) : 0;
}

static size_t count_lines(const char *text, const char *end)
{
	size_t count = 0;
	for (; text < end; text++)
		count += *text == '\n';
	return count;
}

int kernel_log_parse(struct kernel_log *log, const char *text)
{
	char *messages = malloc(strlen(text) + 1);
	uint64_t *times = malloc((count_lines(text, text + strlen(text)) + 1) * sizeof(*times));
	if (!messages || !times) {
		free(messages);
		free(times);
		return -ENOMEM;
	}
	size_t used = 0, count = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *message = memchr(text, ';', length);
		// What begins with a blank says more of the record before, for programs.
		if (message && *text != ' ') {
			size_t n = length - (size_t)(message + 1 - text);
			memcpy(messages + used, message + 1, n);
			messages[used + n] = '\0';
			if (kernel_log_matters(messages + used)) {
				messages[used + n] = '\n';
				used += n + 1;
				times[count++] = time_of(text, message);
			}
		}
		text += length;
		text += *text == '\n';
	}
	messages[used] = '\0';
	*log = (struct kernel_log){ .found = true, .messages = messages, .times = times };
	return 0;
}

int kernel_log_read(struct kernel_log *log, const struct root *root)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	*log = (struct kernel_log){ .found = false };
	int r = file_read_records(root->dev, KERNEL_LOG, KERNEL_LOG_MAX, &text, &length);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return kernel_log_parse(log, text);
}

void kernel_log_free(struct kernel_log *log)
{
	free(log->messages);
	free(log->times);
	*log = (struct kernel_log){ .found = false };
}

// The length of the PCI address at the beginning of a text, "0000:00:02.0", or 0.
static size_t address_length(const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t domain = strspn(text, hex);
	const char *rest = text + domain;
	if (domain < 4 || rest[0] != ':' || strspn(rest + 1, hex) != 2 || rest[3] != ':' ||
	    strspn(rest + 4, hex) != 2 || rest[6] != '.' || rest[7] < '0' || rest[7] > '7')
		return 0;
	return domain + 8;
}

// Whether a message names PCI functions, and none of them is the one that is of interest.
static bool is_of_another(const struct kernel_log *log, const char *line)
{
	bool others = false;
	for (const char *at = line; log->about[0] && *at && *at != '\n'; at++) {
		size_t length = at == line || !isxdigit((unsigned char)at[-1]) ? address_length(at) : 0;
		if (length > 0 && strlen(log->about) == length && strncmp(at, log->about, length) == 0)
			return false;
		others |= length > 0;
	}
	return others;
}

static const char *line_of(const struct kernel_log *log, const char *at)
{
	while (at > log->messages && at[-1] != '\n')
		at--;
	return at;
}

static bool last_of(const struct kernel_log *log, const char *const *parts, size_t count, uint64_t since_us, char *ret,
		    size_t size)
{
	const char *last = NULL;
	for (size_t i = 0; i < count; i++)
		for (const char *at = log->messages; at && (at = strstr(at, parts[i])); at += strlen(parts[i]))
			if ((!last || at > last) && !is_of_another(log, line_of(log, at)))
				last = at;
	if (!last || log->times[count_lines(log->messages, last)] < since_us)
		return false;
	const char *begin = line_of(log, last);
	snprintf(ret, size, "%.*s", (int)strcspn(begin, "\n"), begin);
	return true;
}

bool kernel_log_last(const struct kernel_log *log, const char *part, char *ret, size_t size)
{
	return last_of(log, &part, 1, 0, ret, size);
}

bool kernel_log_last_since(const struct kernel_log *log, const char *part, uint64_t since_us, char *ret, size_t size)
{
	return last_of(log, &part, 1, since_us, ret, size);
}

bool kernel_log_last_of(const struct kernel_log *log, const char *const *parts, size_t count, char *ret, size_t size)
{
	return last_of(log, parts, count, 0, ret, size);
}
