// SPDX-License-Identifier: GPL-2.0-or-later
// How what modprobe.d and the bootloader's files say is taken away: by the lines, each place once.
#include "helper.h"

#include "decide/check/check_fix.h"
#include "tell/words.h"

static struct facts *facts;
static struct finding finding;
static char text[SENTENCE_SIZE];

static int fresh(void **state)
{
	(void)state;
	facts = calloc(1, sizeof(*facts));
	if (facts)
		facts->tools.has[TOOL_UPDATE_INITRAMFS] = facts->tools.has[TOOL_UPDATE_GRUB] = true;
	finding_make(&finding, "name", SEVERITY_FAILED, CAUSE_XEN);
	return facts ? 0 : -1;
}

static int gone(void **state)
{
	(void)state;
	free(facts);
	return 0;
}

static const char *fix(void)
{
	return finding_fix(&finding, text, sizeof(text));
}

static void lines_of_modprobe(void **state)
{
	(void)state;
	const struct fix_of now = { .facts = facts };
	modprobe_lines_add(&facts->modprobe, "blacklist i915", "A:1");
	modprobe_lines_add(&facts->modprobe, "blacklist kvmgt", "A:2");
	modprobe_lines_add(&facts->modprobe, "blacklist i915", "B:3");
	assert_false(fix_modprobe(&now, "install", "i915", NULL, "", &finding, JOINT_NONE));
	assert_int_equal(finding.used, 0);
	assert_true(fix_modprobe(&now, "blacklist", "i915", NULL, "", &finding, JOINT_NONE));
	assert_string_equal(fix(),
			    "remove 'blacklist i915' from A:1 and B:3, run 'update-initramfs -u -k all' and reboot");
}

static void items_and_options(void **state)
{
	(void)state;
	static const struct boot_entry next;
	const struct fix_of later = { .facts = facts, .entry = &next };
	modprobe_lines_add(&facts->modprobe, "options vfio-pci ids=8086:3e92,10de:1b80", "A:1");
	modprobe_lines_add(&facts->modprobe, "options vfio-pci ids=8086:3e92", "B:1");
	modprobe_lines_add(&facts->modprobe, "options vfio-pci ids=10de:1b80", "C:1");
	assert_true(fix_modprobe(&later, "options", "vfio-pci", "ids", "8086:3e92", &finding, JOINT_NONE));
	assert_string_equal(
		fix(),
		"remove 8086:3e92 from ids= in A:1 and 'ids=8086:3e92' from B:1, run 'update-initramfs -u -k all'");
}

// Nobody knows the bootloader: what has to come true, and that a reboot follows.
static void an_unknown_bootloader(void **state)
{
	(void)state;
	const struct fix_of now = { .facts = facts };
	const struct cmdline_word word = { .name = (char[]){ "nomodeset" } };
	fix_add(&now, "intel_iommu=on", &finding, JOINT_NONE);
	assert_starts(fix(),
		      "add intel_iommu=on to the kernel command line, in the settings of this host's bootloader");
	assert_has(text, ", and reboot");
	finding_make(&finding, "name", SEVERITY_FAILED, CAUSE_XEN);
	fix_remove(&now, &word, "", &finding, JOINT_NONE);
	assert_starts(fix(), "remove nomodeset from the kernel command line");
	assert_false(fix_has_word(facts, &word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_of_modprobe, fresh, gone),
		cmocka_unit_test_setup_teardown(items_and_options, fresh, gone),
		cmocka_unit_test_setup_teardown(an_unknown_bootloader, fresh, gone),
	};
	return run_group(tests);
}
