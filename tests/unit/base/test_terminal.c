// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/ioctl.h>

#include "base/terminal.h"

// What was printed to a terminal made of memory.
struct screen {
	struct terminal terminal;
	char *text;
	size_t length;
};

static void screen_open(struct screen *screen)
{
	memset(screen, 0, sizeof(*screen));
	screen->terminal.columns = TERMINAL_COLUMNS;
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
		assert_string_equal(terminal_pick(&terminal, "\xe2\x94\x80", "-"),
				    cases[i].utf8 ? "\xe2\x94\x80" : "-");
	}
}

// How many columns terminal_open() finds with a pseudo terminal of some, and $COLUMNS.
static void columns(void **state)
{
	(void)state;
	static const struct {
		unsigned short of_terminal; // 0: a serial console's
		const char *variable;
		size_t wanted;
	} cases[] = {
		{ 0, NULL, 80 },    { 100, NULL, 100 }, { 40, NULL, 40 },   { 20, NULL, 40 },     { 160, NULL, 160 },
		{ 300, NULL, 160 }, { 100, "72", 72 },  { 100, "", 100 },   { 100, "x", 100 },    { 100, "72x", 100 },
		{ 0, "132", 132 },  { 100, "0", 80 },   { 100, "-1", 160 }, { 100, "1000", 160 },
	};
	int pty = posix_openpt(O_RDWR | O_NOCTTY);
	FILE *stream = fdopen(pty, "r+"), *file = tmpfile();
	struct terminal terminal;
	assert_non_null(stream);
	assert_non_null(file);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct winsize size = { .ws_row = 25, .ws_col = cases[i].of_terminal };
		assert_int_equal(ioctl(pty, TIOCSWINSZ, &size), 0);
		assert_int_equal(cases[i].variable ? setenv("COLUMNS", cases[i].variable, 1) : unsetenv("COLUMNS"), 0);
		terminal_open(&terminal, stream);
		assert_int_equal(terminal.columns, cases[i].wanted);
	}
	unsetenv("COLUMNS");
	terminal_open(&terminal, file);
	assert_int_equal(terminal.columns, 80);
	setenv("COLUMNS", "50", 1);
	terminal_open(&terminal, file);
	assert_int_equal(terminal.columns, 50);
	assert_true(terminal_is_narrow(&terminal));
	unsetenv("COLUMNS");
	fclose(stream);
	fclose(file);
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
	screen.terminal.utf8 = true;
	terminal_print(&screen.terminal, COLOUR_BAD, 5, "no\xc3\xa4");
	terminal_print(&screen.terminal, COLOUR_NONE, 2, "longer");
	assert_screen(&screen, "no\xc3\xa4  longer");

	// What is not shown as it is has the width of what is shown.
	screen_open(&screen);
	terminal_print(&screen.terminal, COLOUR_NONE, 8, "a\xc3\xa4\x9b\033[1m");
	terminal_print(&screen.terminal, COLOUR_NONE, 0, "\n|");
	assert_screen(&screen, "a?? [1m  |");

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

	// What is longer than a line is cut where the line ends.
	snprintf(text, sizeof(text), "a %s%s%s b", forty, forty, forty);
	screen_open(&screen);
	terminal_wrap(&screen.terminal, 0, 2, text);
	snprintf(wanted, sizeof(wanted), "a\n  %s%.38s\n  90%s b\n", forty, forty, forty);
	assert_screen(&screen, wanted);
}

static void assert_wrapped(size_t width, size_t at, size_t indent, const char *text, const char *wanted)
{
	struct screen screen;
	screen_open(&screen);
	screen.terminal.columns = width;
	terminal_wrap(&screen.terminal, at, indent, text);
	assert_screen(&screen, wanted);
}

// A command is not broken, but stands on a line of its own if that is what it takes, in nothing but itself.
static void commands_are_whole(void **state)
{
	(void)state;
	assert_wrapped(40, 0, 2, "now run 'update-initramfs -u -k all' and reboot",
		       "now run 'update-initramfs -u -k all' and\n  reboot\n");
	assert_wrapped(40, 6, 8, "now run 'update-initramfs -u -k all' and reboot",
		       "now run\n        'update-initramfs -u -k all' and\n        reboot\n");
	assert_wrapped(40, 12, 12, "now run 'update-initramfs -u -k 6.14.8-2-pve', and reboot",
		       "now run\n    update-initramfs -u -k 6.14.8-2-pve\n            and reboot\n");
	assert_wrapped(40, 2, 2, "'update-initramfs -u -k 6.14.8-2-pve --very-verbose'",
		       "update-initramfs -u -k 6.14.8-2-pve --very-verbose\n");
	assert_wrapped(40, 10, 10, "remove that: sed -i -e '/^ *vfio_virqfd *$/d' /etc/modules",
		       "remove that:\n    sed -i -e '/^ *vfio_virqfd *$/d' /etc/modules\n");
	// Nor is a path that has room there.
	assert_wrapped(40, 12, 12, "in /etc/pve/qemu-server/100.conf: it",
		       "in\n    /etc/pve/qemu-server/100.conf:\n            it\n");
	assert_wrapped(40, 0, 0, "the driver says nothing of it: so be it, and that is all",
		       "the driver says nothing of it: so be it,\nand that is all\n");
}

static void below_a_head(void **state)
{
	(void)state;
	struct screen screen;
	screen_open(&screen);
	screen.terminal.columns = 40;
	terminal_wrap_below(&screen.terminal, 18, "fits behind the head");
	terminal_wrap_below(&screen.terminal, 18, "does not fit behind the head, and");
	assert_screen(&screen, "fits behind the head\n\n    does not fit behind the head, and\n");
	screen_open(&screen);
	terminal_wrap_below(&screen.terminal, 70, "fits not behind the head");
	assert_screen(&screen,
		      "fits not\n                                                                      behind the\n"
		      "                                                                      head\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_locale),   cmocka_unit_test(colours_on_a_terminal_only),
		cmocka_unit_test(filled_up),    cmocka_unit_test(broken_at_blanks),
		cmocka_unit_test(columns),      cmocka_unit_test(commands_are_whole),
		cmocka_unit_test(below_a_head),
	};
	return run_group(tests);
}
