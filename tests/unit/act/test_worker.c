// SPDX-License-Identifier: GPL-2.0-or-later
// A function that may block for ever, in a process that is given up.
#include "helper.h"

#include <signal.h>

#include "act/worker.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/reading.h"

static char name[] = "test_worker";
static char *arguments[] = { name, NULL };

static int bounded(const struct tree *tree, int (*function)(const void *data), const void *data, unsigned ms,
		   bool *ret_without)
{
	return worker_bounded(&tree->root, function, data, clock_now_us() + ms * USEC_PER_MSEC, arguments, ret_without);
}

static int give(const void *data)
{
	return *(const int *)data;
}

static void its_value_is_the_exit_code(void **state)
{
	bool without = true;
	for (int code = EXIT_ALL_WELL; code <= EXIT_INTERNAL; code++)
		assert_int_equal(bounded(*state, give, &code, 5000, &without), code);
	assert_false(without);
}

// More than a pipe holds.
#define LINES 20000
static int print(const void *data)
{
	(void)data;
	for (int i = 0; i < LINES; i++)
		printf("line %d\n", i);
	return EXIT_ALL_WELL;
}

static void what_it_prints_arrives(void **state)
{
	const struct tree *tree = *state;
	char line[32];
	bool without;
	(void)fflush(stdout);
	int kept = dup(STDOUT_FILENO);
	int file = openat(tree->root.fs, "printed", O_RDWR | O_CREAT, 0600);
	assert_true(file >= 0 && dup2(file, STDOUT_FILENO) >= 0);
	int code = bounded(tree, print, NULL, 20000, &without);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	assert_int_equal(code, EXIT_ALL_WELL);

	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	FILE *printed = fdopen(file, "r");
	assert_non_null(printed);
	int lines = 0;
	for (char wanted[32]; fgets(line, sizeof(line), printed); lines++) {
		snprintf(wanted, sizeof(wanted), "line %d\n", lines);
		assert_string_equal(line, wanted);
	}
	assert_int_equal(lines, LINES);
	(void)fclose(printed);
}

static int die(const void *data)
{
	(void)data;
	return kill(getpid(), SIGKILL);
}

static void one_that_dies_has_failed(void **state)
{
	bool without;
	assert_int_equal(bounded(*state, die, NULL, 5000, &without), EXIT_INTERNAL);
}

static int never_end(const void *data)
{
	(void)data;
	for (;;)
		(void)pause();
	return EXIT_ALL_WELL;
}

static void one_that_does_not_end_is_given_up(void **state)
{
	bool without;
	uint64_t begun = clock_now_us();
	assert_int_equal(bounded(*state, never_end, NULL, 200, &without), EXIT_DEGRADED);
	assert_true(clock_now_us() - begun >= 200 * USEC_PER_MSEC);
	assert_false(without);
}

// The first run hangs in a read, the second one leaves that out.
static int read_stuck(const void *data)
{
	const struct tree *tree = data;
	if (!file_answers(tree->root.sys, "stuck"))
		return EXIT_DEGRADED;
	READING(tree->root.sys, "stuck");
	return never_end(NULL);
}

static void a_read_that_hangs_is_left_out(void **state)
{
	const struct tree *tree = *state;
	bool without = false;
	char path[READING_PATH_SIZE];
	reading_share();
	assert_int_equal(bounded(tree, read_stuck, tree, 20000, &without), EXIT_DEGRADED);
	assert_true(without);
	assert_true(reading_hung_at(0, path, sizeof(path)));
	assert_string_equal(path, "sys/stuck");
	assert_false(reading_hung_at(1, path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(its_value_is_the_exit_code),    tree_test(what_it_prints_arrives),
		tree_test(one_that_dies_has_failed),      tree_test(one_that_does_not_end_is_given_up),
		tree_test(a_read_that_hangs_is_left_out),
	};
	return run_group(tests);
}
