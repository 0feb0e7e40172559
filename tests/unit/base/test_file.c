// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <limits.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/file.h"

static void reading_a_line(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	char buffer[8] = "before";
	assert_int_equal(file_read_line(dir, "none", buffer, sizeof(buffer)), -ENOENT);
	assert_int_equal(file_read_line(-1, "none", buffer, sizeof(buffer)), -ENOENT);
	assert_int_equal(file_read_line(dir, "sys", buffer, sizeof(buffer)), -EISDIR);
	assert_string_equal(buffer, "before");

	tree_put(tree, "a", "live\n");
	assert_int_equal(file_read_line(dir, "a", buffer, sizeof(buffer)), 4);
	assert_string_equal(buffer, "live");
	assert_int_equal(file_read_line(dir, "///a", buffer, sizeof(buffer)), 4); // below the directory all the same
	tree_put(tree, "a", "live\n\n");
	assert_int_equal(file_read_line(dir, "a", buffer, sizeof(buffer)), 5);
	tree_put(tree, "a", "");
	assert_int_equal(file_read_line(dir, "a", buffer, sizeof(buffer)), 0);
	assert_string_equal(buffer, "");
	tree_put(tree, "a", "0123456789");
	assert_int_equal(file_read_line(dir, "a", buffer, sizeof(buffer)), 7);
	assert_string_equal(buffer, "0123456");
}

static void reading_a_file(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	char *text = NULL;
	size_t length = 99;
	assert_int_equal(file_read(dir, "none", 10, &text, &length), -ENOENT);
	assert_int_equal(file_read(dir, "sys", 10, &text, &length), -EISDIR);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(file_read(dir, "fifo", 10, &text, &length), -ENODEV); // and does not wait for a writer
	tree_put(tree, "a", "0123456789");
	assert_int_equal(file_read(dir, "a", 9, &text, &length), -EFBIG);
	assert_null(text);
	assert_int_equal(length, 99);

	assert_int_equal(file_read(dir, "a", 10, &text, &length), 0);
	assert_int_equal(length, 10);
	assert_string_equal(text, "0123456789");
	free(text);
	tree_put_bytes(tree, "a", "x\0y", 3);
	assert_int_equal(file_read(dir, "a", 10, &text, &length), 0);
	assert_int_equal(length, 3);
	assert_memory_equal(text, "x\0y", 4);
	free(text);
}

static void existence(void **state)
{
	struct tree *tree = *state;
	tree_link(tree, "dangling", "nowhere");
	assert_true(file_exists(tree->root.fs, "dangling"));
	assert_true(file_exists(tree->root.fs, "/sys"));
	assert_false(file_exists(tree->root.fs, "none"));
	assert_false(file_exists(-1, "sys"));
}

static void links(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	tree_link(tree, "driver", "../../../bus/pci/drivers/i915");
	tree_link(tree, "plain", "i915");
	char name[8] = "before";
	assert_int_equal(file_link_name(dir, "driver", name, sizeof(name)), 0);
	assert_string_equal(name, "i915");
	assert_int_equal(file_link_name(dir, "plain", name, sizeof(name)), 0);
	assert_string_equal(name, "i915");
	assert_int_equal(file_link_name(dir, "none", name, sizeof(name)), -ENOENT);
	assert_int_equal(file_link_name(dir, "sys", name, sizeof(name)), -EINVAL);
	assert_int_equal(file_link_name(-1, "driver", name, sizeof(name)), -ENOENT);
}

// file.h: on failure the out parameters are untouched.
static void links_that_are_too_long(void **state)
{
	struct tree *tree = *state;
	tree_link(tree, "long", "a/name-that-is-too-long");
	char name[8] = "before";
	assert_int_equal(file_link_name(tree->root.fs, "long", name, sizeof(name)), -ENAMETOOLONG);
	assert_string_equal(name, "before");
}

static void writing(void **state)
{
	struct tree *tree = *state;
	assert_int_equal(file_write(tree->root.fs, "none", "x", 1), -ENOENT);
	assert_false(file_exists(tree->root.fs, "none")); // an attribute is never made
	tree_put(tree, "create", "");
	assert_int_equal(file_write(tree->root.fs, "create", "uuid", 4), 0);
	assert_string_equal(tree_get(tree, "create"), "uuid");
	assert_int_equal(file_write(-1, "create", "uuid", 4), -ENOENT);
}

