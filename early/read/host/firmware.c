// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/firmware.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/file.h"
#include "base/recording.h"
#include "base/replay.h"

#define CONFIG_MAX  (2 * MIB)
#define PATH_PARAM  "module/firmware_class/parameters/path"
#define FOLDERS_MAX 5

// Where the kernel looks (drivers/base/firmware_loader/main.c, fw_path[]): first as firmware_class.path says.
struct folders {
	char items[FOLDERS_MAX][PATH_MAX];
	size_t count;
};

static void PRINTF(2, 3) add_folder(struct folders *folders, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(folders->items[folders->count], sizeof(folders->items[0]), format, args);
	va_end(args);
	folders->count += n > 0 && n < (int)sizeof(folders->items[0]);
}

static void find_folders(struct folders *folders, const struct root *root, const char *release)
{
	char path[256]; // fw_path_para[]
	folders->count = 0;
	if (file_read_line(root->sys, PATH_PARAM, path, sizeof(path)) > 0)
		add_folder(folders, "%s", path);
	add_folder(folders, "lib/firmware/updates/%s", release);
	add_folder(folders, "lib/firmware/updates");
	add_folder(folders, "lib/firmware/%s", release);
	add_folder(folders, "lib/firmware");
}

static int look(const struct root *root, const struct folders *folders, const char *name, const char *suffix)
{
	int unknown = 0;
	for (size_t i = 0; i < folders->count; i++) {
		char path[PATH_MAX];
		int n = snprintf(path, sizeof(path), "%s/%s%s", folders->items[i], name, suffix);
		int r = n < (int)sizeof(path) ? file_is_regular(root->fs, path) : -ENAMETOOLONG;
		if (r > 0)
			return 1;
		if (r < 0 && r != -ENOENT && r != -ENOTDIR)
			unknown = r;
	}
	return unknown;
}

static int config_has(const struct root *root, const char *path, const char *option)
{
	CLEANUP_FREE char *text = NULL;
	char line[64];
	size_t length;
	recording_pause(true); // of a large file the answer is noted
	int r = file_read(root->fs, path, CONFIG_MAX, &text, &length);
	recording_pause(false);
	if (r < 0)
		return r;
	snprintf(line, sizeof(line), "\n%s=y\n", option);
	return strstr(text, line) || starts_with(text, line + 1);
}

// Whether a kernel was built with an option: 1, 0, or a negative errno.
static int kernel_has(const struct root *root, const char *release, const char *option)
{
	char path[256], about[sizeof(path) + 64];
	int64_t known;
	int n = snprintf(path, sizeof(path), "boot/config-%s", release);
	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	snprintf(about, sizeof(about), "%s:%s", path, option);
	if (replay_parameter_at(root->fs, about, &known))
		return known != 0;
	int r = replay_error_at(root->fs, path);
	if (r == 0)
		r = config_has(root, path, option);
	if (recording_is_on() && r < 0)
		recording_error(root->fs, path, r);
	else if (recording_is_on())
		recording_parameter(root->fs, about, r);
	return r;
}

// The better one is the larger.
static int rank(int there)
{
	return there > 0 ? 3 : there == 0 ? 0 : there == -EOPNOTSUPP ? 1 : 2;
}

int firmware_better(int one, int other)
{
	return rank(one) >= rank(other) ? one : other;
}

int firmware_there(const struct root *root, const char *release, const char *name)
{
	// In the order in which the kernel tries them.
	static const struct {
		const char *suffix, *option;
	} kinds[] = { { "", NULL },
		      { ".zst", "CONFIG_FW_LOADER_COMPRESS_ZSTD" },
		      { ".xz", "CONFIG_FW_LOADER_COMPRESS_XZ" } };
	struct folders folders;
	find_folders(&folders, root, release);
	int result = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int r = look(root, &folders, name, kinds[i].suffix);
		if (r > 0 && kinds[i].option) {
			r = kernel_has(root, release, kinds[i].option);
			r = r > 0 ? 1 : r == 0 ? -EOPNOTSUPP : -ENODATA;
		}
		result = firmware_better(r, result);
		if (result > 0)
			break;
	}
	return result;
}
