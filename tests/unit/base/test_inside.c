// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/inside.h"

typedef int (*opener)(int dir, const char *path, int flags);
static const opener openers[] = { inside_open, inside_walk };

// What a path leads to, as text, or a negative errno.
static int read_at(opener open_at, const struct tree *tree, const char *path, char *text, size_t size)
{
	CLEANUP_CLOSE int fd = open_at(tree->root.fs, path, O_RDONLY);
	if (fd < 0)
		return fd;
	ssize_t length = read(fd, text, size - 1);
	text[length > 0 ? length : 0] = '\0';
	return length < 0 ? -errno : 0;
}

static void stays_inside(void **state)
{
	struct tree *tree = *state;
	char up[512], absolute[512];
	tree_put(tree, "marker", "inside");
	tree_put(tree, "a/b/file", "file");
	tree_link(tree, "a/b/to-top", "/");
	tree_link(tree, "a/b/absolute", "/marker");
	tree_link(tree, "a/b/up", "../../../../../../../../../marker");
	tree_link(tree, "a/b/mixed", "/a/../../marker");
	tree_link(tree, "a/b/relative", "../b/file");
	tree_link(tree, "a/c", "/a/b");
	// What they would lead to in the host: another file, or the same with another name.
	snprintf(up, sizeof(up), "..%s/marker", tree->path);
	snprintf(absolute, sizeof(absolute), "%s/marker", tree->path);
	tree_link(tree, "out", absolute);

	static const struct {
		const char *path, *text;
	} there[] = {
		{ "marker", "inside" },
		{ "/marker", "inside" },
		{ "a/b/absolute", "inside" },
		{ "a/b/up", "inside" },
		{ "a/b/mixed", "inside" },
		{ "a/b/to-top/marker", "inside" },
		{ "a/b/to-top/../../marker", "inside" },
		{ "../../../marker", "inside" },
		{ "a/b/relative", "file" },
		{ "a/c/file", "file" },
		{ "a/c/../b/./relative", "file" },
		{ "a//b///file", "file" },
	};
	for (size_t o = 0; o < ARRAY_SIZE(openers); o++) {
		char text[64];
		for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
			assert_int_equal(read_at(openers[o], tree, there[i].path, text, sizeof(text)), 0);
			assert_string_equal(text, there[i].text);
		}
		assert_int_equal(read_at(openers[o], tree, "out", text, sizeof(text)), -ENOENT);
		assert_int_equal(read_at(openers[o], tree, up, text, sizeof(text)), -ENOENT);
		assert_int_equal(read_at(openers[o], tree, "a/b/file/", text, sizeof(text)), -ENOTDIR);
		assert_int_equal(read_at(openers[o], tree, "a/b/file/x", text, sizeof(text)), -ENOTDIR);
		assert_int_equal(read_at(openers[o], tree, "a/none/file", text, sizeof(text)), -ENOENT);
	}
}

static void has_bounds(void **state)
{
	struct tree *tree = *state;
	char path[8192] = "", text[8];
	tree_link(tree, "loop", "loop");
	tree_link(tree, "one", "two/x");
	tree_link(tree, "two", "one/x");
	tree_link(tree, "40", "41");
	for (int i = 39; i >= 0; i--) {
		char name[16], target[16];
		snprintf(name, sizeof(name), "%d", i);
		snprintf(target, sizeof(target), "%d", i + 1);
		tree_link(tree, name, target);
	}
	tree_put(tree, "41", "end");
	for (size_t o = 0; o < ARRAY_SIZE(openers); o++) {
		assert_int_equal(read_at(openers[o], tree, "loop", text, sizeof(text)), -ELOOP);
		assert_int_equal(read_at(openers[o], tree, "one", text, sizeof(text)), -ELOOP);
		assert_int_equal(read_at(openers[o], tree, "0", text, sizeof(text)), -ELOOP);
		assert_int_equal(read_at(openers[o], tree, "1", text, sizeof(text)), 0); // 40 links
	}
	memset(path, 'a', 300);
	for (size_t o = 0; o < ARRAY_SIZE(openers); o++)
		assert_int_equal(read_at(openers[o], tree, path, text, sizeof(text)), -ENAMETOOLONG);
	memset(path, '/', 5000);
	for (size_t o = 0; o < ARRAY_SIZE(openers); o++)
		assert_int_equal(read_at(openers[o], tree, path, text, sizeof(text)), -ENAMETOOLONG);

	// Descriptors are not used up.
	int before = dup(0);
	close(before);
	for (int i = 0; i < 3000; i++)
		(void)!inside_walk(tree->root.fs, i % 2 ? "one" : "run/../dev/../sys/none/..", O_PATH);
	int after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

static void kinds(void **state)
{
	struct tree *tree = *state;
	struct stat st;
	tree_link(tree, "link", "sys");
	tree_put(tree, "file", "");
	for (size_t o = 0; o < ARRAY_SIZE(openers); o++) {
		int fd = openers[o](tree->root.fs, "link", O_PATH | O_NOFOLLOW);
		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(S_ISLNK(st.st_mode));
		close(fd);
		static const char *const dirs[] = { "link", "link/", "sys", "", ".", "/", "..", "sys/..", "sys/." };
		for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
			fd = openers[o](tree->root.fs, dirs[i], O_RDONLY | O_DIRECTORY);
			assert_true(fd >= 0);
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			assert_int_equal(fstat(fd, &st), 0);
			assert_true(S_ISDIR(st.st_mode));
			close(fd);
		}
		assert_int_equal(openers[o](tree->root.fs, "file", O_RDONLY | O_DIRECTORY), -ENOTDIR);
		assert_int_equal(openers[o](tree->root.fs, "file", O_PATH | O_DIRECTORY), -ENOTDIR);
		assert_int_equal(openers[o](-1, "file", O_PATH), -EBADF);
	}
}

// Both ways come to the same, whatever is asked.
static void both_agree(void **state)
{
	struct tree *tree = *state;
	static const char *const parts[] = { "a", "b", "l", "..", ".", "", "/", "f", "t/" };
	tree_put(tree, "a/b/f", "");
	tree_put(tree, "b/f", "");
	tree_link(tree, "a/l", "../b");
	tree_link(tree, "b/l", "/a/b/../b");
	tree_link(tree, "l", "a/l/");
	tree_link(tree, "t", "..");
	unsigned seed = 1;
	for (int i = 0; i < 20000; i++) {
		char path[64] = "";
		for (unsigned n = 0; n < 6; n++) {
			seed = seed * 1103515245 + 12345;
			strcat(path, parts[(seed >> 16) % ARRAY_SIZE(parts)]);
			if (seed >> 30)
				strcat(path, "/");
		}
		int flags = O_PATH | (i % 3 == 0 ? O_NOFOLLOW : 0) | (i % 5 == 0 ? O_DIRECTORY : 0);
		CLEANUP_CLOSE int one = inside_open(tree->root.fs, path, flags);
		CLEANUP_CLOSE int other = inside_walk(tree->root.fs, path, flags);
		struct stat a = { 0 }, b = { 0 };
		if (one < 0 || other < 0) {
			if (one != other)
				print_error("%s: %d and %d\n", path, one, other);
			assert_int_equal(one, other);
			continue;
		}
		assert_int_equal(fstat(one, &a) + fstat(other, &b), 0);
		assert_true(a.st_ino == b.st_ino);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(stays_inside),
		tree_test(has_bounds),
		tree_test(kinds),
		tree_test(both_agree),
	};
	return run_group(tests);
}
