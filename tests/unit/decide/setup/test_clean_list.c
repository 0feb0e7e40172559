// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/setup/clean_list.h"

#define WHY " (gvt-early setup: kernel 6.8 has no such module)"

static bool lacks(void *data, const char *name)
{
	return starts_with(name, data);
}

static void lines(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
	} texts[] = {
		{ "", "" },
		{ "vfio\nkvmgt\n", "vfio\nkvmgt\n" },
		{ "vfio\nlack_1\nkvmgt", "vfio\n# lack_1" WHY "\nkvmgt" },
		{ "lack_1", "# lack_1" WHY },
		{ "  lack_1\t\r\nvfio\r\n", "#   lack_1\t" WHY "\r\nvfio\r\n" },
		{ "# lack_1\n;lack_1\n", "# lack_1\n;lack_1\n" },
		{ "lack_1 kvmgt\nlack_1#x\n", "lack_1 kvmgt\nlack_1#x\n" },
		{ "\n\n", "\n\n" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char prefix[] = "lack";
		CLEANUP_FREE char *after = clean_list(texts[i].before, "6.8", lacks, prefix);
		assert_string_equal(after, texts[i].after);
		CLEANUP_FREE char *twice = clean_list(after, "6.8", lacks, prefix);
		assert_string_equal(twice, after);
		CLEANUP_FREE char *undone = clean_list_undo(after);
		assert_string_equal(undone, texts[i].before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };
	return run_group(tests);
}
