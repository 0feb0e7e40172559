// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"

#define FILE_MAX    (256 * 1024)
#define BACKUPS_MAX 10000

// Where a file lies itself: the directory without any link on the way, and its name there.
struct real_file {
	int dir;  // opened with O_PATH, -1 for none
	int file; // the file as it is, -1 for none
	char name[NAME_MAX + 1];
};

static void real_file_close(struct real_file *real_file)
{
	cleanup_close(&real_file->dir);
	cleanup_close(&real_file->file);
}

static int split(const char *path, char dir[static PATH_MAX], char name[static NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	if (strlen(path) >= PATH_MAX || strlen(last) > NAME_MAX || !*last)
		return -ENAMETOOLONG;
	snprintf(dir, PATH_MAX, "%.*s", slash ? (int)(slash - path) + (slash == path) : 1, slash ? path : ".");
	strcpy(name, last);
	return 0;
}

// What a link leads to is replaced, and the link stays. /proc says where that is.
static int find_target(struct real_file *real_file, const struct root *root, int found)
{
	char link[32], real[PATH_MAX], dir[PATH_MAX];
	struct stat seen, there;
	snprintf(link, sizeof(link), "self/fd/%d", found);
	ssize_t length = readlinkat(root->own_proc, link, real, sizeof(real) - 1);
	if (length <= 0)
		return length < 0 ? -errno : -ENOENT;
	real[length] = '\0';
	int r = split(real, dir, real_file->name);
	if (r < 0)
		return r;
	real_file->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (real_file->dir < 0 || fstat(found, &seen) < 0 ||
	    fstatat(real_file->dir, real_file->name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (seen.st_dev != there.st_dev || seen.st_ino != there.st_ino)
		return -ESTALE;
	if (!S_ISREG(there.st_mode))
		return -ENODEV;
	if (there.st_nlink > 1)
		return -EMLINK; // its other names would keep the old text
	real_file->file = openat(real_file->dir, real_file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return real_file->file < 0 ? -errno : 0;
}

// make: the directory, too, where there is none.
static int real_file_open(struct real_file *real_file, const struct root *root, const char *path, bool make)
{
	char dir[PATH_MAX];
	*real_file = (struct real_file){ .dir = -1, .file = -1 };
	CLEANUP_CLOSE int found = file_find(root->fs, path, true);
	if (found >= 0)
		return find_target(real_file, root, found);
	if (found != -ENOENT)
		return found;
	CLEANUP_CLOSE int link = file_find(root->fs, path, false);
	if (link >= 0)
		return -ELOOP; // a link to nothing
	int r = split(path, dir, real_file->name);
	if (r < 0)
		return r;
	real_file->dir = file_find(root->fs, dir, true);
	if (real_file->dir == -ENOENT && make) {
		char above[PATH_MAX], name[NAME_MAX + 1];
		r = split(dir, above, name);
		CLEANUP_CLOSE int parent = r < 0 ? r : file_find(root->fs, above, true);
		if (parent < 0)
			return parent;
		if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
			return -errno;
		real_file->dir = file_find(root->fs, dir, true);
	}
	return real_file->dir < 0 ? real_file->dir : 0;
}

static bool same(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

// Whether a file has a text, NULL for none: 1, 0, or a negative errno.
static int has_text(const struct root *root, const char *path, const char *text)
{
	CLEANUP_FREE char *now = NULL;
	size_t length;
	int r = file_read(root->fs, path, FILE_MAX, &now, &length);
	if (r < 0 && r != -ENOENT)
		return r;
	return same(r == 0 ? now : NULL, text) && (r < 0 || strlen(now) == length);
}

#define MODE_OWN  0600 // the texts of files that may not be for everybody
#define MODE_FILE 0644

// Makes a file what it is to be: old or new at every moment. mode is that of a new one.
static int put_text(const struct root *root, const char *path, const char *text, mode_t mode)
{
	struct real_file real_file;
	int r = real_file_open(&real_file, root, path, text);
	if (r == 0 && text)
		r = file_replace_like(real_file.dir, real_file.name, text, strlen(text), mode, real_file.file);
	else if (r == 0 && unlinkat(real_file.dir, real_file.name, 0) < 0 && errno != ENOENT)
		r = -errno;
	real_file_close(&real_file);
	return r == -ENOENT && !text ? 0 : r;
}

//
// Backups
//

static int make_dirs(const struct root *root, const char *path)
{
	char dir[PATH_MAX];
	for (const char *slash = strchr(path, '/');; slash = strchr(slash + 1, '/')) {
		struct real_file real_file;
		snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : (int)strlen(path), path);
		int r = file_find(root->fs, dir, true);
		if (r >= 0) {
			close(r);
		} else {
			r = real_file_open(&real_file, root, dir, false);
			if (r == 0 && mkdirat(real_file.dir, real_file.name, 0755) < 0 && errno != EEXIST)
				r = -errno;
			real_file_close(&real_file);
			if (r < 0)
				return r;
		}
		if (!slash)
			return 0;
	}
}

// A directory for the backups of this run, of the first number that is free.
static int make_backup_dir(const struct root *root, char ret[static 160])
{
	int r = make_dirs(root, SETUP_DIR);
	for (unsigned i = 1; r == 0 && i < BACKUPS_MAX; i++) {
		snprintf(ret, 160, SETUP_DIR "/backup-%u", i);
		if (!file_exists(root->fs, ret))
			return make_dirs(root, ret);
	}
	return r < 0 ? r : -EMFILE;
}

static int back_up(struct setup_written *ret, const struct root *root, const struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->part_count; i++)
		for (size_t k = 0; k < plan->parts[i].edit_count; k++) {
			const struct text_edit *edit = &plan->parts[i].edits[k];
			char path[PATH_MAX], dir[PATH_MAX], name[NAME_MAX + 1];
			if (!edit->before)
				continue;
			int r = ret->backup[0] ? 0 : make_backup_dir(root, ret->backup);
			snprintf(path, sizeof(path), "%s/%s", ret->backup, edit->path);
			if (r == 0)
				r = split(path, dir, name);
			if (r == 0)
				r = make_dirs(root, dir);
			if (r == 0)
				r = put_text(root, path, edit->before, MODE_OWN);
			if (r < 0) {
				snprintf(ret->path, sizeof(ret->path), "%.159s", path);
				return r;
			}
		}
	return 0;
}

//
// The record
//

static int write_record(const struct root *root, const struct setup_plan *record)
{
	CLEANUP_FREE char *text = NULL;
	int r = make_dirs(root, SETUP_DIR);
	if (r == 0)
		r = setup_plan_print(record, &text);
	return r < 0 ? r : put_text(root, SETUP_RECORD, text, MODE_OWN);
}

// What was written by former runs, and what will have been by this one.
static int add_to_record(const struct root *root, const struct setup_plan *plan)
{
	struct setup_plan *record = calloc(1, sizeof(*record));
	if (!record)
		return -ENOMEM;
	int r = setup_record_read(record, root);
	size_t own = record->part_count;
	for (size_t i = 0; r == 0 && i < plan->part_count; i++) {
		if (plan->parts[i].edit_count > 0 && record->part_count >= PARTS_MAX)
			r = -E2BIG;
		else if (plan->parts[i].edit_count > 0)
			record->parts[record->part_count++] = plan->parts[i];
	}
	if (r == 0)
		r = write_record(root, record);
	record->part_count = own; // the others are the plan's
	setup_plan_free(record);
	free(record);
	return r;
}

// Whether one note takes the place of another: of the same slot, or of the hookscript alone.
static bool is_same(const struct setup_given *given, const struct setup_given *other)
{
	return given->vmid == other->vmid && given->index == other->index && !given->value[0] == !other->value[0];
}

// Returns whether there was one with the hookscript.
static bool drop_given(struct setup_plan *record, const struct setup_given *given)
{
	size_t kept = 0;
	bool hookscript = false;
	for (size_t i = 0; i < record->given_count; i++) {
		if (is_same(&record->given[i], given))
			hookscript |= record->given[i].hookscript;
		else
			record->given[kept++] = record->given[i];
	}
	record->given_count = kept;
	return hookscript;
}

static int note_given(struct setup_plan *record, const struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->given_count; i++) {
		struct setup_given given = plan->given[i];
		given.hookscript |= drop_given(record, &given);
		if (record->given_count >= GIVEN_MAX)
			return -E2BIG;
		record->given[record->given_count++] = given;
	}
	return 0;
}

// After an undo, of the files once they are in force, and of what guests were given.
static int forget(const struct root *root, const struct setup_plan *plan)
{
	struct setup_plan *record = calloc(1, sizeof(*record));
	int r = record ? setup_record_read(record, root) : -ENOMEM;
	for (size_t i = 0; r == 0 && plan->files && i < record->part_count; i++)
		setup_part_free(&record->parts[i]);
	if (r == 0 && plan->files)
		record->part_count = 0;
	for (size_t i = 0; r == 0 && i < plan->given_count; i++)
		(void)drop_given(record, &plan->given[i]);
	if (r == 0)
		r = record->part_count + record->given_count > 0 ? write_record(root, record)
								 : put_text(root, SETUP_RECORD, NULL, MODE_OWN);
	if (record)
		setup_plan_free(record);
	free(record);
	return r;
}

//
// All of it
//

static struct text_edit *edit_at(const struct setup_plan *plan, size_t index)
{
	for (size_t i = 0; i < plan->part_count; i++) {
		if (index < plan->parts[i].edit_count)
			return &plan->parts[i].edits[index];
		index -= plan->parts[i].edit_count;
	}
	return NULL;
}

// What was shown has to be what is there, before anything is written.
static int compare(struct setup_written *ret, const struct root *root, const struct setup_plan *plan)
{
	const struct text_edit *edit;
	for (size_t i = 0; (edit = edit_at(plan, i)); i++) {
		int r = has_text(root, edit->path, edit->before);
		if (r > 0)
			continue;
		snprintf(ret->path, sizeof(ret->path), "%.159s", edit->path);
		ret->changed = r == 0;
		return r < 0 ? r : -ESTALE;
	}
	return 0;
}

static void restore(struct setup_written *ret, const struct root *root, const struct setup_plan *plan)
{
	const struct text_edit *edit;
	while (ret->count > 0 && (edit = edit_at(plan, --ret->count)))
		ret->not_restored |= put_text(root, edit->path, edit->before, MODE_FILE) < 0;
}

static int write_all(struct setup_written *ret, const struct root *root, const struct setup_plan *plan)
{
	CLEANUP_FREE char *record = NULL;
	const struct text_edit *edit;
	size_t length;
	int r = compare(ret, root, plan);
	if (r == 0)
		r = back_up(ret, root, plan);
	if (r < 0)
		return r;
	if (file_read(root->fs, SETUP_RECORD, RECORD_MAX, &record, &length) < 0)
		record = NULL;
	snprintf(ret->path, sizeof(ret->path), SETUP_RECORD);
	r = plan->undo ? 0 : add_to_record(root, plan);
	for (size_t i = 0; r == 0 && (edit = edit_at(plan, i)); i++) {
		snprintf(ret->path, sizeof(ret->path), "%.159s", edit->path);
		r = put_text(root, edit->path, edit->after, MODE_FILE);
		ret->count += r == 0;
	}
	if (r < 0) {
		restore(ret, root, plan);
		if (!plan->undo)
			(void)!put_text(root, SETUP_RECORD, record, MODE_OWN);
		return r;
	}
	return 0;
}

struct writing {
	struct setup_written written;
	const struct root *root;
	const struct setup_plan *plan;
	int error;
};

static int run(void *data)
{
	struct writing *writing = data;
	writing->error = write_all(&writing->written, writing->root, writing->plan);
	return 0;
}

int setup_write(struct setup_written *ret, const struct root *root, const struct setup_plan *plan)
{
	struct writing writing = { .root = root, .plan = plan };
	int r = child_run_shared(run, &writing, sizeof(writing), clock_now_us() + WRITE_LIMIT_S * USEC_PER_SEC);
	*ret = writing.written;
	return r < 0 ? r : writing.error;
}

static int write_notes(const struct root *root, const struct setup_plan *plan)
{
	if (plan->undo)
		return forget(root, plan);
	struct setup_plan *record = calloc(1, sizeof(*record));
	int r = record ? setup_record_read(record, root) : -ENOMEM;
	if (r == 0)
		r = note_given(record, plan);
	if (r == 0)
		r = write_record(root, record);
	if (record)
		setup_plan_free(record);
	free(record);
	return r;
}

static int run_notes(void *data)
{
	struct writing *writing = data;
	writing->error = write_notes(writing->root, writing->plan);
	return 0;
}

int setup_write_record(const struct root *root, const struct setup_plan *plan)
{
	struct writing writing = { .root = root, .plan = plan };
	int r = child_run_shared(run_notes, &writing, sizeof(writing), clock_now_us() + WRITE_LIMIT_S * USEC_PER_SEC);
	return r < 0 ? r : writing.error;
}
