// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "terminal.h"

// What was printed to a terminal made of memory.
struct screen {
	struct terminal terminal;
	char *text;
	size_t length;
};

static void screen_open(struct screen *screen)
{
	memset(screen, 0, sizeof(*screen));
	screen->terminal.stream = open_memstream(&screen->text, &screen->length);
	assert_non_null(screen->terminal.stream);
}

static void assert_screen(struct screen *screen, const char *wanted)
{
	fclose(screen->terminal.stream);
	assert_string_equal(screen->text, wanted);
	free(screen->text);
}

static void the_locale(void **state)
{
	(void)state;
	static const struct {
		const char *all, *ctype, *lang;
		bool utf8;
	} cases[] = {
		{ NULL, NULL, NULL, false },
		{ NULL, NULL, "de_DE.UTF-8", true },
		{ NULL, NULL, "C.utf8", true },
		{ NULL, NULL, "en_US.ISO-8859-1", false },
		{ NULL, NULL, "C", false },
		{ "C", NULL, "de_DE.UTF-8", false },
		{ "", "ca_ES.UTF-8@valencia", "C", true },
		{ NULL, "POSIX", "de_DE.UTF-8", false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
		const char *const values[] = { cases[i].all, cases[i].ctype, cases[i].lang };
		for (size_t n = 0; n < ARRAY_SIZE(names); n++)
			assert_int_equal(values[n] ? setenv(names[n], values[n], 1) : unsetenv(names[n]), 0);
		struct terminal terminal;
		terminal_open(&terminal, stderr);
		assert_equal(terminal.utf8, cases[i].utf8);
		assert_string_equal(terminal_pick(&terminal, "\xe2\x94\x80", "-"), cases[i].utf8 ? "\xe2\x94\x80" : "-");
	}
}

static void colours_on_a_terminal_only(void **state)
{
	(void)state;
	FILE *file = tmpfile();
	int pty = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(pty >= 0);
	FILE *real = fdopen(pty, "r+");
	assert_non_null(file);
	assert_non_null(real);
	struct terminal terminal;

	unsetenv("NO_COLOR");
	setenv("TERM", "linux", 1);
	terminal_open(&terminal, real);
	assert_true(terminal.colour);
	terminal_open(&terminal, file);
	assert_false(terminal.colour);
	setenv("NO_COLOR", "", 1); // set to nothing is not set
	terminal_open(&terminal, real);
	assert_true(terminal.colour);
	setenv("NO_COLOR", "1", 1);
	terminal_open(&terminal, real);
	assert_false(terminal.colour);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	terminal_open(&terminal, real);
	assert_false(terminal.colour);
	unsetenv("TERM");
	terminal_open(&terminal, real);
	assert_false(terminal.colour);
	fclose(file);
	fclose(real);
}

static void filled_up(void **state)
{
	(void)state;
	struct screen screen;
	screen_open(&screen);
	terminal_print(&screen.terminal, COLOUR_BAD, 5, "no\xc3\xa4");
	terminal_print(&screen.terminal, COLOUR_NONE, 2, "longer");
	assert_screen(&screen, "no\xc3\xa4  longer");

	screen_open(&screen);
	screen.terminal.colour = true;
	terminal_print(&screen.terminal, COLOUR_GOOD, 4, "ok");
	terminal_print(&screen.terminal, COLOUR_NONE, 0, "plain");
	assert_screen(&screen, "\033[32mok\033[0m  plain");
}

static void broken_at_blanks(void **state)
{
	(void)state;
	struct screen screen;
	char wanted[512];
	const char *forty = "1234567890123456789012345678901234567890";

	screen_open(&screen);
	terminal_wrap(&screen.terminal, 0, 4, "");
	assert_screen(&screen, "\n");

	// 39 + 1 + 40 columns are a full line.
	char text[256];
	snprintf(text, sizeof(text), "%s  %s and more", forty + 1, forty);
	screen_open(&screen);
	terminal_wrap(&screen.terminal, 0, 4, text);
	snprintf(wanted, sizeof(wanted), "%s %s\n    and more\n", forty + 1, forty);
	assert_screen(&screen, wanted);

	// One column further on it is one too many.
	screen_open(&screen);
	terminal_wrap(&screen.terminal, 1, 2, text);
	snprintf(wanted, sizeof(wanted), "%s\n  %s and more\n", forty + 1, forty);
	assert_screen(&screen, wanted);

	// What is longer than a line is not cut.
	snprintf(text, sizeof(text), "a %s%s%s b", forty, forty, forty);
	screen_open(&screen);
	terminal_wrap(&screen.terminal, 0, 2, text);
	snprintf(wanted, sizeof(wanted), "a\n  %s%s%s\n  b\n", forty, forty, forty);
	assert_screen(&screen, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_locale),
		cmocka_unit_test(colours_on_a_terminal_only),
		cmocka_unit_test(filled_up),
		cmocka_unit_test(broken_at_blanks),
	};
	return run_group(tests);
}
