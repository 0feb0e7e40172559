// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/recording.h"
#include "base/replay.h"

static enum recording_kind kind_of_number(enum recording_kind kind)
{
	return kind >= RECORDING_ERROR ? kind : 0;
}

// The item itself, or a kind of number about it.
static const struct recording_item *find(const struct recording *trace, const char *path, enum recording_kind kind)
{
	for (size_t i = 0; i < trace->count; i++)
		if (streq(trace->items[i].path, path) && kind_of_number(trace->items[i].kind) == kind_of_number(kind))
			return &trace->items[i];
	return NULL;
}

static void assert_item(const struct recording *trace, const char *path, enum recording_kind kind, const char *data)
{
	const struct recording_item *item = find(trace, path, kind);
	if (!item)
		print_error("nothing at %s\n", path);
	assert_non_null(item);
	assert_equal(item->kind, kind);
	if (data)
		assert_string_equal(item->data, data);
}

static struct recording stop(void)
{
	struct recording trace;
	assert_int_equal(recording_read(&trace), 0);
	recording_stop();
	return trace;
}

static void readings(void **state)
{
	struct tree *tree = *state;
	const struct root *root = &tree->root;
	char line[64], **names = NULL, *text = NULL;
	size_t length;
	uint64_t inode;
	int64_t changed;
	tree_put(tree, "sys/real/dir/value", "42\n");
	tree_put(tree, "sys/real/dir/other", "unread\n");
	tree_link(tree, "sys/link", "real/dir");
	tree_link(tree, "sys/loop", "loop");
	tree_link(tree, "sys/absolute", "/sys/real");
	tree_put(tree, "etc/file", "text\n");
	tree_put(tree, "etc/list", "whole\n");
	assert_true(file_read_line(root->sys, "link/value", line, sizeof(line)) > 0); // before: not noted

	assert_int_equal(recording_start(), 0);
	assert_true(file_read_line(root->sys, "link/value", line, sizeof(line)) > 0);
	assert_int_equal(file_read(root->fs, "/etc/file", 100, &text, &length), 0);
	free(text);
	assert_int_equal(file_read_line(root->sys, "none", line, sizeof(line)), -ENOENT);
	assert_false(file_exists(root->sys, "nothing"));
	assert_true(file_exists(root->sys, "real/dir/other"));
	assert_true(file_exists(root->proc, "."));
	assert_int_equal(file_link_name(root->sys, "link", line, sizeof(line)), 0);
	assert_int_equal(file_link_name(root->sys, "real", line, sizeof(line)), -EINVAL);
	assert_int_equal(file_read_line(root->sys, "loop", line, sizeof(line)), -ELOOP);
	assert_true(dir_names(root->sys, "link", &names) == 2);
	free(names);
	assert_int_equal(file_inode(root->sys, "link", &inode), 0);
	assert_int_equal(file_changed(root->fs, "etc/file", &changed), 0);
	assert_int_equal(file_changed(root->fs, "etc/none", &changed), -ENOENT);
	recording_pause(true);
	assert_int_equal(file_read_trusted(root->fs, "etc/list", 100, root->owner, &text, &length), 0);
	free(text);
	recording_file(root->proc, "1/cmdline", "by hand", 7);
	recording_pause(false);
	struct recording trace = stop();

	assert_item(&trace, "sys/link", RECORDING_LINK, "real/dir");
	assert_item(&trace, "sys/real/dir/value", RECORDING_FILE, "42\n");
	assert_item(&trace, "sys/real/dir/other", RECORDING_EMPTY, NULL);
	assert_item(&trace, "etc/file", RECORDING_FILE, "text\n");
	assert_item(&trace, "proc", RECORDING_DIR, NULL);
	assert_item(&trace, "proc/1/cmdline", RECORDING_FILE, "by hand");
	assert_null(find(&trace, "etc/list", RECORDING_FILE)); // read while paused
	assert_item(&trace, "sys/real", RECORDING_DIR, NULL);  // no link: what it is instead
	assert_null(find(&trace, "sys/real", RECORDING_ERROR));
	assert_int_equal(find(&trace, "sys/loop", RECORDING_ERROR)->number, -ELOOP);
	assert_int_equal(find(&trace, "sys/none", RECORDING_ERROR)->number, -ENOENT);
	assert_int_equal(find(&trace, "sys/nothing", RECORDING_ERROR)->number, -ENOENT);
	assert_true(find(&trace, "sys/link", RECORDING_INODE)->number == (int64_t)inode);
	assert_true(find(&trace, "etc/file", RECORDING_CHANGED)->number > 1000000000);
	assert_true(recording_line(find(&trace, "etc/file", RECORDING_CHANGED), line, sizeof(line)));
	assert_true(starts_with(line, "changed 1") && strstr(line, " etc/file"));
	assert_true(recording_line(find(&trace, "sys/loop", RECORDING_ERROR), line, sizeof(line)));
	assert_string_equal(line, "error 40 sys/loop");
	assert_false(recording_line(find(&trace, "sys/none", RECORDING_ERROR), line, sizeof(line)));
	assert_false(recording_line(find(&trace, "sys/link", RECORDING_LINK), line, sizeof(line)));
	for (size_t i = 1; i < trace.count; i++)
		assert_true(strcmp(trace.items[i - 1].path, trace.items[i].path) <= 0);
	recording_free(&trace);
}

