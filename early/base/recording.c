// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/file.h"
#include "base/named_dir.h"
#include "base/replay.h"

#define LINKS_MAX 40   // symbolic links on one path, as the kernel allows
#define NOTE_FREE 0xff // a note without a kind: something begins to be read

static int notes = -1; // the file in memory
static bool paused;

// What stands before a note's two paths and its data, each with a NUL behind it.
struct head {
	uint32_t kind, asked_size, path_size;
	int64_t number;
	uint64_t length;
};

bool recording_is_on(void)
{
	return notes >= 0 && !paused;
}

// One write each: children that note at the same time share the file's offset.
static void put(unsigned kind, const char *asked, const char *path, const void *data, size_t length, int64_t number)
{
	struct head head = {
		.kind = kind,
		.asked_size = (uint32_t)strlen(asked) + 1,
		.path_size = (uint32_t)strlen(path) + 1,
		.number = number,
		.length = length,
	};
	CLEANUP_FREE char *note = malloc(sizeof(head) + head.asked_size + head.path_size + length + 1);
	if (!note)
		return;
	char *at = mempcpy(note, &head, sizeof(head));
	at = mempcpy(at, asked, head.asked_size);
	at = mempcpy(at, path, head.path_size);
	if (length > 0)
		at = mempcpy(at, data, length);
	*at++ = '\0';
	for (const char *from = note; from < at;) {
		ssize_t n = write(notes, from, (size_t)(at - from));
		if (n <= 0)
			return;
		from += n;
	}
}

static void put_link(const char *asked, const char *path, const char *target)
{
	put(RECORDING_LINK, asked, path, target, strlen(target), 0);
}

// The way from the top of the root to a link's absolute target: the copy must not lead out of itself.
static void relative_target(const char *path, const char *target, char *ret, size_t size)
{
	size_t used = 0;
	for (const char *c = path; *c && used + 3 < size; c++)
		if (*c == '/')
			used = (size_t)(stpcpy(ret + used, "../") - ret);
	snprintf(ret + used, size - used, "%s", target + strspn(target, "/"));
}

// Follows the symbolic links on a path, the last component's only if asked to, and notes them.
static bool canonical(const char *asked, bool follow_last, char *ret)
{
	char rest[NAMED_PATH_SIZE], more[2 * NAMED_PATH_SIZE], target[NAMED_PATH_SIZE], way[NAMED_PATH_SIZE];
	size_t used = 0, links = 0;
	snprintf(rest, sizeof(rest), "%s", asked);
	ret[0] = '\0';
	for (;;) {
		char *part = rest + strspn(rest, "/");
		size_t length = strcspn(part, "/");
		if (length == 0)
			return true;
		const char *behind = part + length + strspn(part + length, "/");
		size_t before = used;
		if (length == 2 && strncmp(part, "..", 2) == 0) {
			char *slash = strrchr(ret, '/');
			used = slash ? (size_t)(slash - ret) : 0;
			ret[used] = '\0';
		} else if (length != 1 || *part != '.') {
			if (used + length + 2 > NAMED_PATH_SIZE)
				return false;
			used += (size_t)sprintf(ret + used, "%s%.*s", used ? "/" : "", (int)length, part);
			ssize_t n = *behind || follow_last
				? readlinkat(named_dir_top(), ret, target, sizeof(target) - 1)
				: -1;
			if (n > 0) {
				target[n] = '\0';
				relative_target(ret, target, way, sizeof(way));
				put_link("", ret, target[0] == '/' ? way : target);
				if (++links > LINKS_MAX)
					return false;
				used = target[0] == '/' ? 0 : before;
				ret[used] = '\0';
				snprintf(more, sizeof(more), "%s/%s", target, behind);
				if (strlen(more) >= sizeof(rest))
					return false;
				strcpy(rest, more);
				continue;
			}
		}
		memmove(rest, behind, strlen(behind) + 1);
	}
}

void recording_begin(int dir, const char *path)
{
	char asked[NAMED_PATH_SIZE];
	if (notes >= 0 && named_dir_path(dir, path, asked, sizeof(asked)))
		put(NOTE_FREE, asked, "", NULL, 0, 0);
}

