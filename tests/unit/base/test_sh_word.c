// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/sh_word.h"

// What sh makes of it is what was meant.
static void read_back(void **state)
{
	(void)state;
	static const char *const texts[] = { "/etc/default/grub.d/a.cfg",
					     "/etc/my file.conf",
					     "it's",
					     "a\"b",
					     "$HOME",
					     "`id`",
					     "a\\b",
					     "*",
					     "a;b&c|d",
					     "~",
					     "",
					     "a\nb'c",
					     "#x",
					     "(x)",
					     "\xc3\xa4",
					     "-x" };
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char word[SH_WORD_SIZE], command[SH_WORD_SIZE + 16], got[64];
		snprintf(command, sizeof(command), "printf %%s. %s", sh_word(texts[i], word, sizeof(word)));
		FILE *sh = popen(command, "r");
		assert_non_null(sh);
		size_t length = fread(got, 1, sizeof(got) - 1, sh);
		assert_int_equal(pclose(sh), 0);
		got[length] = '\0';
		assert_true(length > 0 && got[length - 1] == '.');
		got[length - 1] = '\0';
		assert_string_equal(got, texts[i]);
	}
}

static void run(void **state)
{
	(void)state;
	char text[64];
	assert_string_equal(sh_run("update-grub", text, sizeof(text)), "run 'update-grub'");
	assert_string_equal(sh_run("mv it\\'s x", text, sizeof(text)), "run \"mv it\\'s x\"");
}

static void is_cut(void **state)
{
	(void)state;
	char word[8];
	assert_string_equal(sh_word("          ", word, sizeof(word)), "\\ \\ \\ ");
	assert_true(strlen(sh_word("\n''''''''", word, sizeof(word))) < sizeof(word));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(read_back), cmocka_unit_test(run),
					    cmocka_unit_test(is_cut) };
	return run_group(tests);
}
