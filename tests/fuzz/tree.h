// SPDX-License-Identifier: GPL-2.0-or-later
// For harnesses of what reads files: a directory of its own with what the program looks for in a root, opened once, in
// which each input puts its files.
//
// An input is a list of files. Before each stands a line "==== NAME" with the file's name in the harness' table; a file
// that has none is not there. Of a link the content, up to a NUL or a newline, is the target.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/root.h"
#include "fuzz.h"

#define TREE_HEAD "==== "

struct tree_file {
	const char *name, *path;
	bool link;
	bool there; // tree.h's own
};

struct tree {
	char path[256];
	struct root root;
};

// Not every harness uses everything here.
#define HELPER static inline __attribute__((unused))

static struct tree tree;

HELPER int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

// After a failure it stays; fuzz.t, which says where it is, removes it.
HELPER void tree_remove(void)
{
	root_close(&tree.root);
	(void)nftw(tree.path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// Makes the directories on the way to a path.
HELPER void tree_parents(const char *path)
{
	char dir[512];
	snprintf(dir, sizeof(dir), "%s", path);
	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		CHECK(mkdirat(tree.root.fs, dir, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

HELPER void tree_put(const char *path, const void *data, size_t length)
{
	int fd = openat(tree.root.fs, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, data, length) == (ssize_t)length);
	close(fd);
}

// Makes it at the first call. What the program logs goes nowhere.
HELPER const struct root *tree_open(const struct tree_file *files, size_t count)
{
	static const char *const dirs[] = { "sys", "proc", "run/gvt-early", "dev" };
	if (tree.path[0])
		return &tree.root;
	const char *base = getenv("TMPDIR");
	snprintf(tree.path, sizeof(tree.path), "%s/gvt-early.XXXXXX", base && *base ? base : "/dev/shm");
	CHECK(mkdtemp(tree.path));
	tree.root.fs = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char path[64];
		snprintf(path, sizeof(path), "%s/", dirs[i]);
		tree_parents(path);
	}
	for (size_t i = 0; i < count; i++)
		tree_parents(files[i].path);
	close(tree.root.fs);
	CHECK(root_open(&tree.root, tree.path) == 0);
	CHECK(symlinkat("/dev/null", tree.root.dev, "kmsg") == 0);
	log_to_kernel(tree.root.dev);
	atexit(tree_remove);
	return &tree.root;
}

HELPER void tree_take(struct tree_file *file, const uint8_t *data, size_t length)
{
	char target[512];
	if (file->there && (file->link || !data))
		(void)unlinkat(tree.root.fs, file->path, 0); // the program may have removed it
	file->there = data;
	if (!data)
		return;
	if (!file->link) {
		tree_put(file->path, data, length);
		return;
	}
	size_t end = 0;
	while (end < length && end + 1 < sizeof(target) && data[end] && data[end] != '\n')
		end++;
	memcpy(target, data, end);
	target[end] = '\0';
	file->there = end > 0 && symlinkat(target, tree.root.fs, file->path) == 0;
}

// The next line "==== NAME", or the end.
HELPER const uint8_t *tree_next_head(const uint8_t *data, const uint8_t *end)
{
	const size_t length = strlen(TREE_HEAD);
	for (const uint8_t *begin = data; data < end; data++) {
		data = memmem(data, (size_t)(end - data), TREE_HEAD, length);
		if (!data || data == begin || data[-1] == '\n')
			return data ? data : end;
	}
	return end;
}

// Puts the files of an input there, instead of those of the last one.
HELPER const struct root *tree_fill(struct tree_file *files, size_t count, const uint8_t *data, size_t size)
{
	const struct root *root = tree_open(files, count);
	const uint8_t *const end = data + size;
	struct {
		const uint8_t *data;
		size_t length;
	} taken[32] = { { NULL, 0 } };
	CHECK(count <= ARRAY_SIZE(taken));
	for (const uint8_t *at = tree_next_head(data, end); at < end;) {
		const uint8_t *name = at + strlen(TREE_HEAD), *line = memchr(name, '\n', (size_t)(end - name));
		if (!line)
			break;
		at = tree_next_head(line + 1, end);
		for (size_t i = 0; i < count; i++)
			if (strlen(files[i].name) == (size_t)(line - name) &&
			    memcmp(files[i].name, name, (size_t)(line - name)) == 0) {
				taken[i].data = line + 1;
				taken[i].length = (size_t)(at - line - 1);
			}
	}
	for (size_t i = 0; i < count; i++)
		tree_take(&files[i], taken[i].data, taken[i].length);
	return root;
}
