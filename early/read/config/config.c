// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/config/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/log.h"

#define SHOWN_SIZE 512
#define FIX_SIZE   (2 * SHOWN_SIZE + 80) // names a file twice

static const char *const default_modules[] = { "vfio", "vfio_iommu_type1", "vfio_pci" };

// All of it, but of the claims, which are most of it, the numbers alone.
static void clear(struct config *config)
{
	memset(config, 0, offsetof(struct config, claims));
	config->claims.count = config->claims.more = 0;
}

void config_init(struct config *config)
{
	clear(config);
	config->settings.deadline_s = DEADLINE_DEFAULT_S;
	config->settings.early = true;
	for (size_t i = 0; i < ARRAY_SIZE(default_modules); i++)
		strcpy(config->settings.modules[config->settings.module_count++], default_modules[i]);
}

static void free_messages(struct message *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].text);
		free(items[i].fix);
	}
	free(items);
}

void config_forget_wanted(struct config *config)
{
	wanted_free(&config->wanted);
	free_messages(config->problems, config->problem_count);
	config->problems = NULL;
	config->problem_count = config->problems_dropped = 0;
}

void config_free(struct config *config)
{
	config_forget_wanted(config);
	free_messages(config->warnings.items, config->warnings.count);
	free(config->guests);
	clear(config);
}

static void tell(int level, const struct message *message)
{
	log_line(level, "%s%s%s", message->text, message->fix[0] ? "; " : "", message->fix);
}

void config_tell(const struct config *config)
{
	for (size_t i = 0; i < config->problem_count; i++)
		tell(LOG_ERR, &config->problems[i]);
	if (config->problems_dropped > 0)
		log_line(LOG_ERR, "and %zu more mistakes in the configuration", config->problems_dropped);
	for (size_t i = 0; i < config->warnings.count; i++)
		tell(LOG_WARNING, &config->warnings.items[i]);
}