static int read_and_hang(void *data)
{
	const struct root *root = data;
	char line[64];
	(void)!file_read_line(root->sys, "value", line, sizeof(line));
	recording_begin(root->sys, "stuck");
	while (pause() < 0)
		;
	return 0;
}

// What a child has read before it hung is there, and where it hangs.
static void hanging_child(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "sys/value", "42\n");
	assert_int_equal(recording_start(), 0);
	assert_int_equal(child_run(read_and_hang, &tree->root, clock_now_us() + USEC_PER_SEC / 2), -ETIMEDOUT);
	struct recording trace = stop();
	assert_item(&trace, "sys/value", RECORDING_FILE, "42\n");
	assert_null(find(&trace, "sys/value", RECORDING_ERROR));
	assert_int_equal(find(&trace, "sys/stuck", RECORDING_ERROR)->number, -ETIMEDOUT);
	recording_free(&trace);
}

// Links that lead out of a copy, in a circle, and up.
static void links(void **state)
{
	struct tree *tree = *state;
	const struct root *root = &tree->root;
	char line[64];
	tree_put(tree, "data/value", "42\n");
	tree_link(tree, "sys/deep/down/out", "/data");
	tree_link(tree, "sys/round", "round");
	tree_link(tree, "sys/up", "../data");
	assert_int_equal(recording_start(), 0);
	recording_file(root->sys, "deep/down/out/value", "noted", 5);
	assert_true(file_read_line(root->sys, "round", line, sizeof(line)) == -ELOOP);
	assert_true(file_read_line(root->sys, "up/value", line, sizeof(line)) == 2);
	struct recording trace = stop();
	assert_item(&trace, "sys/deep/down/out", RECORDING_LINK, "../../../data");
	assert_item(&trace, "data/value", RECORDING_FILE, "noted"); // the first one
	assert_item(&trace, "sys/up", RECORDING_LINK, "../data");
	assert_int_equal(find(&trace, "sys/round", RECORDING_ERROR)->number, -ELOOP);
	recording_free(&trace);
}

static void numbers_met_again(void **state)
{
	struct tree *tree = *state;
	const struct root *root = &tree->root;
	char line[64], **names = NULL;
	tree_put(tree, "sys/value", "42\n");
	assert_int_equal(replay_take("something else\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "error x sys/value\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "error 0 sys/value\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "error 110\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 sys/value\nlater: new\nerror 13 proc/.\n"), 0);
	assert_int_equal(file_read_line(root->sys, "value", line, sizeof(line)), -ETIMEDOUT);
	assert_int_equal(file_read_line(root->sys, "/value", line, sizeof(line)), -ETIMEDOUT);
	assert_int_equal(file_read_line(root->fs, "sys/value", line, sizeof(line)), -ETIMEDOUT);
	assert_false(file_exists(root->sys, "value"));
	assert_int_equal(dir_names(root->proc, ".", &names), -EACCES);

	uint64_t inode = 0;
	int64_t changed = 0;
	assert_int_equal(replay_take(REPLAY_HEAD "inode x sys/value\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "changed 12\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "error 4096 sys/value\n"), -EINVAL);
	assert_int_equal(replay_take(REPLAY_HEAD "inode 8589934593 sys/value\nchanged -7 sys/value\n"), 0);
	assert_int_equal(file_inode(root->sys, "value", &inode), 0);
	assert_int_equal(file_changed(root->fs, "/sys/value", &changed), 0);
	assert_true(inode == 8589934593 && changed == -7);
	assert_int_equal(file_read_line(root->sys, "value", line, sizeof(line)), 2);
	assert_int_equal(file_inode(root->sys, "none", &inode), -ENOENT);
	assert_int_equal(replay_take(REPLAY_HEAD), 0); // nothing any more
	assert_int_equal(file_read_line(root->sys, "value", line, sizeof(line)), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(readings),
		tree_test(hanging_child),
		tree_test(links),
		tree_test(numbers_met_again),
	};
	return run_group(tests);
}