static void replacing(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	assert_int_equal(file_replace(dir, "run/report", "one", 3, 0644), 0);
	assert_string_equal(tree_get(tree, "run/report"), "one");
	mode_t old = umask(0077);
	assert_int_equal(file_replace(dir, "/run/report", "two", 3, 0644), 0);
	umask(old);
	assert_string_equal(tree_get(tree, "run/report"), "two");
	struct stat st;
	assert_int_equal(fstatat(dir, "run/report", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0644); // whatever the umask

	assert_int_equal(file_replace(dir, "none/report", "x", 1, 0644), -ENOENT);
	assert_int_equal(file_replace(-1, "report", "x", 1, 0644), -ENOENT);
	tree_dir(tree, "run/dir");
	assert_int_equal(file_replace(dir, "run/dir", "x", 1, 0644), -EISDIR);

	// Nothing is left beside it, not even of a process that died with this number, where files without a name
	// cannot be had.
	file_set_place(&(struct file_place){ .top = dir, .kernel = { -1, -1 }, .proc = -1 });
	char left[64];
	snprintf(left, sizeof(left), "run/report.%ld.new", (long)getpid());
	tree_put(tree, left, "of somebody who died");
	assert_int_equal(file_replace(dir, "run/report", "three", 5, 0644), 0);
	assert_string_equal(tree_get(tree, "run/report"), "three");
	char **names;
	assert_int_equal(dir_names(tree->root.run, "", &names), 2);
	assert_string_equal(names[0], "dir");
	assert_string_equal(names[1], "report");
	free(names);
}

// A writer that is killed leaves nothing, whenever: what an earlier one has left goes with the next one.
static void replacing_after_a_kill(void **state)
{
	struct tree *tree = *state;
	char **names;
	tree_put(tree, "run/report.new", "half");
	assert_int_equal(file_replace(tree->root.fs, "run/report", "whole", 5, 0644), 0);
	assert_string_equal(tree_get(tree, "run/report"), "whole");
	assert_int_equal(dir_names(tree->root.run, "", &names), 1);
	free(names);
	static char large[4 * MIB];
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			for (;;)
				(void)!file_replace(tree->root.fs, "run/report", large, sizeof(large), 0644);
		}
		usleep((useconds_t)(1000 + 977 * i));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	assert_int_equal(file_replace(tree->root.fs, "run/report", "whole", 5, 0644), 0);
	assert_int_equal(dir_names(tree->root.run, "", &names), 1);
	free(names);
}

// Where files without a name cannot be had, those of writers that have ended go, and no others.
static void leftovers(void **state)
{
	struct tree *tree = *state;
	char ended[64], living[64], **names;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	snprintf(ended, sizeof(ended), "run/report.%ld.new", (long)pid);
	snprintf(living, sizeof(living), "run/report.%ld.new", (long)getppid());
	tree_put(tree, ended, "half");
	tree_put(tree, living, "being written");
	tree_put(tree, "run/report.0.new", "of nobody");
	tree_put(tree, "run/report.x.new", "of nobody");
	snprintf(ended, sizeof(ended), "run/other.%ld.new", (long)pid);
	tree_put(tree, ended, "of another file");
	file_set_place(&(struct file_place){ .top = tree->root.fs, .kernel = { -1, -1 }, .proc = -1 });
	assert_int_equal(file_replace(tree->root.fs, "run/report", "whole", 5, 0644), 0);
	assert_int_equal(dir_names(tree->root.run, "", &names), 5);
	assert_true(dir_has(names, strchr(living, '/') + 1) && dir_has(names, strchr(ended, '/') + 1));
	free(names);
}

// What fsync(2) gives, and what stood under the name when it was called.
static struct {
	int error, calls;
	char seen[16];
	struct tree *tree;
} sync_call;
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	if (!sync_call.tree)
		return __real_fsync(fd);
	sync_call.calls++;
	snprintf(sync_call.seen, sizeof(sync_call.seen), "%.15s", tree_get(sync_call.tree, "run/report"));
	errno = sync_call.error;
	return sync_call.error ? -1 : 0;
}

static void replace_with_sync(struct tree *tree, int error, int result)
{
	char **names;
	tree_put(tree, "run/report", "old");
	sync_call.error = error;
	sync_call.calls = 0;
	sync_call.tree = tree;
	assert_int_equal(file_replace(tree->root.fs, "run/report", "new", 3, 0644), result);
	sync_call.tree = NULL;
	assert_int_equal(sync_call.calls, 1);
	assert_string_equal(sync_call.seen, "old");
	assert_string_equal(tree_get(tree, "run/report"), result < 0 ? "old" : "new");
	assert_int_equal(dir_names(tree->root.run, "", &names), 1);
	free(names);
}

