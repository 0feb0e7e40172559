// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/boot/grub_settings.h"

// What GRUB makes of the words in its menu; grub-script-check of GRUB 2.06 refuses the same.
static void lines(void **state)
{
	(void)state;
	static const struct {
		const char *text, *line;
		enum grub_line_end end;
		size_t used;
	} cases[] = {
		{ "quiet a=1", " quiet a=1", GRUB_LINE_WHOLE, 9 },
		{ " a  b ", " a b", GRUB_LINE_WHOLE, 6 },
		{ "a='b c' d", " \"a=b c\" d", GRUB_LINE_WHOLE, 9 },
		{ "a=\"b c\"", " \"a=b c\"", GRUB_LINE_WHOLE, 7 },
		{ "'a=1'", " a=1", GRUB_LINE_WHOLE, 5 },
		{ "\"\" a", "  a", GRUB_LINE_WHOLE, 4 },
		{ "a\\ b", " \"a b\"", GRUB_LINE_WHOLE, 4 },
		{ "a\nb", " a", GRUB_LINE_BREAK, 1 },
		{ "a \\\nb", " a b", GRUB_LINE_WHOLE, 5 },
		{ "a;b", " a", GRUB_LINE_COMMAND, 1 },
		{ "a #b", " a", GRUB_LINE_COMMENT, 2 },
		{ "a#b", " a#b", GRUB_LINE_WHOLE, 3 },
		{ "a$b ${c}d $", " a\032 \032d $", GRUB_LINE_WHOLE, 11 },
		{ "a&b c", " a&b c", GRUB_LINE_REFUSED, 1 },
		{ "a|b", " a|b", GRUB_LINE_REFUSED, 1 },
		{ "a 'b", " a b", GRUB_LINE_REFUSED, 2 },
		{ "a;;b", " a;", GRUB_LINE_REFUSED, 1 },
		{ "a } b", " a } b", GRUB_LINE_REFUSED, 2 },
		{ "{a} b(c) [d] `e`", " {a} b(c) [d] `e`", GRUB_LINE_WHOLE, 16 },
		{ "", "", GRUB_LINE_WHOLE, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[64];
		size_t used;
		enum grub_line_end end = grub_line(cases[i].text, line, &used);
		if (!streq(line, cases[i].line) || end != cases[i].end || used != cases[i].used)
			fail_msg("%s: '%s', %d, %zu", cases[i].text, line, (int)end, used);
	}
}

static struct grub_settings settings;

static const struct said *find(const char *text)
{
	for (size_t i = 0; i < settings.said.count; i++)
		if (strstr(settings.said.items[i].text, text))
			return &settings.said.items[i];
	return NULL;
}

// Drop-ins come in the order of their names' bytes, and each text is told apart by what becomes of it.
static void files(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "etc/default/grub",
		 "GRUB_CMDLINE_LINUX_DEFAULT=\"first\"\nGRUB_CMDLINE_LINUX=\"always\nlost\" outside=1\n");
	tree_put(tree, "etc/default/grub.d/a.cfg",
		 "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT small\"\n");
	tree_put(tree, "etc/default/grub.d/Z.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"capital $(more) x=$(y)\"\n");
	tree_put(tree, "etc/default/grub.d/b.conf", "GRUB_CMDLINE_LINUX_DEFAULT=\"unread\"\n");
	tree_put(tree, "etc/default/grub.d/c.cfg.bak", "GRUB_CMDLINE_LINUX_DEFAULT=\"copy\"\n");
	tree_put(tree, "etc/default/grub.d/.d.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"hidden\"\n");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_string_equal(find("first")->by, "/etc/default/grub.d/Z.cfg:1");
	assert_equal(find("first")->how, SAID_OVERRIDDEN);
	assert_equal(find("capital")->how, SAID_USED);
	assert_string_equal(find("small")->place, "/etc/default/grub.d/a.cfg:1");
	assert_equal(find("always")->how, SAID_USED);
	assert_equal(find("lost")->how, SAID_BEHIND_END);
	assert_equal(find("outside=1")->how, SAID_OUTSIDE);
	assert_equal(find("unread")->how, SAID_FILE_UNUSED);
	assert_equal(find("hidden")->how, SAID_FILE_UNUSED);
	assert_null(find("copy"));
	// The first value's line break ends the line of both.
	assert_non_null(cmdline_last(&settings.words, "always"));
	assert_null(cmdline_last(&settings.words, "capital"));
	grub_settings_free(&settings);

	tree_put(tree, "etc/default/grub", "GRUB_CMDLINE_LINUX=\"always\"\n");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_non_null(cmdline_last(&settings.words, "always"));
	assert_non_null(cmdline_last(&settings.words, "capital"));
	assert_non_null(cmdline_last(&settings.words, "small"));
	assert_null(cmdline_last(&settings.words, "x")); // what it is set to is not known
	assert_equal(settings.menu.kind, SHELL_FINE);
	grub_settings_free(&settings);

	tree_put(tree, "etc/default/grub.d/a.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"a&b\"\n");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_equal(settings.menu.kind, SHELL_SYNTAX);
	assert_string_equal(settings.menu.place.file, "/etc/default/grub.d/a.cfg");
	grub_settings_free(&settings);
}

// A command that is not there ends all, one that is there does not; without a shell to look at neither is known.
static void commands(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "etc/default/grub", "some-program\nGRUB_CMDLINE_LINUX=a\n");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_equal(settings.shell.failure.kind, SHELL_FINE);
	assert_equal(settings.shell.doubt.kind, SHELL_NOT_UNDERSTOOD);
	grub_settings_free(&settings);
	tree_put(tree, "usr/bin/sh", "");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_equal(settings.shell.failure.kind, SHELL_NO_COMMAND);
	grub_settings_free(&settings);
	tree_put(tree, "usr/bin/some-program", "");
	assert_int_equal(grub_settings_read(&settings, &tree->root), 0);
	assert_equal(settings.shell.failure.kind, SHELL_FINE);
	assert_equal(settings.shell.doubt.kind, SHELL_FINE);
	grub_settings_free(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), tree_test(files), tree_test(commands) };
	return run_group(tests);
}
