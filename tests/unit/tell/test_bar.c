// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "tell/bar.h"

static char *text;
static size_t length;
static struct terminal terminal;

static void begin(bool utf8)
{
	terminal = (struct terminal){ .stream = open_memstream(&text, &length), .utf8 = utf8 };
	assert_non_null(terminal.stream);
}

static void assert_drawn(const char *wanted)
{
	assert_int_equal(fclose(terminal.stream), 0);
	assert_string_equal(text, wanted);
	free(text);
}

static void parts(void **state)
{
	(void)state;
	const struct bar_part some[] = {
		{ 128, 'H', BAR_HOST, COLOUR_NONE },  { 64, 'A', BAR_TAKEN, COLOUR_OWNER },
		{ 0, 'B', BAR_TAKEN, COLOUR_OWNER },  { 128, 'C', BAR_TAKEN, COLOUR_OWNER + 1 },
		{ 192, '\0', BAR_FREE, COLOUR_NONE },
	};
	begin(false);
	bar_print(&terminal, some, ARRAY_SIZE(some), 32);
	assert_drawn("H#######AaaaCccccccc............");
	begin(true);
	bar_print(&terminal, some, ARRAY_SIZE(some), 8);
	assert_drawn("H▒ACc···");
	begin(true);
	terminal.colour = true;
	bar_print(&terminal, some, ARRAY_SIZE(some), 8);
	assert_drawn("\033[2mH▒\033[0m\033[36mA\033[0m\033[35mC█\033[0m\033[32m···\033[0m");
}

// A part that would get no column gets one, at the cost of its neighbours, and the bar stays as wide as it is.
static void small_parts(void **state)
{
	(void)state;
	const struct bar_part small[] = { { 1, 'a', BAR_TAKEN, COLOUR_NONE },
					  { 1, 'b', BAR_TAKEN, COLOUR_NONE },
					  { 10000, '\0', BAR_FREE, COLOUR_NONE },
					  { 1, 'c', BAR_TAKEN, COLOUR_NONE },
					  { 1, 'd', BAR_TAKEN, COLOUR_NONE } };
	begin(false);
	bar_print(&terminal, small, ARRAY_SIZE(small), 10);
	assert_drawn("ab......cd");
	begin(false);
	bar_print(&terminal, small, 0, 10);
	assert_drawn("");
}

static void spans(void **state)
{
	(void)state;
	static const struct {
		uint64_t from, to, whole;
		const char *drawn;
	} cases[] = {
		{ 0, 10, 10, "==========" },
		{ 0, 0, 10, "=" },
		{ 5, 7, 10, "     ==" },
		{ 10, 10, 10, "         =" },
		{ 99, 120, 10, "         =" },
		{ 5, 50, 10, "     =====" },
		{ 3, 3, 0, "=" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(false);
		bar_print_span(&terminal, COLOUR_NONE, cases[i].from, cases[i].to, cases[i].whole, 10);
		assert_drawn(cases[i].drawn);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parts), cmocka_unit_test(small_parts),
					    cmocka_unit_test(spans) };
	return run_group(tests);
}
