// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/host/cmdline.h"

// The words of a command line, one a line; "init:" before those behind "--".
static void assert_words(const char *text, const char *expected)
{
	struct cmdline cmdline;
	char words[1024] = "";
	assert_int_equal(cmdline_parse(&cmdline, text), 0);
	for (size_t i = 0; i < cmdline.count; i++) {
		const struct cmdline_word *word = &cmdline.words[i];
		size_t used = strlen(words);
		snprintf(words + used, sizeof(words) - used, "%s%s%s%s\n", word->for_init ? "init:" : "", word->name,
			 word->value ? "=" : "", word->value ? word->value : "");
	}
	cmdline_free(&cmdline);
	assert_string_equal(words, expected);
}

static void words(void **state)
{
	(void)state;
	assert_words("", "");
	assert_words("\n", "");
	assert_words("quiet", "quiet\n");
	assert_words("  ro  quiet\n", "ro\nquiet\n");
	assert_words("a\tb\vc\fd\re\nf", "a\nb\nc\nd\ne\nf\n");
	assert_words("root=UUID=abc", "root=UUID=abc\n");
	assert_words("a= b", "a=\nb\n");
	assert_words("=b", "=b\n"); // the name is "=b": the first character cannot end a name
}

// The kernel's isspace() is Latin-1's: it knows the no-break space, which UTF-8 has inside of letters.
static void blanks_of_latin_1(void **state)
{
	(void)state;
	assert_words("a=\xc3\xa0"
		     "b",
		     "a=\xc3\nb\n");
	assert_words("a=\x85"
		     "b",
		     "a=\x85"
		     "b\n");
}

static void quotes(void **state)
{
	(void)state;
	assert_words("a=\"b c\" d", "a=b c\nd\n");
	assert_words("\"a=b c\" d", "a=b c\nd\n");
	assert_words("\"a b\" c", "a b\nc\n");
	assert_words("a=b\" \"c d", "a=b\" \"c\nd\n"); // quotes inside stay, and hold the blank
	assert_words("a=\"b c", "a=b c\n");            // never closed
	assert_words("\"a=b", "a=b\n");
	assert_words("a=\"", "a=\n");
	assert_words("a=\"\"", "a=\n");
	assert_words("\"", "\n");
	assert_words("\"\"", "\n");
	assert_words("\"\" a", "\na\n");
	assert_words("a\" \"b", "a\" \"b\n");
	assert_words("dyndbg=\"file drivers/a.c +p\" quiet", "dyndbg=file drivers/a.c +p\nquiet\n");
	assert_words("a=b\\\"c d\\\"", "a=b\\\"c d\\\"\n"); // there are no escapes
}

static void the_part_of_init(void **state)
{
	(void)state;
	assert_words("a -- b c=d", "a\ninit:b\ninit:c=d\n");
	assert_words("a -- b -- c", "a\ninit:b\ninit:--\ninit:c\n");
	assert_words("--", "");
	assert_words("a --b", "a\n--b\n");
	assert_words("a --=b c", "a\n--=b\nc\n");

	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, "intel_iommu=on -- intel_iommu=off single"), 0);
	assert_string_equal(cmdline_last(&cmdline, "intel_iommu")->value, "on");
	assert_non_null(cmdline_flag(&cmdline, "single"));
	assert_null(cmdline_last(&cmdline, "single"));
	assert_null(cmdline_lists(&cmdline, "intel_iommu", "off", false));
	cmdline_free(&cmdline);
}

static void the_last_one_wins(void **state)
{
	(void)state;
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, "i915.enable_gvt=0 i915.enable_gvt=1 i915.enable-gvt"), 0);
	assert_null(cmdline_last(&cmdline, "i915.enable_gvt")->value);
	cmdline_free(&cmdline);
	assert_int_equal(cmdline_parse(&cmdline, "a=1 b=2 a=3 b=4"), 0);
	assert_string_equal(cmdline_last(&cmdline, "a")->value, "3");
	assert_null(cmdline_last(&cmdline, "c"));
	cmdline_free(&cmdline);
}