void recording_file(int dir, const char *path, const void *data, size_t length)
{
	char asked[NAMED_PATH_SIZE], real[NAMED_PATH_SIZE];
	if (notes >= 0 && named_dir_path(dir, path, asked, sizeof(asked)) && canonical(asked, true, real))
		put(RECORDING_FILE, asked, real, data, length, 0);
}

void recording_link(int dir, const char *path, const char *target)
{
	char asked[NAMED_PATH_SIZE], real[NAMED_PATH_SIZE];
	if (notes >= 0 && named_dir_path(dir, path, asked, sizeof(asked)) && canonical(asked, false, real))
		put_link(asked, real, target);
}

// The descriptor need not be where its name says: a file system may be mounted elsewhere for a while.
static void put_present(const char *asked, const char *real, int dir, const char *path)
{
	struct stat st;
	char target[NAMED_PATH_SIZE];
	CLEANUP_CLOSE int fd = file_find(dir, path, false);
	if (fd < 0 || fstat(fd, &st) < 0) {
		const char *which = asked[0] ? asked : real; // a name of a directory was not asked for by itself
		put(RECORDING_ERROR, which, which, NULL, 0, fd < 0 ? fd : -errno);
		return;
	}
	ssize_t n = S_ISLNK(st.st_mode) ? readlinkat(fd, "", target, sizeof(target) - 1) : 0;
	if (n > 0) {
		target[n] = '\0';
		put_link(asked, real, target);
	} else {
		put(S_ISDIR(st.st_mode) ? RECORDING_DIR : RECORDING_EMPTY, asked, real, NULL, 0, 0);
	}
}

void recording_present(int dir, const char *path)
{
	char asked[NAMED_PATH_SIZE], real[NAMED_PATH_SIZE];
	if (notes >= 0 && named_dir_path(dir, path, asked, sizeof(asked)) && canonical(asked, false, real))
		put_present(asked, real, dir, path);
}

void recording_names(int dir, const char *path, char *const *names)
{
	char asked[NAMED_PATH_SIZE], real[NAMED_PATH_SIZE], one[NAMED_PATH_SIZE], at[NAMED_PATH_SIZE];
	if (notes < 0 || !named_dir_path(dir, path, asked, sizeof(asked)) || !canonical(asked, true, real))
		return;
	put(RECORDING_DIR, asked, real, NULL, 0, 0);
	for (; *names; names++)
		if (snprintf(one, sizeof(one), "%s%s%s", real, real[0] ? "/" : "", *names) < (int)sizeof(one) &&
		    snprintf(at, sizeof(at), "%s%s%s", path, *path ? "/" : "", *names) < (int)sizeof(at))
			put_present("", one, dir, at);
}

static void put_number(enum recording_kind kind, int dir, const char *path, int64_t number)
{
	char asked[NAMED_PATH_SIZE];
	if (notes >= 0 && named_dir_path(dir, path, asked, sizeof(asked)))
		put(kind, asked, asked, NULL, 0, number);
}

void recording_error(int dir, const char *path, int error)
{
	put_number(RECORDING_ERROR, dir, path, error);
}

void recording_inode(int dir, const char *path, uint64_t number)
{
	put_number(RECORDING_INODE, dir, path, (int64_t)number);
}

void recording_changed(int dir, const char *path, int64_t seconds)
{
	put_number(RECORDING_CHANGED, dir, path, seconds);
}

void recording_parameter(int dir, const char *path, bool there)
{
	put_number(RECORDING_PARAMETER, dir, path, there);
}

static const struct file_recorder recorder = {
	.begin = recording_begin,
	.file = recording_file,
	.link = recording_link,
	.present = recording_present,
	.names = recording_names,
	.error = recording_error,
	.inode = recording_inode,
	.changed = recording_changed,
};

int recording_start(void)
{
	notes = memfd_create("trace", MFD_CLOEXEC);
	if (notes < 0)
		return -errno;
	child_keep(notes);
	file_record(&recorder);
	return 0;
}

void recording_stop(void)
{
	file_record(NULL);
	child_keep_no_more(notes);
	cleanup_close(&notes);
	notes = -1;
}

void recording_pause(bool pause)
{
	paused = pause;
	file_record(recording_is_on() ? &recorder : NULL);
}

//
// What was noted
//

