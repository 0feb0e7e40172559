// SPDX-License-Identifier: GPL-2.0-or-later
// What others write and "check" takes apart: GRUB's menu and environment, the kernel log. A NUL parts
// the first two.
#include "fuzz.h"

#include "read/boot/grub_menu.h"
#include "read/host/kernel_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct boot_entry entry = { .words_from = "menu" };
	CHECK(text);
	memcpy(text, data, size);
	text[size] = '\0';
	size_t length = strlen(text);
	CHECK(grub_menu_choose(text, length < size ? text + length + 1 : "", &entry) == 0);
	CHECK(!strchr(entry.words, '\n') && strcmp(entry.words_from, "menu") == 0);
	CHECK(entry.trouble[0] || entry.chosen_by[0]);

	struct kernel_log log;
	char last[64];
	CHECK(kernel_log_parse(&log, text) == 0);
	if (kernel_log_last(&log, "i915", last, sizeof(last)))
		CHECK(!strchr(last, '\n'));
	kernel_log_free(&log);
	free(text);
	return 0;
}