static void dashes_and_underscores(void **state)
{
	(void)state;
	assert_true(names_equal("vfio-pci", "vfio_pci"));
	assert_true(names_equal("a-b_c", "a_b-c"));
	assert_true(names_equal("", ""));
	assert_false(names_equal("vfio", "vfio_pci"));
	assert_false(names_equal("vfio_pci", "vfio"));
	assert_false(names_equal("a-b", "a.b"));

	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, "intel-iommu=a-b"), 0);
	assert_string_equal(cmdline_last(&cmdline, "intel_iommu")->value, "a-b"); // a value stays as it is
	cmdline_free(&cmdline);
}

static void flags(void **state)
{
	(void)state;
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, "single= rescue=1 emergency"), 0);
	assert_null(cmdline_flag(&cmdline, "single"));
	assert_null(cmdline_flag(&cmdline, "rescue"));
	assert_non_null(cmdline_flag(&cmdline, "emergency"));
	assert_null(cmdline_flag(&cmdline, "emerg"));
	cmdline_free(&cmdline);
}

static void comma_lists(void **state)
{
	(void)state;
	assert_true(comma_list_has("i915", "i915", true));
	assert_true(comma_list_has("nouveau,i915", "i915", true));
	assert_true(comma_list_has(",,i915,", "i915", true));
	assert_false(comma_list_has("i915x,xi915", "i915", true));
	assert_false(comma_list_has("", "i915", true));
	assert_true(comma_list_has("vfio-pci", "vfio_pci", true));
	assert_false(comma_list_has("vfio-pci", "vfio_pci", false));

	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, "modprobe.blacklist=a,i915 modprobe.blacklist=b other=kvmgt"), 0);
	assert_non_null(cmdline_lists(&cmdline, "modprobe.blacklist", "i915", true));
	assert_non_null(cmdline_lists(&cmdline, "modprobe.blacklist", "b", true));
	assert_null(cmdline_lists(&cmdline, "modprobe.blacklist", "kvmgt", true));
	cmdline_free(&cmdline);
}

static void bools(void **state)
{
	(void)state;
	static const char *const yes[] = { NULL, "y", "Y", "t", "T", "1", "on", "ON", "On", "yes", "true" };
	static const char *const no[] = { "n", "N", "f", "F", "0", "off", "OFF", "oF", "no", "false" };
	static const char *const neither[] = { "", "2", "o", "ox", " 1", "-1", "enable" };
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_int_equal(kernel_bool(yes[i]), 1);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_int_equal(kernel_bool(no[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		assert_int_equal(kernel_bool(neither[i]), -1);
}

static void our_settings(void **state)
{
	(void)state;
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline,
				       "gvt_early.deadline=1 rd.gvt-early.deadline=2 rd.gvt_early.enable=0 gvt_early=3 "
				       "rd.rd.gvt_early.debug xgvt_early.debug gvt_early.deb -- gvt_early.deadline=4"),
			 0);
	assert_string_equal(cmdline_setting(&cmdline, "deadline")->value, "2"); // of both spellings the last one
	assert_string_equal(cmdline_setting(&cmdline, "enable")->value, "0");
	assert_null(cmdline_setting(&cmdline, "debug"));
	cmdline_free(&cmdline);
}

static void too_long(void **state)
{
	(void)state;
	char *text = malloc(CMDLINE_MAX + 2);
	assert_non_null(text);
	memset(text, 'a', CMDLINE_MAX + 1);
	text[CMDLINE_MAX + 1] = '\0';
	struct cmdline cmdline;
	assert_int_equal(cmdline_parse(&cmdline, text), -E2BIG);
	cmdline_free(&cmdline); // what is left of a failure can be freed

	for (size_t i = 1; i < CMDLINE_MAX; i += 2)
		text[i] = ' ';
	text[CMDLINE_MAX] = '\0';
	assert_int_equal(cmdline_parse(&cmdline, text), 0);
	assert_int_equal(cmdline.count, CMDLINE_MAX / 2); // as many words as fit
	cmdline_free(&cmdline);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(blanks_of_latin_1),
		cmocka_unit_test(quotes),
		cmocka_unit_test(the_part_of_init),
		cmocka_unit_test(the_last_one_wins),
		cmocka_unit_test(dashes_and_underscores),
		cmocka_unit_test(flags),
		cmocka_unit_test(comma_lists),
		cmocka_unit_test(bools),
		cmocka_unit_test(our_settings),
		cmocka_unit_test(too_long),
	};
	return run_group(tests);
}
