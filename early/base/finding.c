// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/finding.h"

#include <stdbool.h>

#include <stdarg.h>
#include <stdio.h>

#define BETWEEN "; "

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_OK] = "ok",
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_UNKNOWN] = "unknown",
		[SEVERITY_FAILED] = "failed",
	};
	return names[severity];
}

void finding_set(struct finding *finding, const char *name, enum severity severity, const char *format, ...)
{
	char text[TEXT_SIZE];
	finding->name = name;
	finding->severity = severity;
	finding->cure = 0;
	finding->word = NULL;
	finding->item[0] = '\0';
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	size_t seen = strcspn(text, CURE);
	bool has_cure = text[seen] != '\0';
	int n = snprintf(finding->text, sizeof(finding->text), "%.*s%s%s", (int)seen, text, has_cure ? BETWEEN : "",
			 has_cure ? text + seen + strlen(CURE) : "");
	if (has_cure && n >= 0 && seen + strlen(BETWEEN) < sizeof(finding->text))
		finding->cure = seen + strlen(BETWEEN);
}

void finding_blame(struct finding *finding, const struct cmdline_word *word, const char *item)
{
	finding->word = word;
	snprintf(finding->item, sizeof(finding->item), "%s", item);
}

void finding_seen(const struct finding *finding, char *ret, size_t size)
{
	size_t length = finding->cure ? finding->cure - strlen(BETWEEN) : strlen(finding->text);
	snprintf(ret, size, "%.*s", (int)length, finding->text);
}

const char *finding_cure(const struct finding *finding)
{
	return finding->cure ? finding->text + finding->cure : "";
}
