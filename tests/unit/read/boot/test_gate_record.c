// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/boot/gate_record.h"

static void there_and_back(void **state)
{
	struct tree *tree = *state;
	struct gate_record record = { .ready = false, .kernel = "6.14.8-2-pve", .finding = "next-kernel" }, read;
	gate_record_read(&read, &tree->root);
	assert_false(read.found);
	assert_int_equal(gate_record_write(&record, &tree->root), 0);
	gate_record_read(&read, &tree->root);
	assert_true(read.found && !read.ready);
	assert_string_equal(read.kernel, "6.14.8-2-pve");
	assert_string_equal(read.finding, "next-kernel");
	record = (struct gate_record){ .ready = true };
	assert_int_equal(gate_record_write(&record, &tree->root), 0);
	gate_record_read(&read, &tree->root);
	assert_true(read.found && read.ready && !read.kernel[0] && !read.finding[0]);
	gate_record_remove(&tree->root);
	gate_record_read(&read, &tree->root);
	assert_false(read.found);
}

static void damaged(void **state)
{
	struct tree *tree = *state;
	static const char *const bad[] = {
		"", "{", "[]", "{\"version\": 1}", "{\"version\": 2, \"ready\": true}", "{\"version\": 1, \"ready\": 1}"
	};
	struct gate_record read;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tree_put(tree, "run/gvt-early/next-boot.json", bad[i]);
		gate_record_read(&read, &tree->root);
		if (read.found) {
			print_error("passes: %s\n", bad[i]);
			fail();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { tree_test(there_and_back), tree_test(damaged) };
	return run_group(tests);
}
