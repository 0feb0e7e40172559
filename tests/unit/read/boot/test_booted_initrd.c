// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/content_id.h"
#include "read/boot/booted_initrd.h"

#define HEAD "[snapshot]\nversion = 1\n\n"
#define ONE  "[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]\ntype = i915-GVTg_V5_4\n"

#define BOOT "1b4e28ba-2fa1-41d2-883f-0016d3cca427"

static void kept(void **state)
{
	struct tree *tree = *state;
	struct initrd initrd;
	char id[CONTENT_ID_SIZE], report[512];
	content_id(HEAD ONE, strlen(HEAD ONE), id);
	tree_put(tree, "run/" BOOTED_SNAPSHOT, HEAD ONE);
	assert_int_equal(initrd_read(&initrd, &tree->root, BOOT), 0);
	assert_false(initrd.ran); // no report yet
	initrd_free(&initrd);

	snprintf(report, sizeof(report), "{\"boot_id\": \"%s\", \"build_id\": \"abc\", \"snapshot\": \"%s\"}", BOOT,
		 id);
	tree_put(tree, "run/gvt-early/report.json", report);
	assert_int_equal(initrd_read(&initrd, &tree->root, BOOT), 0);
	assert_true(initrd.ran && initrd.snapshot_found);
	assert_string_equal(initrd.build_id, "abc");
	assert_int_equal(initrd.snapshot.wanted.count, 1);
	initrd_free(&initrd);

	// Of another boot, or not the one that the report names.
	assert_int_equal(initrd_read(&initrd, &tree->root, "other"), 0);
	assert_false(initrd.ran);
	initrd_free(&initrd);
	tree_put(tree, "run/" BOOTED_SNAPSHOT, HEAD);
	assert_int_equal(initrd_read(&initrd, &tree->root, BOOT), 0);
	assert_true(initrd.ran && !initrd.snapshot_found);
	initrd_free(&initrd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(kept),
	};
	return run_group(tests);
}
