// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/made_record.h"

#define BOOT  "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
#define FILE_ "run/" MADE_FILE
#define FIRST "# gvt-early made 1, written by the program, in boot " BOOT "\n"
#define UUID  "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"
#define OTHER "00000001-0000-0000-0000-000000008006"

static struct made_list made;
static struct instance_list instances;

static void put_instance(const char *uuid, uint64_t id)
{
	struct instance *item = &instances.items[instances.count++];
	*item = (struct instance){ .id = id };
	strcpy(item->uuid, uuid);
}

static int setup(void **state)
{
	(void)tree_setup(state);
	instances.count = 0;
	tree_dir(*state, "run/gvt-early");
	return 0;
}

static int add(const struct tree *tree, size_t index)
{
	return made_add(&made, &tree->root, BOOT, &instances, &instances.items[index]);
}

static void over_several_runs(void **state)
{
	struct tree *tree = *state;
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 0);
	put_instance(UUID, 7);
	assert_int_equal(add(tree, 0), 0);
	assert_string_equal(tree_get(tree, FILE_), FIRST UUID " 7\n");

	// Another process adds to it.
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 1);
	put_instance(OTHER, UINT64_MAX);
	assert_int_equal(add(tree, 1), 0);
	assert_int_equal(add(tree, 1), 0); // once
	assert_string_equal(tree_get(tree, FILE_), FIRST UUID " 7\n" OTHER " 18446744073709551615\n");
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 2);
	made_mark(&made, &instances);
	assert_true(instances.items[0].ours && instances.items[1].ours);
}

// Proxmox VE removes it, and makes one with the same UUID.
static void made_anew_by_others(void **state)
{
	struct tree *tree = *state;
	made_read(&made, &tree->root, BOOT);
	put_instance(UUID, 7);
	assert_int_equal(add(tree, 0), 0);
	instances.items[0].id = 8;
	made_mark(&made, &instances);
	assert_false(instances.items[0].ours);
	// What has gone is forgotten.
	put_instance(OTHER, 9);
	assert_int_equal(add(tree, 1), 0);
	assert_string_equal(tree_get(tree, FILE_), FIRST OTHER " 9\n");
}

static void records_that_do_not_count(void **state)
{
	struct tree *tree = *state;
	static const char *const damaged[] = {
		"",
		FIRST UUID "\n",
		FIRST UUID " \n",
		FIRST UUID " x\n",
		FIRST UUID " -1\n",
		FIRST UUID " 18446744073709551616\n",
		FIRST "no-uuid 7\n",
		FIRST UUID " 7\n" UUID "\n",
		"# gvt-early made 2, written by the program, in boot " BOOT "\n" UUID " 7\n",
		"# gvt-early made 1, written by the program, in boot 0\n" UUID " 7\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		tree_put(tree, FILE_, damaged[i]);
		made_read(&made, &tree->root, BOOT);
		assert_int_equal(made.count, 0);
	}
	tree_put_bytes(tree, FILE_, FIRST "\0", sizeof(FIRST));
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 0);

	tree_put(tree, FILE_, FIRST UUID " 7\n");
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 1);
	made_read(&made, &tree->root, "");
	assert_int_equal(made.count, 0);
	assert_int_equal(fchmodat(tree->root.fs, FILE_, 0664, 0), 0);
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, 0);
}

static void more_than_fit(void **state)
{
	struct tree *tree = *state;
	char uuid[UUID_SIZE];
	made_read(&made, &tree->root, BOOT);
	for (unsigned i = 0; i < INSTANCES_MAX; i++) {
		snprintf(uuid, sizeof(uuid), "00000000-0000-0000-0000-%012u", i);
		put_instance(uuid, UINT64_MAX - i);
		assert_int_equal(add(tree, i), 0);
	}
	assert_true(strlen(tree_get(tree, FILE_)) < MADE_MAX);
	made_read(&made, &tree->root, BOOT);
	assert_int_equal(made.count, INSTANCES_MAX);
	struct instance more = { .uuid = UUID, .id = 1 };
	assert_int_equal(made_add(&made, &tree->root, BOOT, &instances, &more), -ENOSPC);
}

static void where_it_cannot_be_kept(void **state)
{
	struct tree *tree = *state;
	made_read(&made, &tree->root, BOOT);
	put_instance(UUID, 7);
	assert_int_equal(made_add(&made, &tree->root, "", &instances, &instances.items[0]), -ENODATA);
	assert_int_equal(unlinkat(tree->root.run, "gvt-early", AT_REMOVEDIR), 0);
	assert_int_equal(add(tree, 0), -ENOENT);
}

#define made_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		made_test(over_several_runs), made_test(made_anew_by_others),     made_test(records_that_do_not_count),
		made_test(more_than_fit),     made_test(where_it_cannot_be_kept),
	};
	return run_group(tests);
}
