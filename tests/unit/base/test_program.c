// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "base/program.h"

static uint64_t in_ms(unsigned ms)
{
	return clock_now_us() + ms * USEC_PER_MSEC;
}

static void codes(void **state)
{
	(void)state;
	assert_int_equal(program_run((const char *const[]){ "true", NULL }, in_ms(20000)), 0);
	assert_int_equal(program_run((const char *const[]){ "sh", "-c", "exit 5", NULL }, in_ms(20000)), 5);
	assert_int_equal(program_run((const char *const[]){ "gvt-early-no-such-program", NULL }, in_ms(20000)),
			 PROGRAM_ABSENT);
	assert_int_equal(program_run((const char *const[]){ "sh", "-c", "kill -9 $$", NULL }, in_ms(20000)), -EIO);
}

// It is given up in time, and what it has started with it.
static void late(void **state)
{
	struct tree *tree = *state;
	char script[512];
	uint64_t begin = clock_now_us();
	snprintf(script, sizeof(script), "(sleep 3; touch '%s/late') & sleep 60", tree->path);
	assert_int_equal(program_run((const char *const[]){ "sh", "-c", script, NULL }, in_ms(300)), -ETIMEDOUT);
	assert_true(clock_now_us() - begin < 30 * USEC_PER_SEC);
	sleep(4);
	assert_int_equal(faccessat(tree->root.fs, "late", F_OK, 0), -1);
}

static void output(void **state)
{
	(void)state;
	char *text = NULL;
	assert_int_equal(program_output((const char *const[]){ "sh", "-c", "echo out; echo err >&2; cat; exit 3",
							       NULL },
					NULL, 0, in_ms(20000), 100, &text),
			 3);
	assert_string_equal(text, "out\n");
	free(text);
	// Cut, and never more.
	assert_int_equal(program_output((const char *const[]){ "sh", "-c", "echo 123456789", NULL }, NULL, 0,
					in_ms(20000), 4, &text),
			 0);
	assert_string_equal(text, "1234");
	free(text);
	text = NULL;
	assert_int_equal(program_output((const char *const[]){ "sleep", "60", NULL }, NULL, 0, in_ms(200), 4, &text),
			 -ETIMEDOUT);
	assert_null(text);
}

static void filter(void **state)
{
	(void)state;
	char text[16] = "";
	CLEANUP_CLOSE int in = memfd_create("in", MFD_CLOEXEC);
	CLEANUP_CLOSE int out = memfd_create("out", MFD_CLOEXEC);
	assert_int_equal(write(in, "ab\ncd\n", 6), 6);
	assert_int_equal(lseek(in, 3, SEEK_SET), 3);
	assert_int_equal(program_filter((const char *const[]){ "tr", "c", "x", NULL }, in, out, in_ms(20000)), 0);
	assert_int_equal(pread(out, text, sizeof(text), 0), 3);
	assert_string_equal(text, "xd\n");
	assert_int_equal(program_filter((const char *const[]){ "false", NULL }, in, out, in_ms(20000)), 1);
	assert_int_equal(program_filter((const char *const[]){ "gvt-early-no-such-program", NULL }, in, out,
					in_ms(20000)),
			 PROGRAM_ABSENT);
	assert_int_equal(program_filter((const char *const[]){ "sleep", "60", NULL }, in, out, in_ms(200)), -ETIMEDOUT);
}

// A file that has no name is read by another program.
static void descriptors(void **state)
{
	(void)state;
	char name[32], *text = NULL;
	int fd = memfd_create("test", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "inside", 6), 6);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_int_equal(program_output((const char *const[]){ "cat", name, NULL }, &fd, 1, in_ms(20000), 100, &text),
			 0);
	assert_string_equal(text, "inside");
	free(text);
	close(fd);
}

// Programs are those of the system, whatever the caller's PATH says.
static void path(void **state)
{
	(void)state;
	char *text = NULL;
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(program_output((const char *const[]){ "sh", "-c", "echo $PATH", NULL }, NULL, 0, in_ms(20000),
					200, &text),
			 0);
	assert_string_equal(text, PROGRAM_PATH "\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes),       tree_test(late),
		cmocka_unit_test(output),      cmocka_unit_test(filter),
		cmocka_unit_test(descriptors), cmocka_unit_test(path),
	};
	return run_group(tests);
}
