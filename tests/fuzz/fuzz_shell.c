// SPDX-License-Identifier: GPL-2.0-or-later
// Files of shell assignments, and what GRUB makes of a value. A NUL parts two files, which are read one behind the
// other.
#include "fuzz.h"

#include "decide/check/near_miss.h"
#include "read/boot/grub_settings.h"
#include "read/boot/shell.h"

static int has_command(void *data, const char *name)
{
	(void)data;
	CHECK(*name || name);
	return (int)(name[0] % 3) - 1;
}

static unsigned lines_of(const char *text)
{
	unsigned lines = 1;
	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void check_value(const char *value)
{
	size_t used;
	struct cmdline words;
	struct near_miss miss;
	char *line = malloc(2 * strlen(value) + 3);
	CHECK(line);
	enum grub_line_end end = grub_line(value, line, &used);
	CHECK(used <= strlen(value));
	CHECK((end == GRUB_LINE_WHOLE) == (used == strlen(value)) || end == GRUB_LINE_REFUSED);
	if (cmdline_parse(&words, line) == 0) {
		(void)near_miss_find(&miss, &words, "i915.enable_gvt", "1");
		(void)near_miss_find(&miss, &words, "intel_iommu", "on");
		cmdline_free(&words);
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	size_t first = strlen(text);
	const char *second = first < size ? text + first + 1 : "";
	struct shell shell;
	shell_init(&shell, has_command, NULL);
	CHECK(shell_read(&shell, text, "/1") == 0);
	CHECK(shell_read(&shell, second, "/2") == 0);
	CHECK(shell.count <= SHELL_ASSIGNMENTS_MAX && shell.stray_count <= SHELL_STRAYS_MAX);
	for (size_t i = 0; i < shell.count; i++) {
		const struct shell_assignment *item = &shell.assignments[i];
		CHECK(item->place.line >= 1 &&
		      item->place.line <= lines_of(item->place.file[1] == '1' ? text : second));
		CHECK(strlen(item->value) <= SHELL_VALUE_MAX && shell_last(&shell, item->name));
		check_value(item->value);
	}
	shell_free(&shell);
	free(text);
	return 0;
}
