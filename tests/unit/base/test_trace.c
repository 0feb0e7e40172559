// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/replay.h"
#include "base/trace.h"

static enum trace_kind kind_of_number(enum trace_kind kind)
{
	return kind >= TRACE_ERROR ? kind : 0;
}

// The item itself, or a kind of number about it.
static const struct trace_item *find(const struct trace *trace, const char *path, enum trace_kind kind)
{
	for (size_t i = 0; i < trace->count; i++)
		if (streq(trace->items[i].path, path) && kind_of_number(trace->items[i].kind) == kind_of_number(kind))
			return &trace->items[i];
	return NULL;
}

static void assert_item(const struct trace *trace, const char *path, enum trace_kind kind, const char *data)
{
	const struct trace_item *item = find(trace, path, kind);
	if (!item)
		print_error("nothing at %s\n", path);
	assert_non_null(item);
	assert_equal(item->kind, kind);
	if (data)
		assert_string_equal(item->data, data);
}

static struct trace stop(void)
{
	struct trace trace;
	assert_int_equal(trace_read(&trace), 0);
	trace_stop();
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
	assert_true(file_read_line(root->sys, "link/value", line, sizeof(line)) > 0); // before: not noted

	assert_int_equal(trace_start(), 0);
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
	trace_pause(true);
	assert_int_equal(file_read_trusted(root->fs, "etc/file", 100, root->owner, &text, &length), 0);
	free(text);
	trace_file(root->proc, "1/cmdline", "by hand", 7);
	trace_pause(false);
	struct trace trace = stop();

	assert_item(&trace, "sys/link", TRACE_LINK, "real/dir");
	assert_item(&trace, "sys/real/dir/value", TRACE_FILE, "42\n");
	assert_item(&trace, "sys/real/dir/other", TRACE_EMPTY, NULL);
	assert_item(&trace, "etc/file", TRACE_FILE, "text\n");
	assert_item(&trace, "proc", TRACE_DIR, NULL);
	assert_item(&trace, "proc/1/cmdline", TRACE_FILE, "by hand");
	assert_item(&trace, "sys/real", TRACE_DIR, NULL); // no link: what it is instead
	assert_null(find(&trace, "sys/real", TRACE_ERROR));
	assert_int_equal(find(&trace, "sys/loop", TRACE_ERROR)->number, -ELOOP);
	assert_int_equal(find(&trace, "sys/none", TRACE_ERROR)->number, -ENOENT);
	assert_int_equal(find(&trace, "sys/nothing", TRACE_ERROR)->number, -ENOENT);
	assert_true(find(&trace, "sys/link", TRACE_INODE)->number == (int64_t)inode);
	assert_true(find(&trace, "etc/file", TRACE_CHANGED)->number > 1000000000);
	assert_true(trace_line(find(&trace, "etc/file", TRACE_CHANGED), line, sizeof(line)));
	assert_true(starts_with(line, "changed 1") && strstr(line, " etc/file"));
	assert_true(trace_line(find(&trace, "sys/loop", TRACE_ERROR), line, sizeof(line)));
	assert_string_equal(line, "error 40 sys/loop");
	assert_false(trace_line(find(&trace, "sys/none", TRACE_ERROR), line, sizeof(line)));
	assert_false(trace_line(find(&trace, "sys/link", TRACE_LINK), line, sizeof(line)));
	for (size_t i = 1; i < trace.count; i++)
		assert_true(strcmp(trace.items[i - 1].path, trace.items[i].path) <= 0);
	trace_free(&trace);
}

static int read_and_hang(void *data)
{
	const struct root *root = data;
	char line[64];
	(void)!file_read_line(root->sys, "value", line, sizeof(line));
	trace_begin(root->sys, "stuck");
	while (pause() < 0)
		;
	return 0;
}

// What a child has read before it hung is there, and where it hangs.
static void hanging_child(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "sys/value", "42\n");
	assert_int_equal(trace_start(), 0);
	assert_int_equal(child_run(read_and_hang, &tree->root, clock_now_us() + USEC_PER_SEC / 2), -ETIMEDOUT);
	struct trace trace = stop();
	assert_item(&trace, "sys/value", TRACE_FILE, "42\n");
	assert_null(find(&trace, "sys/value", TRACE_ERROR));
	assert_int_equal(find(&trace, "sys/stuck", TRACE_ERROR)->number, -ETIMEDOUT);
	trace_free(&trace);
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
	assert_int_equal(trace_start(), 0);
	trace_file(root->sys, "deep/down/out/value", "noted", 5);
	assert_true(file_read_line(root->sys, "round", line, sizeof(line)) == -ELOOP);
	assert_true(file_read_line(root->sys, "up/value", line, sizeof(line)) == 2);
	struct trace trace = stop();
	assert_item(&trace, "sys/deep/down/out", TRACE_LINK, "../../../data");
	assert_item(&trace, "data/value", TRACE_FILE, "noted"); // the first one
	assert_item(&trace, "sys/up", TRACE_LINK, "../data");
	assert_int_equal(find(&trace, "sys/round", TRACE_ERROR)->number, -ELOOP);
	trace_free(&trace);
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