// It is on the disk before it has its name; where that fails the old one stays.
static void on_the_disk_first(void **state)
{
	struct tree *tree = *state;
	for (int nameless = 1; nameless >= 0; nameless--) {
		if (!nameless)
			file_set_place(&(struct file_place){ .top = tree->root.fs, .kernel = { -1, -1 }, .proc = -1 });
		replace_with_sync(tree, 0, 0);
		replace_with_sync(tree, EIO, -EIO);
		replace_with_sync(tree, ENOSPC, -ENOSPC);
		replace_with_sync(tree, EINVAL, 0); // a file system that knows no such thing
	}
}

// A link that somebody put there is replaced, not followed.
static void replacing_a_link(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "victim", "precious");
	tree_link(tree, "run/report", "../victim");
	assert_int_equal(file_replace(tree->root.fs, "run/report", "new", 3, 0644), 0);
	assert_string_equal(tree_get(tree, "victim"), "precious");
	assert_string_equal(tree_get(tree, "run/report"), "new");
}

static void names(void **state)
{
	struct tree *tree = *state;
	char **names = NULL;
	assert_int_equal(dir_names(tree->root.fs, "none", &names), -ENOENT);
	assert_int_equal(dir_names(-1, "none", &names), -ENOENT);
	assert_null(names);
	assert_int_equal(dir_names(tree->root.sys, "/", &names), 0);
	assert_null(names[0]);
	free(names);

	static const char *const made[] = { "b", "B", "10", "9", "a.conf", ".hidden", "\xc3\xa4" };
	static const char *const sorted[] = { ".hidden", "10", "9", "B", "a.conf", "b", "\xc3\xa4" };
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		char path[64];
		snprintf(path, sizeof(path), "d/%s", made[i]);
		tree_put(tree, path, "");
	}
	assert_int_equal(dir_names(tree->root.fs, "d", &names), ARRAY_SIZE(sorted));
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		assert_string_equal(names[i], sorted[i]);
	free(names);
	tree_put(tree, "file", "");
	assert_int_equal(dir_names(tree->root.fs, "file", &names), -ENOTDIR);
}

static void trust(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	uid_t owner = tree->root.owner;
	static const mode_t good[] = { 0644, 0640, 0600, 0755, 0444 }, bad[] = { 0664, 0660, 0622, 0602, 0777 };
	size_t length;
	tree_put(tree, "a", "x");
	assert_int_equal(owner, geteuid());
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP_FREE char *text = NULL;
		assert_int_equal(fchmodat(dir, "a", good[i], 0), 0);
		assert_int_equal(file_read_trusted(dir, "a", 10, owner, &text, &length), 0);
		assert_string_equal(text, "x");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP_FREE char *text = NULL;
		assert_int_equal(fchmodat(dir, "a", bad[i], 0), 0);
		assert_int_equal(file_read_trusted(dir, "a", 10, owner, &text, &length), -EKEYREJECTED);
		assert_null(text);
	}
	char *text = NULL;
	assert_int_equal(fchmodat(dir, "a", 0644, 0), 0);
	assert_int_equal(file_read_trusted(dir, "a", 10, owner + 1, &text, &length), -EKEYREJECTED);
	tree_link(tree, "link", "a"); // what it leads to counts
	assert_int_equal(file_read_trusted(dir, "link", 10, owner, &text, &length), 0);
	free(text);
	assert_int_equal(file_read_trusted(dir, "none", 10, owner, &text, &length), -ENOENT);
}

// The same directory by whatever name; another one in its place is another one, even with the same name.
static void holding(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	CLEANUP_CLOSE int none = dir_hold(dir, "a");
	assert_int_equal(none, -ENOENT);
	assert_true(dir_is(none, dir, "a"));
	tree_dir(tree, "a");
	assert_false(dir_is(none, dir, "a"));
	CLEANUP_CLOSE int held = dir_hold(dir, "/a");
	assert_true(held >= 0 && dir_is(held, dir, "a"));
	tree_link(tree, "link", "a");
	assert_true(dir_is(held, dir, "link"));
	assert_int_equal(renameat(dir, "a", dir, "b"), 0);
	assert_false(dir_is(held, dir, "a"));
	tree_dir(tree, "a");
	assert_false(dir_is(held, dir, "a"));
	assert_true(dir_is(held, dir, "b"));
	tree_put(tree, "file", "");
	assert_int_equal(dir_hold(dir, "file"), -ENOTDIR);
	CLEANUP_FREE char **list = NULL;
	assert_int_equal(dir_names(dir, "a", &list), 0);
	assert_false(dir_has(list, "x"));
	free(list);
	list = NULL;
	tree_put(tree, "a/y", "");
	tree_put(tree, "a/x", "");
	assert_int_equal(dir_names(dir, "a", &list), 2);
	assert_true(dir_has(list, "x") && dir_has(list, "y") && !dir_has(list, "z"));
}

