// SPDX-License-Identifier: GPL-2.0-or-later
// What the unit tests share: cmocka with what it wants included before it, and small trees of files to look at.
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/root.h"
#include "base/util.h"

// Not every test uses everything here.
#define HELPER static inline __attribute__((unused))

// An enum's values are compared as numbers: cmocka would complain about their sign.
#define assert_equal(a, b)        assert_int_equal((int)(a), (int)(b))
#define assert_starts(text, with) assert_string_start(__FILE__, __LINE__, text, with)
#define assert_has(text, part)    assert_string_part(__FILE__, __LINE__, text, part, true)
#define assert_lacks(text, part)  assert_string_part(__FILE__, __LINE__, text, part, false)

HELPER void assert_string_start(const char *file, int line, const char *text, const char *with)
{
	if (!starts_with(text, with)) {
		print_error("'%s' does not start with '%s'\n", text, with);
		_fail(file, line);
	}
}

HELPER void assert_string_part(const char *file, int line, const char *text, const char *part, bool wanted)
{
	if ((strstr(text, part) != NULL) != wanted) {
		print_error("'%s' %s '%s'\n", text, wanted ? "lacks" : "has", part);
		_fail(file, line);
	}
}

// A directory of its own for a test, with what the program looks for in a root.
struct tree {
	char path[256];
	struct root root;
};

HELPER void tree_make(struct tree *tree)
{
	const char *base = getenv("TMPDIR");
	snprintf(tree->path, sizeof(tree->path), "%s/gvt-early.XXXXXX", base && *base ? base : "/tmp");
	assert_non_null(mkdtemp(tree->path));
	static const char *const dirs[] = { "sys", "proc", "run", "dev" };
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%s", tree->path, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_int_equal(root_open(&tree->root, tree->path), 0);
}

HELPER int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

HELPER void tree_remove(struct tree *tree)
{
	root_close(&tree->root);
	assert_int_equal(nftw(tree->path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

// Makes the directories on the way to a path.
HELPER void tree_parents(const struct tree *tree, const char *path)
{
	char dir[512];
	snprintf(dir, sizeof(dir), "%s", path);
	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdirat(tree->root.fs, dir, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

HELPER void tree_dir(const struct tree *tree, const char *path)
{
	tree_parents(tree, path);
	assert_int_equal(mkdirat(tree->root.fs, path, 0755), 0);
}

HELPER void tree_put_bytes(const struct tree *tree, const char *path, const void *data, size_t length)
{
	tree_parents(tree, path);
	int fd = openat(tree->root.fs, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

HELPER void tree_put(const struct tree *tree, const char *path, const char *text)
{
	tree_put_bytes(tree, path, text, strlen(text));
}

HELPER void tree_link(const struct tree *tree, const char *path, const char *target)
{
	tree_parents(tree, path);
	assert_int_equal(symlinkat(target, tree->root.fs, path), 0);
}

// What is in a file; static, "" when there is none.
HELPER const char *tree_get(const struct tree *tree, const char *path)
{
	static char text[64 * 1024];
	int fd = openat(tree->root.fs, path, O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

// For tests that have a tree each: *state is it.
HELPER int tree_setup(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	assert_non_null(tree);
	tree_make(tree);
	*state = tree;
	return 0;
}

HELPER int tree_teardown(void **state)
{
	tree_remove(*state);
	free(*state);
	return 0;
}

#define tree_test(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)
#define run_group(tests)    cmocka_run_group_tests(tests, NULL, NULL)
