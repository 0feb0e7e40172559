// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/inside.h"
#include "base/named_dir.h"
#include "base/reading.h"
#include "base/replay.h"
#include "base/stream.h"

#define NAMING_TRIES_MAX 16
#define READ_FIRST       4096 // bytes that a file is given room for, whatever it says
#define RECORD_MAX       8192 // kernel/printk: no record of /dev/kmsg is longer

static struct file_place place = { .top = -1, .kernel = { -1, -1 }, .proc = -1 };

static void note_nothing(int dir, const char *path)
{
	(void)dir, (void)path;
}

static void note_no_data(int dir, const char *path, const void *data, size_t length)
{
	(void)dir, (void)path, (void)data, (void)length;
}

static void note_no_link(int dir, const char *path, const char *target)
{
	(void)dir, (void)path, (void)target;
}

static void note_no_names(int dir, const char *path, char *const *names)
{
	(void)dir, (void)path, (void)names;
}

static void note_no_error(int dir, const char *path, int error)
{
	(void)dir, (void)path, (void)error;
}

static void note_no_inode(int dir, const char *path, uint64_t number)
{
	(void)dir, (void)path, (void)number;
}

static void note_no_time(int dir, const char *path, int64_t seconds)
{
	(void)dir, (void)path, (void)seconds;
}

static const struct file_recorder no_recorder = {
	.begin = note_nothing,
	.file = note_no_data,
	.link = note_no_link,
	.present = note_nothing,
	.names = note_no_names,
	.error = note_no_error,
	.inode = note_no_inode,
	.changed = note_no_time,
};
static const struct file_recorder *recorder = &no_recorder;

void file_record(const struct file_recorder *new_recorder)
{
	recorder = new_recorder ? new_recorder : &no_recorder;
}

void file_set_place(const struct file_place *new_place)
{
	place = *new_place;
}

static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

// Replays a recorded read, errors included. While a capture is recorded, the begin of a read is recorded first: it may
// never return.
static int begin(int dir, const char *path)
{
	int r = dir < 0 ? -ENOENT : reading_is_hung(dir, path) ? -ETIMEDOUT : replay_error_at(dir, path);
	if (r == 0)
		recorder->begin(dir, path);
	else
		recorder->error(dir, path, r);
	return r;
}

// An error of reading is noted as well.
static int noted(int dir, const char *path, int r)
{
	if (r < 0)
		recorder->error(dir, path, r);
	return r;
}

// A path of another kind than requested (a directory, or no link) has the same kind in the copy, and may be read again
// as that kind: so no error is recorded.
static int noted_kind(int dir, const char *path, int r)
{
	recorder->present(dir, path);
	return r;
}

static int open_at(int dir, const char *path, int flags)
{
	char whole[NAMED_PATH_SIZE];
	if (dir < 0)
		return -ENOENT;
	if (place.top >= 0)
		return named_dir_path(dir, path, whole, sizeof(whole)) ? inside_open(place.top, whole, flags)
								       : inside_open(dir, relative(path), flags);
	int fd = openat(dir, relative(path), flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

// Opens the file that was found and examined, never another file that has replaced it meanwhile.
static int open_found(int found, const struct stat *seen, int dir, const char *path, int flags)
{
	char link[32];
	struct stat st;
	snprintf(link, sizeof(link), "self/fd/%d", found);
	int fd = place.proc < 0 ? -1 : openat(place.proc, link, flags | O_CLOEXEC);
	if (fd >= 0 || (place.proc >= 0 && errno != ENOENT && errno != EBADF))
		return fd < 0 ? -errno : fd;
	// /proc is not mounted (an initrd, a chroot), or it is another PID namespace's.
	fd = open_at(dir, path, flags);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !is_same(&st, seen))) {
		close(fd);
		return -EAGAIN;
	}
	return fd;
}

