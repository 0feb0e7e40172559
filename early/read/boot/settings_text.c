// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/settings_text.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "read/boot/grub_settings.h"

#define FILE_MAX  (256 * 1024)
#define FILES_MAX 64

static void set_trouble(struct settings_texts *texts, const char *path, const char *why)
{
	if (!texts->trouble[0])
		snprintf(texts->trouble, sizeof(texts->trouble), "/%.120s: %.60s", path, why);
}

static int add(struct settings_texts *texts, const struct root *root, const char *path)
{
	size_t length = 0;
	struct settings_text *more = realloc(texts->items, (texts->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	texts->items = more;
	more = &texts->items[texts->count++];
	*more = (struct settings_text){ .path = strdup(path) };
	if (!more->path)
		return -ENOMEM;
	int r = file_read(root->fs, path, FILE_MAX, &more->text, &length);
	if (r < 0 && r != -ENOENT)
		set_trouble(texts, path, strerror(-r));
	else if (r == 0 && strlen(more->text) != length)
		set_trouble(texts, path, "it has NUL bytes");
	return r == -ENOMEM ? r : 0;
}

int settings_texts_read_file(struct settings_texts *texts, const struct root *root, const char *path)
{
	*texts = (struct settings_texts){ .count = 0 };
	return add(texts, root, path);
}

int settings_texts_add_file(struct settings_texts *texts, const struct root *root, const char *path)
{
	for (size_t i = 0; i < texts->count; i++)
		if (streq(texts->items[i].path, path))
			return 0;
	return add(texts, root, path);
}

int settings_texts_read_grub(struct settings_texts *texts, const struct root *root)
{
	CLEANUP_FREE char **names = NULL;
	int r = settings_texts_read_file(texts, root, GRUB_FILE);
	int count = dir_names(root->fs, GRUB_DROPINS, &names);
	if (count < 0 && count != -ENOENT)
		set_trouble(texts, GRUB_DROPINS, strerror(-count));
	for (int i = 0; r == 0 && i < count; i++) {
		char path[320];
		size_t length = strlen(names[i]);
		snprintf(path, sizeof(path), GRUB_DROPINS "/%s", names[i]);
		if (length <= 4 || !streq(names[i] + length - 4, ".cfg") || names[i][0] == '.')
			continue;
		if (texts->count >= FILES_MAX) {
			set_trouble(texts, GRUB_DROPINS, "too many files");
			break;
		}
		r = add(texts, root, path);
	}
	return r;
}

void settings_texts_free(struct settings_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->items[i].path);
		free(texts->items[i].text);
	}
	free(texts->items);
	*texts = (struct settings_texts){ .count = 0 };
}
