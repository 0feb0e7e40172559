// SPDX-License-Identifier: GPL-2.0-or-later
// What others write and "check" takes apart: GRUB's menu and environment, files of shell assignments, the kernel log. A NUL parts
// the first two.
#include "fuzz.h"

#include "bootloader.h"
#include "kernel_log.h"
#include "next.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), release[RELEASE_SIZE], words[256], value[64] = "old";
	CHECK(text);
	memcpy(text, data, size);
	text[size] = '\0';
	size_t length = strlen(text);
	if (next_grub_entry(text, length < size ? text + length + 1 : "", release, words, sizeof(words)))
		CHECK(strlen(release) < sizeof(release) && !strchr(words, '\n'));
	shell_assignment(text, "GRUB_CMDLINE_LINUX", value, sizeof(value));
	CHECK(strlen(value) < sizeof(value));

	struct kernel_log log;
	char last[64];
	CHECK(kernel_log_parse(&log, text) == 0);
	if (kernel_log_last(&log, "i915", last, sizeof(last)))
		CHECK(!strchr(last, '\n'));
	kernel_log_free(&log);
	free(text);
	return 0;
}