// A note as it is read back.
struct note {
	struct recording_item item;
	const char *asked;
	size_t number; // in which order they were taken
};

static int by_asked(const void *a, const void *b)
{
	const struct note *one = a, *other = b;
	int r = strcmp(one->asked, other->asked);
	return r ? r : (one->number > other->number) - (one->number < other->number);
}

// A kind of number, or 0 for the thing itself.
static enum recording_kind kind_of_number(const struct recording_item *item)
{
	return item->kind >= RECORDING_ERROR ? item->kind : 0;
}

// The better note of the same thing first, then the earlier one.
static int by_path(const void *a, const void *b)
{
	const struct note *one = a, *other = b;
	int r = strcmp(one->item.path, other->item.path);
	if (r)
		return r;
	if (one->item.kind != other->item.kind)
		return one->item.kind > other->item.kind ? -1 : 1;
	return (one->number > other->number) - (one->number < other->number);
}

static bool same_thing(const struct recording_item *one, const struct recording_item *other)
{
	return streq(one->path, other->path) && kind_of_number(one) == kind_of_number(other);
}

// A note that nothing of the same path follows has never returned. All others of that kind have done their work.
static void judge_begun(struct note *list, size_t count)
{
	qsort(list, count, sizeof(*list), by_asked);
	for (size_t i = 0; i < count; i++)
		if ((unsigned)list[i].item.kind == NOTE_FREE &&
		    (i + 1 == count || !streq(list[i].asked, list[i + 1].asked))) {
			list[i].item.kind = RECORDING_ERROR;
			list[i].item.path = list[i].asked;
			list[i].item.number = -ETIMEDOUT;
		}
}

static size_t parse(const char *data, size_t size, struct note *list)
{
	size_t count = 0;
	struct head head;
	for (size_t at = 0; size - at >= sizeof(head);) {
		memcpy(&head, data + at, sizeof(head));
		at += sizeof(head);
		size_t rest = head.asked_size + head.path_size + head.length + 1;
		if (rest > size - at)
			break; // whoever wrote it was killed meanwhile
		if (list)
			list[count] = (struct note){
				.asked = data + at,
				.number = count,
				.item = { .kind = (enum recording_kind)head.kind,
					  .path = data + at + head.asked_size,
					  .length = head.length,
					  .data = data + at + head.asked_size + head.path_size,
					  .number = head.number },
			};
		count++;
		at += rest;
	}
	return count;
}

int recording_read(struct recording *trace)
{
	*trace = (struct recording){ 0 };
	struct stat st;
	if (notes < 0 || fstat(notes, &st) < 0)
		return -EBADF;
	size_t size = (size_t)st.st_size;
	char *data = malloc(size + 1);
	for (size_t at = 0; data && at < size;) {
		ssize_t n = pread(notes, data + at, size - at, (off_t)at);
		if (n <= 0)
			size = at;
		else
			at += (size_t)n;
	}
	size_t count = data ? parse(data, size, NULL) : 0;
	CLEANUP_FREE struct note *list = calloc(count + 1, sizeof(*list));
	trace->items = calloc(count + 1, sizeof(*trace->items));
	trace->data = data;
	if (!data || !list || !trace->items) {
		recording_free(trace);
		return -ENOMEM;
	}
	parse(data, size, list);
	judge_begun(list, count);
	qsort(list, count, sizeof(*list), by_path);
	for (size_t i = 0; i < count; i++) {
		const struct recording_item *last = trace->count ? &trace->items[trace->count - 1] : NULL;
		if ((unsigned)list[i].item.kind != NOTE_FREE && !(last && same_thing(last, &list[i].item)))
			trace->items[trace->count++] = list[i].item;
	}
	return 0;
}

void recording_free(struct recording *trace)
{
	free(trace->items);
	free(trace->data);
	*trace = (struct recording){ 0 };
}

bool recording_line(const struct recording_item *item, char *ret, size_t size)
{
	// What is not there needs no word.
	if (item->kind < RECORDING_ERROR ||
	    (item->kind == RECORDING_ERROR && (item->number == -ENOENT || item->number == -ENOTDIR)))
		return false;
	return replay_line((enum replay_kind)(item->kind - RECORDING_ERROR), item->number, item->path, ret, size);
}
