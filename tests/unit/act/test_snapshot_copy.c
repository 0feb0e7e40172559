// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "act/snapshot_copy.h"
#include "read/boot/booted_initrd.h"

#define SNAPSHOT "[snapshot]\nversion = 1\n"

static void a_copy_with_its_name(void **state)
{
	const struct tree *tree = *state;
	char id[CONTENT_ID_SIZE], wanted[CONTENT_ID_SIZE];
	tree_dir(tree, "run/gvt-early");
	tree_put(tree, CONFIG_SNAPSHOT, SNAPSHOT);
	content_id(SNAPSHOT, strlen(SNAPSHOT), wanted);
	assert_int_equal(snapshot_copy(&tree->root, id), 0);
	assert_string_equal(id, wanted);
	assert_string_equal(tree_get(tree, "run/" BOOTED_SNAPSHOT), SNAPSHOT);
}

static void without_a_snapshot_there_is_nothing_to_copy(void **state)
{
	const struct tree *tree = *state;
	char id[CONTENT_ID_SIZE] = "x";
	tree_dir(tree, "run/gvt-early");
	assert_int_equal(snapshot_copy(&tree->root, id), 0);
	assert_string_equal(id, "");
	assert_int_equal(faccessat(tree->root.run, BOOTED_SNAPSHOT, F_OK, 0), -1);
}

// It has its name all the same: then check knows that the copy is missing.
static void a_run_that_takes_nothing(void **state)
{
	const struct tree *tree = *state;
	char id[CONTENT_ID_SIZE];
	tree_put(tree, CONFIG_SNAPSHOT, SNAPSHOT);
	assert_true(snapshot_copy(&tree->root, id) < 0);
	assert_int_equal(strlen(id), CONTENT_ID_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(a_copy_with_its_name),
		tree_test(without_a_snapshot_there_is_nothing_to_copy),
		tree_test(a_run_that_takes_nothing),
	};
	return run_group(tests);
}