// Opens a regular file; -EISDIR and -ENODEV for anything else, which is not opened.
static int open_regular(int dir, const char *path, int flags)
{
	flags |= O_NONBLOCK | O_NOCTTY;
	if (dir >= 0 && (dir == place.kernel[0] || dir == place.kernel[1]))
		return open_at(dir, path, flags);
	struct stat st;
	CLEANUP_CLOSE int found = open_at(dir, path, O_PATH);
	if (found < 0)
		return found;
	if (fstat(found, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	return open_found(found, &st, dir, path, flags);
}

static int read_line(int dir, const char *path, char *buffer, size_t size)
{
	CLEANUP_CLOSE int fd = open_regular(dir, path, O_RDONLY);
	if (fd < 0)
		return fd;
	ssize_t length;
	do
		length = read(fd, buffer, size - 1);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	recorder->file(dir, path, buffer, (size_t)length);
	if (length > 0 && buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
	return (int)length;
}

int file_read_line(int dir, const char *path, char *buffer, size_t size)
{
	READING(dir, path);
	int r = begin(dir, path);
	return r < 0 ? r : noted(dir, path, read_line(dir, path, buffer, size));
}

// Reads up to a file's end, or one byte more than is allowed, which tells one that is too large. Both results are the
// caller's when it fails, too.
static int read_rest(int fd, size_t expected, size_t max, char **text, size_t *length)
{
	size_t size = expected < READ_FIRST ? READ_FIRST : expected + 1;
	for (;; size *= 2) {
		if (size > max)
			size = max + 1;
		char *more = realloc(*text, size + 1);
		if (!more)
			return -ENOMEM;
		*text = more;
		ssize_t n = stream_read(fd, *text + *length, size - *length);
		if (n < 0)
			return (int)n;
		*length += (size_t)n;
		if (*length < size || size > max)
			return 0;
	}
}

static int read_regular(int dir, const char *path, size_t max, const uid_t *owner, char **ret_text, size_t *ret_length)
{
	CLEANUP_CLOSE int fd = open_regular(dir, path, O_RDONLY);
	if (fd < 0)
		return fd;

	// /sys and /proc have been opened without a look.
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	if (owner && (st.st_uid != *owner || st.st_mode & (S_IWGRP | S_IWOTH)))
		return -EKEYREJECTED;

	// st_size says nothing about files in /proc, and too much in /sys.
	CLEANUP_FREE char *text = NULL;
	size_t length = 0;
	int r = read_rest(fd, st.st_size > 0 ? (size_t)st.st_size : 0, max, &text, &length);
	if (r < 0)
		return r;
	if (length > max)
		return -EFBIG;
	text[length] = '\0';
	recorder->file(dir, path, text, length);
	*ret_text = text;
	*ret_length = length;
	text = NULL;
	return 0;
}

int file_read(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	READING(dir, path);
	int r = begin(dir, path);
	if (r < 0)
		return r;
	r = read_regular(dir, path, max, NULL, ret_text, ret_length);
	return r == -EISDIR ? noted_kind(dir, path, r) : noted(dir, path, r);
}

int file_read_trusted(int dir, const char *path, size_t max, uid_t owner, char **ret_text, size_t *ret_length)
{
	READING(dir, path);
	int r = begin(dir, path);
	return r < 0 ? r : noted(dir, path, read_regular(dir, path, max, &owner, ret_text, ret_length));
}

void file_note(int dir, const char *path, size_t max)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (recorder != &no_recorder)
		(void)!file_read(dir, path, max, &text, &length);
}

static int read_records(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	// On the running system this is a device, in a copy a file.
	CLEANUP_CLOSE int fd = place.top >= 0 ? open_regular(dir, path, O_RDONLY)
					      : open_at(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	CLEANUP_FREE char *text = NULL;
	size_t length = 0, size = 0;
	for (;;) {
		if (size - length <= RECORD_MAX) {
			char *more = realloc(text, size + 16 * RECORD_MAX);
			if (!more)
				return -ENOMEM;
			text = more;
			size += 16 * RECORD_MAX;
		}
		ssize_t n = length < max ? read(fd, text + length, RECORD_MAX) : 0;
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	text = NULL;
	return 0;
}

int file_read_records(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	READING(dir, path);
	int r = begin(dir, path);
	if (r == 0)
		r = noted(dir, path, read_records(dir, path, max, ret_text, ret_length));
	if (r == 0)
		recorder->file(dir, path, *ret_text, *ret_length);
	return r;
}

int file_open(int dir, const char *path)
{
	READING(dir, path);
	struct stat st;
	int fd = open_regular(dir, path, O_RDONLY);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -ENODEV;
	}
	return fd == -EISDIR ? -ENODEV : fd;
}

int file_find(int dir, const char *path, bool follow)
{
	return open_at(dir, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
}

static int look_at(int dir, const char *path, bool follow, struct stat *st)
{
	if (dir < 0)
		return -ENOENT;
	if (place.top < 0)
		return fstatat(dir, relative(path), st, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	CLEANUP_CLOSE int fd = file_find(dir, path, follow);
	return fd < 0 ? fd : fstat(fd, st) < 0 ? -errno : 0;
}

static int get_status(int dir, const char *path, struct stat *st)
{
	READING(dir, path);
	int r = begin(dir, path);
	return r < 0 ? r : noted(dir, path, look_at(dir, path, true, st));
}

int file_changed(int dir, const char *path, int64_t *ret_time)
{
	struct stat st;
	int r = get_status(dir, path, &st);
	if (r == 0 && !replay_changed_at(dir, path, ret_time))
		*ret_time = st.st_mtime;
	if (r == 0)
		recorder->changed(dir, path, *ret_time);
	return r;
}

int file_is_regular(int dir, const char *path)
{
	struct stat st;
	int r = get_status(dir, path, &st);
	if (r < 0)
		return r;
	recorder->present(dir, path);
	return S_ISREG(st.st_mode);
}

int file_inode(int dir, const char *path, uint64_t *ret_number)
{
	struct stat st;
	int r = get_status(dir, path, &st);
	if (r == 0 && !replay_inode_at(dir, path, ret_number))
		*ret_number = st.st_ino;
	if (r == 0)
		recorder->inode(dir, path, *ret_number);
	return r;
}

bool file_answers(int dir, const char *path)
{
	return !reading_is_hung(dir, path) && replay_error_at(dir, path) != -ETIMEDOUT;
}

bool file_exists(int dir, const char *path)
{
	READING(dir, path);
	struct stat st;
	bool there = begin(dir, path) == 0 && look_at(dir, path, false, &st) == 0;
	recorder->present(dir, path);
	return there;
}

static int read_link(int dir, const char *path, char *buffer, size_t size)
{
	struct stat st;
	if (dir < 0)
		return -ENOENT;
	CLEANUP_CLOSE int fd = place.top < 0 ? -1 : file_find(dir, path, false);
	if (place.top >= 0 && fd < 0)
		return fd;
	if (fd >= 0 && fstat(fd, &st) < 0)
		return -errno;
	if (fd >= 0 && !S_ISLNK(st.st_mode))
		return -EINVAL;
	ssize_t length =
		fd < 0 ? readlinkat(dir, relative(path), buffer, size - 1) : readlinkat(fd, "", buffer, size - 1);
	return length < 0 ? -errno : (int)length;
}

int file_link(int dir, const char *path, char *buffer, size_t size)
{
	READING(dir, path);
	int r = begin(dir, path);
	if (r < 0)
		return r;
	int length = read_link(dir, path, buffer, size);
	if (length < 0)
		return length == -EINVAL ? noted_kind(dir, path, length) : noted(dir, path, length);
	buffer[length] = '\0';
	recorder->link(dir, path, buffer);
	return length;
}

int file_link_name(int dir, const char *path, char *buffer, size_t size)
{
	char target[4096];
	int r = file_link(dir, path, target, sizeof(target));
	if (r < 0)
		return r;
	const char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	if (strlen(name) >= size)
		return -ENAMETOOLONG;
	strcpy(buffer, name);
	return 0;
}

int file_write(int dir, const char *path, const char *data, size_t length)
{
	CLEANUP_CLOSE int fd = open_regular(dir, path, O_WRONLY);
	if (fd < 0)
		return fd;
	ssize_t n = write(fd, data, length);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

static void parent_of(const char *path, char ret[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	snprintf(ret, PATH_MAX, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

// A file without a name: if its writer dies, nothing is left of it. Not every file system supports this.
static int open_nameless(int dir, const char *path, mode_t mode)
{
	char parent[PATH_MAX];
	if (place.proc < 0)
		return -EOPNOTSUPP;
	parent_of(path, parent);
	int fd = openat(dir, parent, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

// Gives the file its name by way of a temporary name, which all writers share: a leftover of a killed writer is
// removed, and of two concurrent writers the later one wins.
static int name_it(int fd, int dir, const char *temporary, const char *path)
{
	char link[32];
	snprintf(link, sizeof(link), "self/fd/%d", fd);
	for (int tries = 0; tries < NAMING_TRIES_MAX; tries++) {
		if (linkat(place.proc, link, dir, temporary, AT_SYMLINK_FOLLOW) == 0) {
			if (renameat(dir, temporary, dir, path) == 0)
				return 0;
			int error = errno;
			if (error == ENOENT)
				continue;
			(void)unlinkat(dir, temporary, 0);
			return -error;
		}
		if (errno != EEXIST)
			return -errno;
		if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return -EBUSY;
}

// Whether an attribute is copied: these are labels of the old content.
static bool is_own_attribute(const char *name)
{
	static const char *const names[] = { "security.ima", "security.evm", "security.capability" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(name, names[i]))
			return false;
	return true;
}

static int copy_attributes(int fd, int like)
{
	char names[4096], value[64 * 1024];
	ssize_t length = flistxattr(like, names, sizeof(names));
	(void)fremovexattr(fd, "system.posix_acl_access"); // by the directory's default
	if (length < 0)
		return errno == ENOTSUP || errno == ENOSYS ? 0 : -errno;
	for (const char *name = names; name < names + length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(like, name, value, sizeof(value));
		if (!is_own_attribute(name))
			continue;
		if ((size < 0 || fsetxattr(fd, name, value, (size_t)size, 0) < 0) && !streq(name, "security.selinux"))
			return -errno;
	}
	return 0;
}

static int take_after(int fd, int like)
{
	struct stat st, own;
	if (fstat(like, &st) < 0 || fstat(fd, &own) < 0)
		return -errno;
	if ((own.st_uid != st.st_uid || own.st_gid != st.st_gid) && fchown(fd, st.st_uid, st.st_gid) < 0)
		return -errno;
	int r = copy_attributes(fd, like);
	return r == 0 && fchmod(fd, st.st_mode & 07777) < 0 ? -errno : r;
}

// What a new file is: its mode, or one that it takes after (-1 for none).
struct nature {
	mode_t mode;
	int like;
};

// Writes all of it to the disk before the file gets its name; in memory (/run) that costs nothing.
static int fill(int fd, const char *data, size_t length, struct nature nature)
{
	int r = stream_write(fd, data, length, UINT64_MAX);
	if (r == 0 && nature.like >= 0)
		r = take_after(fd, nature.like);
	else if (r == 0 && fchmod(fd, nature.mode) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL && errno != ENOSYS)
		r = -errno;
	return r;
}

// "BASE.PID.new" of a process that has ended.
static bool is_leftover(const char *name, const char *base)
{
	size_t length = strlen(base);
	char *end;
	if (strncmp(name, base, length) != 0 || name[length] != '.' || name[length + 1] < '1' || name[length + 1] > '9')
		return false;
	errno = 0;
	long pid = strtol(name + length + 1, &end, 10);
	return errno == 0 && pid <= INT_MAX && streq(end, ".new") && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

// What writers that were killed have left.
static void remove_leftovers(int dir, const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	parent_of(path, parent);
	int fd = openat(dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		cleanup_close(&fd);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(stream));)
		if (is_leftover(entry->d_name, slash ? slash + 1 : path))
			(void)unlinkat(fd, entry->d_name, 0);
	closedir(stream);
}

static int replace_by_name(int dir, const char *path, const char *data, size_t length, struct nature nature)
{
	char temporary[PATH_MAX];
	int n = snprintf(temporary, sizeof(temporary), "%s.%ld.new", path, (long)getpid());
	if ((size_t)n >= sizeof(temporary))
		return -ENAMETOOLONG;
	remove_leftovers(dir, path);
	int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, nature.mode);
	if (fd < 0 && errno == EEXIST && unlinkat(dir, temporary, 0) == 0) // of a process that died with this number
		fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, nature.mode);
	if (fd < 0)
		return -errno;

	int r = fill(fd, data, length, nature);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(dir, temporary, dir, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, temporary, 0);
	return r;
}

static int replace(int dir, const char *path, const char *data, size_t length, struct nature nature)
{
	char temporary[PATH_MAX];
	if (dir < 0)
		return -ENOENT;
	path = relative(path);
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	CLEANUP_CLOSE int fd = open_nameless(dir, path, nature.mode);
	if (fd < 0)
		return replace_by_name(dir, path, data, length, nature);
	int r = fill(fd, data, length, nature);
	if (r < 0)
		return r;
	r = name_it(fd, dir, temporary, path);
	// A /proc that does not show this process.
	return r == -ENOENT ? replace_by_name(dir, path, data, length, nature) : r;
}

int file_replace(int dir, const char *path, const char *data, size_t length, mode_t mode)
{
	return replace(dir, path, data, length, (struct nature){ .mode = mode, .like = -1 });
}

// The new name itself has to be on the disk as well.
static int sync_parent(int dir, const char *path)
{
	char parent[PATH_MAX];
	parent_of(relative(path), parent);
	CLEANUP_CLOSE int fd = openat(dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 && errno != EINVAL && errno != ENOSYS ? -errno : 0;
}

int file_replace_like(int dir, const char *path, const char *data, size_t length, mode_t mode, int like)
{
	int r = replace(dir, path, data, length, (struct nature){ .mode = like < 0 ? mode : 0600, .like = like });
	return r < 0 ? r : sync_parent(dir, path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int dir_check_trusted(int dir, const char *path, uid_t owner)
{
	struct stat st;
	int r = get_status(dir, path, &st);
	if (r < 0)
		return r;
	return st.st_uid == owner && !(st.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : noted(dir, path, -EKEYREJECTED);
}

int dir_open(int dir, const char *path)
{
	return open_at(dir, path, O_RDONLY | O_DIRECTORY);
}

static int list(int dir, const char *path, char ***ret_names)
{
	int fd = dir_open(dir, path);
	if (fd < 0)
		return fd;
	DIR *stream = fdopendir(fd);
	if (!stream) {
		int r = -errno;
		close(fd);
		return r;
	}

	// Offsets first: the block of text moves while it grows.
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE size_t *offsets = NULL;
	size_t used = 0, count = 0;
	int r = 0;
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(stream);
		if (!entry) {
			r = -errno;
			break;
		}
		if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
			continue;
		size_t size = strlen(entry->d_name) + 1;
		char *more = realloc(text, used + size);
		if (more)
			text = more;
		size_t *further = realloc(offsets, (count + 1) * sizeof(*offsets));
		if (further)
			offsets = further;
		if (!more || !further) {
			r = -ENOMEM;
			break;
		}
		memcpy(text + used, entry->d_name, size);
		offsets[count++] = used;
		used += size;
	}
	closedir(stream);
	if (r < 0)
		return r;

	char **names = malloc((count + 1) * sizeof(*names) + used);
	if (!names)
		return -ENOMEM;
	char *copy = (char *)(names + count + 1);
	if (used > 0)
		memcpy(copy, text, used);
	for (size_t i = 0; i < count; i++)
		names[i] = copy + offsets[i];
	names[count] = NULL;
	qsort(names, count, sizeof(*names), by_name);
	recorder->names(dir, path, names);
	*ret_names = names;
	return (int)count;
}

int dir_names(int dir, const char *path, char ***ret_names)
{
	READING(dir, path);
	int r = begin(dir, path);
	return r < 0 ? r : noted(dir, path, list(dir, path, ret_names));
}

bool dir_has(char *const *names, const char *name)
{
	for (; *names; names++)
		if (streq(*names, name))
			return true;
	return false;
}

int dir_hold(int dir, const char *path)
{
	return open_at(dir, path, O_PATH | O_DIRECTORY);
}

bool dir_is(int held, int dir, const char *path)
{
	struct stat ours, there;
	bool found = look_at(dir, path, true, &there) == 0;
	if (held < 0 || !found)
		return held < 0 && !found;
	return fstat(held, &ours) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}
