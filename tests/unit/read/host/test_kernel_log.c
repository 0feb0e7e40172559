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

// What the drivers and the kernel say of SR-IOV.
static void what_matters_to_sriov(void **state)
{
	(void)state;
	static const char *const messages[] = {
		"xe 0000:00:02.0: [drm] Running in SR-IOV PF mode",
		"xe 0000:00:02.0: [drm] *ERROR* GuC firmware i915/tgl_guc_70.bin: fetch failed with error -ENOENT",
		"xe 0000:00:02.0: Your graphics device 46d1 is not officially supported",
		"xe 0000:00:02.0: Probe blocked for device [8086:46d1]",
		"xe 0000:00:02.0: [drm] PF: Enabled 3 of 7 VFs",
		"xe: unknown parameter 'max_vfs' ignored",
		"i915: unknown parameter 'max_vfs' ignored",
		"i915 0000:00:02.0: 7 VFs could be associated with this PF",
		"i915 0000:00:02.0: Enabled 7 VFs",
		"i915: You are using the i915-sriov-dkms module, a ported version of the i915 module with SR-IOV support.",
		"pci 0000:00:02.0: VF BAR 0 [mem 0x00000000-0x06ffffff 64bit]: contains BAR 0 for 7 VFs",
		"pci 0000:00:02.0: VF BAR 2 [mem size 0xe0000000 64bit pref]: can't assign; no space",
		"pci 0000:00:02.0: no driver bound to device; cannot configure SR-IOV",
		"pci 0000:03:00.0: not enough MMIO resources for SR-IOV",
		"pci 0000:03:00.0: can't enable 3 VFs (bus 04 out of range of [bus 03])",
	};
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (!kernel_log_matters(messages[i])) {
			print_error("%s\n", messages[i]);
			fail();
		}
	assert_false(kernel_log_matters("VFS: Dquot-cache hash table entries: 512"));
	assert_false(kernel_log_matters("Command line: xe.max_vfs=7 SR-IOV"));
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
		cmocka_unit_test(what_matters_to_sriov),
		tree_test(not_there),
		cmocka_unit_test(of_another_device),
		cmocka_unit_test(since_a_moment),
	};
	return run_group(tests);
}