// Each function that reads, once; none of them succeeds.
static void read_all_ways(int dir, const char *path)
{
	char buffer[16], *text = NULL;
	size_t length;
	assert_int_equal(file_read_line(dir, path, buffer, sizeof(buffer)), -ENODEV);
	assert_int_equal(file_read(dir, path, 10, &text, &length), -ENODEV);
	assert_int_equal(file_read_trusted(dir, path, 10, geteuid(), &text, &length), -ENODEV);
	assert_int_equal(file_read_records(dir, path, 10, &text, &length), -ENODEV);
	assert_int_equal(file_open(dir, path), -ENODEV);
	assert_int_equal(file_write(dir, path, "x", 1), -ENODEV);
}

// A FIFO, or a device: it is never opened, by its name or by a link.
static void no_file(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs, watch = inotify_init1(IN_NONBLOCK);
	char event[4096];
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	tree_link(tree, "link", "fifo");
	bool device = mknodat(dir, "device", S_IFCHR | 0600, makedev(1, 5)) == 0; // root's to make
	assert_true(inotify_add_watch(watch, tree->path, IN_OPEN) >= 0);
	read_all_ways(dir, "fifo");
	read_all_ways(dir, "link");
	if (device)
		read_all_ways(dir, "device");
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
	// What is a file shows, so the watch works.
	tree_put(tree, "file", "x");
	assert_int_equal(file_read_line(dir, "file", event, sizeof(event)), 1);
	assert_true(read(watch, event, sizeof(event)) > 0);
	close(watch);
}

// Where /proc is not mounted, a file is opened by its name a second time.
static void without_proc(void **state)
{
	struct tree *tree = *state;
	char buffer[16];
	tree_put(tree, "a/file", "text");
	tree_link(tree, "a/link", "/a/file");
	file_set_place(&(struct file_place){ .top = tree->root.fs, .kernel = { -1, -1 }, .proc = -1 });
	assert_int_equal(file_read_line(tree->root.fs, "a/link", buffer, sizeof(buffer)), 4);
	// Another directory in its place, as in another PID namespace.
	file_set_place(&(struct file_place){ .top = tree->root.fs, .kernel = { -1, -1 }, .proc = tree->root.sys });
	assert_int_equal(file_read_line(tree->root.fs, "a/link", buffer, sizeof(buffer)), 4);
	assert_int_equal(mkfifoat(tree->root.fs, "a/fifo", 0600), 0);
	read_all_ways(tree->root.fs, "a/fifo");
}

static void numbers(void **state)
{
	struct tree *tree = *state;
	static const struct {
		const char *text;
		long number;
	} samples[] = {
		{ "0\n", 0 },
		{ "7", 7 },
		{ "4294967295\n", 4294967295 },
		{ "9223372036854775807", 9223372036854775807 },
		{ "9223372036854775808\n", -ERANGE },
		{ "99999999999999999999x\n", -EBADMSG },
		{ "", -EBADMSG },
		{ "\n", -EBADMSG },
		{ "-1\n", -EBADMSG },
		{ "+1\n", -EBADMSG },
		{ " 1\n", -EBADMSG },
		{ "1 \n", -EBADMSG },
		{ "1\n\n", -EBADMSG },
		{ "0x1\n", -EBADMSG },
		{ "(null)\n", -EBADMSG },
	};
	assert_int_equal(file_read_numberf(tree->root.fs, "a/%u", 7), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		tree_put(tree, "a/7", samples[i].text);
		assert_true(file_read_numberf(tree->root.fs, "a/%u", 7) == samples[i].number);
	}
}

