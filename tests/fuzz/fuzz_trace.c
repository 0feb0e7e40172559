// SPDX-License-Identifier: GPL-2.0-or-later
// A capture's notes: of paths and links from outside, and the numbers that are met again in a copy. The first file is
// what the numbers' file of a capture says; the paths that are noted stand in the other, a line each.
#include "tree.h"

#include <inttypes.h>

#include "base/named_dir.h"
#include "base/recording.h"
#include "base/replay.h"
#include "tell/capture/capture.h"

#define PATHS_MAX 16

static struct tree_file files[] = {
	{ .name = "numbers", .path = "gvt-early-capture" }, { .name = "paths", .path = "paths" },
	{ .name = "a", .path = "sys/a", .link = true },     { .name = "b", .path = "sys/b", .link = true },
	{ .name = "c", .path = "c", .link = true },
};

// The content of a file of the tree, "" when it is not there; the caller frees it.
static char *content_of(const char *path)
{
	struct stat st;
	int fd = openat(tree.root.fs, path, O_RDONLY | O_CLOEXEC);
	size_t length = fd >= 0 && fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
	char *text = malloc(length + 1);
	CHECK(text && (length == 0 || read(fd, text, length) == (ssize_t)length));
	text[length] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void note(const struct root *root, const char *path)
{
	static char a[] = "a", b[] = "b"; // as readdir(3) gives them: no slash in them
	char *const names[] = { a, b, NULL };
	recording_begin(root->sys, path);
	recording_present(root->sys, path);
	recording_file(root->sys, path, path, strlen(path));
	recording_names(root->fs, path, names);
	recording_link(root->fs, path, path);
	recording_error(root->sys, path, -(int)strlen(path) - 1);
	recording_changed(root->sys, path, -1);
	recording_inode(root->sys, path, UINT64_MAX);
	recording_begin(root->proc, path);
}

// A number's line is met again as it was noted.
static void check_number(const struct root *root, const struct recording_item *item)
{
	char line[NAMED_PATH_SIZE + 64], *text;
	uint64_t inode = 0;
	int64_t changed = 0;
	if (!recording_line(item, line, sizeof(line)))
		return;
	CHECK(asprintf(&text, REPLAY_HEAD "%s\n", line) > 0);
	CHECK(replay_take(text) == 0);
	if (item->kind == RECORDING_ERROR)
		CHECK(replay_error_at(root->fs, item->path) == item->number);
	if (item->kind == RECORDING_INODE)
		CHECK(replay_inode_at(root->fs, item->path, &inode) && (int64_t)inode == item->number);
	if (item->kind == RECORDING_CHANGED)
		CHECK(replay_changed_at(root->fs, item->path, &changed) && changed == item->number);
	free(text);
}

static void check_notes(const struct root *root)
{
	static struct terminal terminal;
	struct recording trace;
	char *data, *nowhere = NULL;
	size_t length, none;
	CHECK(recording_read(&trace) == 0);
	for (size_t i = 0; i < trace.count; i++) {
		const struct recording_item *item = &trace.items[i];
		CHECK(strlen(item->path) < NAMED_PATH_SIZE && item->data[item->length] == '\0');
		CHECK(i == 0 || strcmp(trace.items[i - 1].path, item->path) <= 0);
		if (item->kind < RECORDING_ERROR) // free of links, and within the tree
			CHECK(item->path[0] != '/' && !starts_with(item->path, "../") && !strstr(item->path, "/../") &&
			      !streq(item->path, ".."));
		else
			check_number(root, item);
	}
	terminal.stream = open_memstream(&nowhere, &none);
	terminal.columns = 80;
	CHECK(terminal.stream && capture_make(&trace, &terminal, &data, &length) == 0 && length >= 1024);
	CHECK(fclose(terminal.stream) == 0);
	free(nowhere);
	free(data);
	recording_free(&trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	char *numbers = content_of("gvt-early-capture"), *paths = content_of("paths"), *rest = paths, *path;
	int r = replay_take(numbers);
	CHECK(replay_is_copy() == starts_with(numbers, REPLAY_HEAD) && (replay_is_copy() || r == -EINVAL));
	CHECK(replay_error_at(root->sys, "bus/pci/devices") <= 0 &&
	      replay_error_at(root->sys, "bus/pci/devices") >= -4095);

	CHECK(recording_start() == 0);
	for (int i = 0; i < PATHS_MAX && (path = strsep(&rest, "\n")); i++)
		note(root, path);
	check_notes(root);
	recording_stop();
	CHECK(replay_take("") == -EINVAL);
	free(numbers);
	free(paths);
	return 0;
}
