// SPDX-License-Identifier: GPL-2.0-or-later
// Who has loaded i915, as far as it can be seen.
#include "helper.h"

#include "read/host/i915_loader.h"

static const char *loader(const struct tree *tree, const char *words, bool udev_runs)
{
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, words), 0);
	const char *result = loader_of_i915(&tree->root, &cmdline, udev_runs);
	cmdline_free(&cmdline);
	return result;
}

static void nobody_to_name(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "sys/module/i915/initstate", "live\n");
	assert_string_equal(loader(tree, "quiet", false), LOADER_UNKNOWN);
	assert_string_equal(loader(tree, "quiet", true), LOADER_UDEV);
}

static void built_in(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "sys/module/i915/parameters/enable_gvt", "N\n");
	tree_put(tree, "etc/modules-load.d/modules.conf", "i915\n");
	assert_string_equal(loader(tree, "quiet", true), LOADER_KERNEL);
}

static void modules_load(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "sys/module/i915/initstate", "live\n");
	assert_string_equal(loader(tree, "modules_load=vfio,i915", false), LOADER_MODULES_LOAD);
	assert_string_equal(loader(tree, "rd.modules_load=i915", true), LOADER_MODULES_LOAD);
	assert_string_equal(loader(tree, "modules_load=i9150", true), LOADER_UDEV);

	tree_put(tree, "usr/lib/modules-load.d/a.conf", "# i915\n;i915\nxi915\ni9150\nvfio\n");
	tree_put(tree, "usr/lib/modules-load.d/b", "i915\n");
	assert_string_equal(loader(tree, "quiet", true), LOADER_UDEV);
	// systemd takes a whole line for one name.
	tree_put(tree, "etc/modules", "i915 vfio\nvfio i915\ni915 # x\n");
	assert_string_equal(loader(tree, "quiet", true), LOADER_UDEV);
	tree_put(tree, "run/modules-load.d/c.conf", "vfio\n\n  i915 \n");
	assert_string_equal(loader(tree, "quiet", true), LOADER_MODULES_LOAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(nobody_to_name),
		tree_test(built_in),
		tree_test(modules_load),
	};
	return run_group(tests);
}