static PRINTF(4, 0) int append(struct message **items, size_t *count, const char *fix, const char *format, va_list args)
{
	char text[512];
	vsnprintf(text, sizeof(text), format, args);
	// There is room for a power of two.
	if ((*count & (*count - 1)) == 0) {
		struct message *more = realloc(*items, (*count ? 2 * *count : 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		*items = more;
	}
	const char *colon = strstr(text, ": ");
	struct message *message = &(*items)[*count];
	*message = (struct message){ .text = strdup(text), .fix = strdup(fix) };
	message->place = colon ? (size_t)(colon - text) : strlen(text);
	if (!message->text || !message->fix) {
		free(message->text);
		free(message->fix);
		return -ENOMEM;
	}
	(*count)++;
	return 0;
}

int config_add_problem(struct config *config, const char *fix, const char *format, ...)
{
	if (config->problem_count >= CONFIG_PROBLEMS_MAX) {
		config->problems_dropped++;
		return 0;
	}
	va_list args;
	va_start(args, format);
	int r = append(&config->problems, &config->problem_count, fix, format, args);
	va_end(args);
	return r;
}

int config_add_warning(struct config *config, const char *fix, const char *format, ...)
{
	if (config->warnings.count >= CONFIG_PROBLEMS_MAX)
		return 0;
	va_list args;
	va_start(args, format);
	int r = append(&config->warnings.items, &config->warnings.count, fix, format, args);
	va_end(args);
	return r;
}

static int add_untrusted(struct config *config, const char *shown, const char *what)
{
	char fix[FIX_SIZE];
	snprintf(fix, sizeof(fix), "chown root:root /%s && chmod go-w /%s", shown, shown);
	return config_add_problem(config, fix, "/%s: not owned by root, or writable by others; %s", shown, what);
}

static int add_unread(struct config *config, const char *shown, int error)
{
	char fix[FIX_SIZE];
	const char *why = strerror(-error);
	config->unread = true;
	switch (error) {
	case -EISDIR:
	case -ENODEV:
		why = error == -EISDIR ? strerror(EISDIR) : "not a regular file";
		snprintf(fix, sizeof(fix), "put a regular file in the place of /%s, or remove /%s", shown, shown);
		break;
	case -ENOENT:
		snprintf(fix, sizeof(fix), "create the file that the link /%s leads to, or remove the link", shown);
		break;
	default:
		snprintf(fix, sizeof(fix), "find out why 'cat /%s' fails", shown);
		break;
	}
	return config_add_problem(config, fix, "/%s: cannot be read: %s; file ignored", shown, why);
}

static int add_too_large(struct config *config, const char *shown, size_t max)
{
	char fix[FIX_SIZE];
	snprintf(fix, sizeof(fix), "make /%s smaller, or divide it into files of /" CONFIG_DIR "/conf.d", shown);
	return config_add_problem(config, fix, "/%s: larger than %zu bytes; file ignored", shown, max);
}

// Returns -ENOENT when the file is not there, otherwise a negative errno only when out of memory.
static int read_file(struct config *config, const struct root *root, const char *file, bool snapshot)
{
	char shown[SHOWN_SIZE];
	source_shown(file, shown, sizeof(shown));
	CLEANUP_FREE char *text = NULL;
	size_t length;
	size_t max = snapshot ? CONFIG_SNAPSHOT_MAX : CONFIG_FILE_MAX;
	int r = snapshot ? file_read(root->fs, file, max, &text, &length)
			 : file_read_trusted(root->fs, file, max, root->owner, &text, &length);
	config->found |= r != -ENOENT;
	switch (r) {
	case 0:
		return config_parse(config, shown, text, length, snapshot);
	case -ENOENT:
		if (snapshot) // the hooks put none of us into an initrd without it
			return config_add_problem(config, "", "/%s: is missing; rebuild the initrd", shown);
		return r;
	case -ENOMEM:
		return r;
	case -EKEYREJECTED:
		return add_untrusted(config, shown, "file ignored");
	case -EFBIG:
		return add_too_large(config, shown, max);
	default:
		return add_unread(config, shown, r);
	}
}

// A file that is not there: nothing, unless its directory still has it, as a link that leads nowhere, or cannot be read
// any more.
static int tell_absent(struct config *config, const struct root *root, const char *dir, const char *name)
{
	CLEANUP_FREE char **names = NULL;
	char file[512], shown[512];
	int r = dir_names(root->fs, dir, &names);
	if (r == -ENOMEM || (r >= 0 && !dir_has(names, name)))
		return r < 0 ? r : 0;
	snprintf(file, sizeof(file), "%s/%s", dir, name);
	source_shown(file, shown, sizeof(shown));
	return add_unread(config, shown, -ENOENT);
}

static bool is_conf_name(const char *name)
{
	size_t length = strlen(name);
	return name[0] != '.' && length > 5 && streq(name + length - 5, ".conf");
}

static int add_unread_dir(struct config *config, const char *dir, int error)
{
	char fix[FIX_SIZE];
	snprintf(fix, sizeof(fix), "find out why 'ls /%s' fails", dir);
	return config_add_problem(config, fix, "/%s: cannot be read: %s", dir, strerror(-error));
}

static int add_too_many(struct config *config, const char *dir, const char *name)
{
	char fix[FIX_SIZE];
	snprintf(fix, sizeof(fix), "put the contents of these files into at most %d files in /%s", CONFIG_FILES_MAX,
		 dir);
	return config_add_problem(config, fix, "/%s: more than %d files; %s and all later files are ignored", dir,
				  CONFIG_FILES_MAX, name);
}

int config_read(struct config *config, const struct root *root, bool snapshot)
{
	config_init(config);
	if (snapshot)
		return read_file(config, root, CONFIG_SNAPSHOT, true);

	config->settings.late = file_exists(root->fs, LATE_STAGE_LINK);
	// Who may write to the directory may put any file in the place of root's.
	if (dir_check_trusted(root->fs, CONFIG_DIR, root->owner) == -EKEYREJECTED) {
		config->found = true;
		return add_untrusted(config, CONFIG_DIR, "all of it is ignored");
	}
	int r = read_file(config, root, CONFIG_FILE, false);
	if (r == -ENOENT)
		r = file_exists(root->fs, CONFIG_FILE) ? tell_absent(config, root, CONFIG_DIR, CONFIG_NAME) : 0;
	if (r < 0)
		return r;

	CLEANUP_FREE char **names = NULL;
	const char *dir = CONFIG_DIR "/conf.d";
	if (dir_check_trusted(root->fs, dir, root->owner) == -EKEYREJECTED)
		return add_untrusted(config, dir, "its files are ignored");
	int count = dir_names(root->fs, dir, &names);
	if (count == -ENOMEM)
		return count;
	config->unread |= count < 0 && count != -ENOENT;
	if (count < 0 && count != -ENOENT)
		return add_unread_dir(config, dir, count);
	int files = 0;
	for (int i = 0; i < count; i++) {
		if (!is_conf_name(names[i]))
			continue;
		if (++files > CONFIG_FILES_MAX)
			return add_too_many(config, dir, names[i]);
		char file[512];
		snprintf(file, sizeof(file), "%s/%s", dir, names[i]);
		r = read_file(config, root, file, false);
		if (r == -ENOENT)
			r = tell_absent(config, root, dir, names[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static void write_wish(FILE *stream, const struct sriov_wish *wish)
{
	fprintf(stream, "[sriov%s%s]\n", wish->device[0] ? " " : "", wish->device);
	if (wish->vfs)
		fprintf(stream, "vfs = %u\n", wish->vfs);
	if (wish->host)
		fputs("host=", stream); // no blanks: all of them must fit into CONFIG_LINE_MAX
	for (unsigned n = 1, count = 0; n <= SRIOV_VFS_MAX; n++)
		if (sriov_wish_keeps(wish, n))
			fprintf(stream, "%s%u", count++ ? "," : "", n);
	if (wish->host)
		fputc('\n', stream);
	if (!wish->fair)
		fputs("scheduling = driver\n", stream);
	fprintf(stream, "source = %s\n", wish->source);
}

const struct whole_gpu_list *config_all_claims(const struct config *config)
{
	return config->guests ? &config->guests->claims : &config->claims;
}

bool config_may_want_vfs(const struct config *config)
{
	for (size_t i = 0; i < config->claims.count; i++)
		if (whole_gpu_may_be_vf(config->claims.items[i].address))
			return true;
	return config->sriov.count > 0;
}

int config_write_snapshot(const struct config *config, char **ret_text, size_t *ret_length)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	if (!stream)
		return -ENOMEM;

	const struct settings *settings = &config->settings;
	fprintf(stream, "[snapshot]\nversion = 1\n[settings]\ndeadline = %u\ndebug = %s\n", settings->deadline_s,
		settings->debug ? "yes" : "no");
	fputs("modules=", stream); // no blank: it must fit into CONFIG_LINE_MAX as the admin's own line did
	for (size_t i = 0; i < settings->module_count; i++)
		fprintf(stream, "%s%s", i ? " " : "", settings->modules[i]);
	fputs(settings->early ? "\n" : "\nearly = no\n", stream);
	if (settings->proxmox)
		fputs("proxmox = yes\n", stream);
	if (settings->late && config_may_want_vfs(config))
		fputs("late = yes\n", stream);
	for (size_t i = 0; settings->early && i < config->wanted.count; i++) {
		const struct wanted *item = &config->wanted.items[i];
		fprintf(stream, "[instance %s]\ntype = %s\n", item->uuid, item->type);
		if (item->parent[0])
			fprintf(stream, "parent = %s", item->parent);
		for (size_t n = 0; n < item->other_count; n++)
			fprintf(stream, " %s", item->others[n]);
		if (item->parent[0])
			fputc('\n', stream);
		fprintf(stream, "source = %s\n", item->source);
	}
	for (size_t i = 0; settings->early && i < config->sriov.count; i++)
		write_wish(stream, &config->sriov.items[i]);
	for (size_t i = 0; settings->early && i < config->claims.count; i++)
		fprintf(stream, "[claim %s]\nsource = %s\n", config->claims.items[i].address,
			config->claims.items[i].source);
	if (fclose(stream) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}
