// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/diff.h"

static void is_diff(const char *before, const char *after, const char *expected)
{
	CLEANUP_FREE char *text = NULL;
	assert_int_equal(diff_unified("/f", before, after, &text), 0);
	assert_string_equal(text, expected);
}

static void small(void **state)
{
	(void)state;
	is_diff("a\n", "a\n", "");
	is_diff(NULL, NULL, "");
	is_diff("a\n", "b\n", "--- /f\n+++ /f\n@@ -1 +1 @@\n-a\n+b\n");
	is_diff(NULL, "a\nb\n", "--- /dev/null\n+++ /f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
	is_diff("a\n", NULL, "--- /f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
	is_diff("a", "a\n", "--- /f\n+++ /f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
	is_diff("a\nb\nc\n", "a\nc\nd\n", "--- /f\n+++ /f\n@@ -1,3 +1,3 @@\n a\n-b\n c\n+d\n");
}

// Changes far from each other are hunks of their own.
static void hunks(void **state)
{
	(void)state;
	is_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
		"--- /f\n+++ /f\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n");
	is_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
		"--- /f\n+++ /f\n@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(small), cmocka_unit_test(hunks) };
	return run_group(tests);
}
