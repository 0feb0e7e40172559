// SPDX-License-Identifier: GPL-2.0-or-later
// What is kept in /run while a boot goes on: the deny list, journald's setting, the lock.
#include "helper.h"

#include "act/guard.h"
#include "act/lock.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"

static const struct root nothing = { .path = "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };

static void the_deny_list(void **state)
{
	struct tree *tree = *state;
	guard_lower(&tree->root); // nothing to take back
	assert_int_equal(guard_raise(&tree->root, false), 0);
	const char *text = tree_get(tree, "run/modprobe.d/" GUARD_DENY_NAME);
	assert_has(text, "\nblacklist i915\n");
	assert_has(text, "\nblacklist kvmgt\n");
	assert_has(text, "\ninstall i915 /bin/false\n");
	assert_has(text, "\ninstall kvmgt /bin/false\n");
	assert_int_equal(guard_raise(&tree->root, false), 0);
	guard_lower(&tree->root);
	assert_false(file_exists(tree->root.run, "modprobe.d/" GUARD_DENY_NAME));
	guard_lower(&tree->root);
	assert_true(guard_raise(&nothing, false) < 0);
	guard_lower(&nothing);
}

static void the_deny_list_with_xe(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(guard_raise(&tree->root, true), 0);
	const char *text = tree_get(tree, "run/modprobe.d/" GUARD_DENY_NAME);
	assert_has(text, "\nblacklist xe\n");
	assert_has(text, "\ninstall xe /bin/false\n");
}

// What the early stage leaves to the late one outlives the early one's own list.
static void handed_over(void **state)
{
	struct tree *tree = *state;
	assert_false(guard_is_handed_over(&tree->root));
	assert_int_equal(guard_raise(&tree->root, true), 0);
	assert_int_equal(guard_hand_over(&tree->root), 0);
	guard_lower(&tree->root);
	assert_true(guard_is_handed_over(&tree->root));
	const char *text = tree_get(tree, "run/modprobe.d/" GUARD_LATE_NAME);
	assert_has(text, "\ninstall i915 /bin/false\n");
	assert_has(text, "\ninstall xe /bin/false\n");
	guard_take_over(&tree->root);
	assert_false(guard_is_handed_over(&tree->root));
	assert_true(guard_hand_over(&nothing) < 0);
	guard_take_over(&nothing);
}

static void journald(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(guard_quiet_journal(&tree->root), 0);
	assert_has(tree_get(tree, "run/systemd/journald.conf.d/gvt-early.conf"), "[Journal]\nReadKMsg=no\n");
	guard_lower(&tree->root);
	assert_string_equal(tree_get(tree, "run/systemd/journald.conf.d/gvt-early.conf"), "");
	assert_true(guard_quiet_journal(&nothing) < 0);
}

static void the_lock(void **state)
{
	struct tree *tree = *state;
	int first = lock_take(&tree->root, clock_now_us());
	assert_true(first >= 0);
	uint64_t before = clock_now_us();
	assert_int_equal(lock_take(&tree->root, before + 50 * USEC_PER_MSEC), -EWOULDBLOCK);
	assert_true(clock_now_us() - before >= 50 * USEC_PER_MSEC);
	close(first);
	int second = lock_take(&tree->root, clock_now_us());
	assert_true(second >= 0);
	close(second);
	assert_int_equal(lock_take(&nothing, clock_now_us()), -ENOENT);
}

static void roots(void **state)
{
	const struct tree *tree = *state;
	struct root root;
	assert_int_equal(root_open(&root, "/nonexistent"), -ENOENT);
	assert_int_equal(root_open(&root, NULL), 0);
	root_close(&root);

	char path[300];
	snprintf(path, sizeof(path), "%s/sys", tree->path);
	assert_int_equal(root_open(&root, path), 0); // nothing in it: no descriptors, no failure
	assert_int_equal(root.sys, -1);
	assert_int_equal(root.run, -1);
	assert_true(root.fs >= 0);
	root_close(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(the_deny_list), tree_test(the_deny_list_with_xe),
		tree_test(handed_over),   tree_test(journald),
		tree_test(the_lock),      tree_test(roots),
	};
	return run_group(tests);
}