// The path is formatted, and never cut.
static void formatted_paths(void **state)
{
	struct tree *tree = *state;
	int dir = tree->root.fs;
	char buffer[16] = "before", *text = NULL, **names = NULL, *far = calloc(1, PATH_MAX + 1);
	size_t length;
	uint64_t number, other;
	tree_put(tree, "a/7/file", "text\n");
	tree_link(tree, "a/7/link", "to/i915");
	assert_int_equal(file_read_linef(dir, buffer, sizeof(buffer), "%s/%u/file", "a", 7), 4);
	assert_string_equal(buffer, "text");
	assert_int_equal(file_readf(dir, 16, &text, &length, "%s/%u/file", "a", 7), 0);
	assert_string_equal(text, "text\n");
	assert_int_equal(length, 5);
	free(text);
	assert_true(file_existsf(dir, "a/%u/file", 7));
	assert_false(file_existsf(dir, "a/%u/file", 8));
	assert_int_equal(file_linkf(dir, buffer, sizeof(buffer), "a/%u/link", 7), 7);
	assert_string_equal(buffer, "to/i915");
	assert_int_equal(file_link_namef(dir, buffer, sizeof(buffer), "a/%u/link", 7), 0);
	assert_string_equal(buffer, "i915");
	assert_int_equal(file_inodef(dir, &number, "a/%u/file", 7), 0);
	assert_int_equal(file_inode(dir, "a/7/file", &other), 0);
	assert_int_equal(number, other);
	assert_int_equal(file_writef(dir, "1", 1, "a/%u/file", 7), 0);
	assert_string_equal(tree_get(tree, "a/7/file"), "1ext\n");
	assert_int_equal(dir_namesf(dir, &names, "a/%u", 7), 2);
	assert_string_equal(names[0], "file");
	free(names);

	// "a/7/file" behind so many slashes that only a part of it fits; cut, it would be "a/7".
	assert_non_null(far);
	memset(far, '/', PATH_MAX - 4);
	assert_int_equal(file_read_linef(dir, buffer, sizeof(buffer), "%s%s", far, "a/7/file"), -ENAMETOOLONG);
	assert_string_equal(buffer, "i915");
	assert_int_equal(file_readf(dir, 16, &text, &length, "%s%s", far, "a/7/file"), -ENAMETOOLONG);
	assert_false(file_existsf(dir, "%s%s", far, "a/7/file"));
	assert_true(file_existsf(dir, "%s%s", far, "a/7")); // fits to the last byte
	assert_int_equal(file_linkf(dir, buffer, sizeof(buffer), "%s%s", far, "a/7/link"), -ENAMETOOLONG);
	assert_int_equal(file_link_namef(dir, buffer, sizeof(buffer), "%s%s", far, "a/7/link"), -ENAMETOOLONG);
	assert_int_equal(file_inodef(dir, &number, "%s%s", far, "a/7/file"), -ENAMETOOLONG);
	assert_int_equal(file_writef(dir, "2", 1, "%s%s", far, "a/7/file"), -ENAMETOOLONG);
	assert_int_equal(dir_namesf(dir, &names, "%s%s", far, "a/7/file"), -ENAMETOOLONG);
	assert_string_equal(tree_get(tree, "a/7/file"), "1ext\n");
	free(far);
}

// On the running system links lead where they lead.
static void running_system(void **state)
{
	struct tree *tree = *state;
	char path[512], buffer[16];
	int dir = tree->root.run;
	tree_put(tree, "etc/file", "text");
	snprintf(path, sizeof(path), "%s/etc/file", tree->path);
	tree_link(tree, "run/absolute", path);
	tree_link(tree, "run/up", "../etc/file");
	file_set_place(
		&(struct file_place){ .top = -1, .kernel = { tree->root.sys, -1 }, .proc = tree->root.own_proc });
	assert_int_equal(file_read_line(dir, "absolute", buffer, sizeof(buffer)), 4);
	assert_int_equal(file_read_line(dir, "up", buffer, sizeof(buffer)), 4);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(file_read_line(dir, "fifo", buffer, sizeof(buffer)), -ENODEV);
}

// A signal comes while it is read.
static unsigned interruptions;
ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	if (interruptions == 0)
		return __real_read(fd, buffer, size);
	interruptions--;
	errno = EINTR;
	return -1;
}

static void interrupted(void **state)
{
	struct tree *tree = *state;
	char buffer[8], *text;
	size_t length;
	tree_put(tree, "a", "live\n");
	interruptions = 2;
	assert_int_equal(file_read_line(tree->root.fs, "a", buffer, sizeof(buffer)), 4);
	assert_string_equal(buffer, "live");
	interruptions = 2;
	assert_int_equal(file_read(tree->root.fs, "a", 16, &text, &length), 0);
	assert_string_equal(text, "live\n");
	free(text);
	assert_int_equal(interruptions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(reading_a_line),
		tree_test(reading_a_file),
		tree_test(existence),
		tree_test(links),
		tree_test(links_that_are_too_long),
		tree_test(writing),
		tree_test(replacing),
		tree_test(leftovers),
		tree_test(on_the_disk_first),
		tree_test(replacing_a_link),
		tree_test(names),
		tree_test(trust),
		tree_test(holding),
		tree_test(replacing_after_a_kill),
		tree_test(no_file),
		tree_test(without_proc),
		tree_test(numbers),
		tree_test(formatted_paths),
		tree_test(running_system),
		tree_test(interrupted),
	};
	return run_group(tests);
}
