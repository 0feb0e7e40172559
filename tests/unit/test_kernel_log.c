// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "kernel_log.h"

static void what_matters(void **state)
{
	struct tree *tree = *state;
	struct kernel_log log;
	char line[64];
	tree_put(tree, "dev/kmsg",
		 "5,1,10,-;Command line: quiet i915.enable_gvt=1\n"
		 "6,2,20,-;usb 1-1: new device\n"
		 "6,3,30,-;i915 0000:00:02.0: first\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:02.0; i915\n"
		 "4,4,40,-;i915 0000:00:02.0: Direct firmware load for i915/gvt/vid_0x8086.golden_hw_state failed with error -2\n"
		 "3,5,50,-;gvt-early: something of i915\n"
		 "3,6,60,-;i915 0000:00:02.0: a rather long last message that is cut to size\n"
		 "without any prefix i915\n");
	assert_int_equal(kernel_log_read(&log, &tree->root), 0);
	assert_true(log.found);
	assert_string_equal(log.messages, "i915 0000:00:02.0: first\n"
					  "i915 0000:00:02.0: a rather long last message that is cut to size\n");
	assert_true(kernel_log_last(&log, "i915", line, 32));
	assert_string_equal(line, "i915 0000:00:02.0: a rather lon");
	assert_true(kernel_log_last(&log, "first", line, sizeof(line)));
	assert_string_equal(line, "i915 0000:00:02.0: first");
	assert_false(kernel_log_last(&log, "golden", line, sizeof(line)));
	assert_false(kernel_log_last(&log, "usb", line, sizeof(line)));
	kernel_log_free(&log);
}

static void not_there(void **state)
{
	struct tree *tree = *state;
	struct kernel_log log;
	char line[64];
	assert_int_equal(kernel_log_read(&log, &tree->root), 0);
	assert_false(log.found);
	assert_false(kernel_log_last(&log, "i915", line, sizeof(line)));
	kernel_log_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(what_matters),
		tree_test(not_there),
	};
	return run_group(tests);
}
