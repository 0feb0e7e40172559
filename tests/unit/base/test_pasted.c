// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/pasted.h"
#include "tell/finding_text.h"

// Each text has its commands in braces, which are not part of it; what stands right behind the quotes belongs to them.
static void commands(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"{'update-initramfs -u -k all'} and reboot",
		"run {'update-initramfs -u -k 6.1'} (with dracut: {'dracut --force --kver 6.1')}",
		"run {'sed -i '2d' /etc/modules',} then reboot",
		"run {'grep -q 'a b' FILE'.}",
		"run 'update-grub' and reboot", // a word, which nobody breaks
		"remove that line: {sed -i '1d' /etc/modules}",
		"remove that: {sed -i 's/a, b; c (d)/e/' FILE} (and reboot)",
		"seen; {dmesg | grep -iE 'i915|gvt'}",
		"{modprobe kvm_intel}",
		"run {update-initramfs -u,} then reboot",
		"{gvt-early apply}",
		"gvt-early did not run from the initrd: nothing was wanted",
		"install it again, or remove it: install the package",
		"{install -D a b}",
		"the guests' own start, and what isn't theirs",
		"an 'open quote that never ends",
		"the modprobe line: modprobe.d has it",
		"'a b'c 'd",
		"write {GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"} in place of the line /etc/default/grub:9, run 'update-grub'",
		"write {export GRUB_CMDLINE_LINUX='a \"b c\"'} in place of the line",
		"write NAME=\"$NAME ... instead of NAME+=",
		"write i915.enable_gvt=1 instead of enable_gvt=1",
		"the line GRUB_X=\"a b\" in it",
		"",
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[128];
		size_t lengths[128] = { 0 }, begin = 0, used = 0;
		for (const char *c = cases[i]; *c; c++) {
			if (*c == '{')
				begin = used;
			else if (*c == '}')
				lengths[begin] = used - begin;
			else
				text[used++] = *c;
		}
		text[used] = '\0';
		for (size_t at = 0; at < used; at += strcspn(text + at, " ") + 1) {
			size_t got = pasted_length(text, text + at);
			if (got != lengths[at])
				fail_msg("'%s' at '%s': %zu bytes, not %zu", text, text + at, got, lengths[at]);
			if (got > 0)
				at += got;
			if (at >= used)
				break;
		}
	}
}

static void told_once(void **state)
{
	(void)state;
	assert_int_equal(finding_new_part("no room; free 0", "no room; free 0"), 0);
	assert_int_equal(finding_new_part("no room for 2; free 0; x", "no room for 1; free 0; x"),
			 strlen("no room for 2"));
	assert_int_equal(finding_new_part("no room; free 0", "no room; free 1"), strlen("no room; free 0"));
	assert_int_equal(finding_new_part("no room", "no room; free 1"), strlen("no room"));
	assert_int_equal(finding_new_part("no room", ""), strlen("no room"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(told_once),
	};
	return run_group(tests);
}
