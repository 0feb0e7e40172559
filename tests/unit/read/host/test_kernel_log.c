// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/kernel_log.h"

static void what_matters(void **state)
{
	struct tree *tree = *state;
	struct kernel_log log;
	char line[64];
	tree_put(
		tree, "dev/kmsg",
		"5,1,10,-;Command line: quiet i915.enable_gvt=1\n"
		"6,2,20,-;usb 1-1: new device\n"
		"6,3,30,-;i915 0000:00:02.0: first\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:02.0; i915\n"
		"4,4,40,-;i915 0000:00:02.0: Direct firmware load for i915/gvt/vid_0x8086.golden_hw_state failed with error -2\n"
		"3,5,50,-;gvt-early: something of i915\n"
		"3,6,60,-;i915 0000:00:02.0: a rather long last message that is cut to size\n"
		"without any prefix i915\n");
	assert_int_equal(kernel_log_read(&log, &tree->root), 0);
	assert_true(log.found);
	assert_string_equal(log.messages,
			    "i915 0000:00:02.0: first\n"
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

// What came before a moment has nothing to do with what went wrong since.
static void since_a_moment(void **state)
{
	(void)state;
	struct kernel_log log;
	char line[64];
	assert_int_equal(
		kernel_log_parse(&log,
				 "6,1,5,-;usb: nothing\n6,2,1000,-;gvt: old\n SUBSYSTEM=pci\n6,3,2000,-;gvt: new\n"
				 "no time;gvt: timeless\n6;gvt: prefix\n"),
		0);
	assert_true(kernel_log_last_since(&log, "gvt: old", 0, line, sizeof(line)));
	assert_true(kernel_log_last_since(&log, "gvt: old", 1000, line, sizeof(line)));
	assert_false(kernel_log_last_since(&log, "gvt: old", 1001, line, sizeof(line)));
	assert_true(kernel_log_last_since(&log, "gvt: new", 1001, line, sizeof(line)));
	assert_string_equal(line, "gvt: new");
	assert_false(kernel_log_last_since(&log, "gvt: new", 2001, line, sizeof(line)));
	assert_false(kernel_log_last_since(&log, "timeless", 1, line, sizeof(line)));
	assert_false(kernel_log_last_since(&log, "prefix", 1, line, sizeof(line)));
	kernel_log_free(&log);
}

// Messages of another GPU are not taken for those of the one that is of interest.
static void of_another_device(void **state)
{
	(void)state;
	struct kernel_log log;
	char line[64];
	assert_int_equal(kernel_log_parse(&log,
					  "6,1,1,-;i915: of no device\n"
					  "6,2,2,-;i915 0000:00:02.0: of this one\n"
					  "6,3,3,-;i915 0000:03:00.0: of the other\n"
					  "6,4,4,-;i915: from 0000:03:00.0 to 0000:00:02.0\n"
					  "6,5,5,-;i915 10000:00:02.0: of another domain, at 00:02.0\n"),
			 0);
	assert_true(kernel_log_last(&log, "of the other", line, sizeof(line)));
	strcpy(log.about, "0000:00:02.0");
	assert_false(kernel_log_last(&log, "of the other", line, sizeof(line)));
	assert_false(kernel_log_last(&log, "of another domain", line, sizeof(line)));
	assert_true(kernel_log_last(&log, "of no device", line, sizeof(line)));
	assert_true(kernel_log_last(&log, "of this one", line, sizeof(line)));
	assert_true(kernel_log_last(&log, "i915", line, sizeof(line)));
	assert_string_equal(line, "i915: from 0000:03:00.0 to 0000:00:02.0");
	// A part may be the end of a message.
	assert_true(kernel_log_last(&log, "this one\n", line, sizeof(line)));
	assert_string_equal(line, "i915 0000:00:02.0: of this one");
	assert_false(kernel_log_last(&log, "this\n", line, sizeof(line)));
	kernel_log_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(what_matters),
		tree_test(not_there),
		cmocka_unit_test(of_another_device),
		cmocka_unit_test(since_a_moment),
	};
	return run_group(tests);
}
