// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/mdevctl.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "base/file.h"
#include "read/config/wanted.h"

#define RULE_NAME "60-mdevctl.rules"
#define RULE_MAX  (64 * 1024)
#define DIR       "etc/mdevctl.d"
#define FILE_MAX  (64 * 1024)
#define NAME      "/mdevctl start-parent-mdevs"

// The program's path stands in the rule right before what it is to do.
static void take_program(struct mdevctl *mdevctl, const char *text)
{
	const char *at = strstr(text, NAME);
	if (!at)
		return;
	const char *begin = at;
	while (begin > text && !strchr(" \t\n\"'{;", begin[-1]))
		begin--;
	snprintf(mdevctl->program, sizeof(mdevctl->program), "%.*s", (int)(at - begin + (int)strlen("/mdevctl")),
		 begin);
}

static void read_rule(struct mdevctl *mdevctl, const struct root *root)
{
	static const char *const dirs[] = { "etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d",
					    "lib/udev/rules.d" };
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		CLEANUP_FREE char *text = NULL;
		char path[64];
		size_t length;
		snprintf(path, sizeof(path), "%s/" RULE_NAME, dirs[i]);
		if (file_read(root->fs, path, RULE_MAX, &text, &length) < 0)
			continue; // a link to /dev/null switches it off
		snprintf(mdevctl->rule, sizeof(mdevctl->rule), "/%.60s", path);
		take_program(mdevctl, text);
		return;
	}
}

static void set_unread(struct mdevctl *mdevctl, const char *path, int error)
{
	snprintf(mdevctl->unread, sizeof(mdevctl->unread), "/%.150s: %.40s", path, strerror(-error));
}

static bool is_automatic(struct mdevctl *mdevctl, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->fs, path, FILE_MAX, &text, &length);
	if (r < 0) {
		set_unread(mdevctl, path, r);
		return false;
	}
	json_t *json = json_loads(text, 0, NULL);
	const char *start = json_string_value(json_object_get(json, "start"));
	bool automatic = start && streq(start, "auto");
	json_decref(json);
	return automatic;
}

static void count_definitions(struct mdevctl *mdevctl, const struct root *root)
{
	CLEANUP_FREE char **parents = NULL;
	int parent_count = dir_names(root->fs, DIR, &parents);
	if (parent_count < 0 && parent_count != -ENOENT)
		set_unread(mdevctl, DIR, parent_count);
	for (int i = 0; i < parent_count; i++) {
		CLEANUP_FREE char **names = NULL;
		char path[300], uuid[UUID_SIZE];
		snprintf(path, sizeof(path), DIR "/%.100s", parents[i]);
		int count = dir_names(root->fs, path, &names);
		if (count < 0 && count != -ENOTDIR)
			set_unread(mdevctl, path, count);
		for (int j = 0; j < count; j++) {
			snprintf(path, sizeof(path), DIR "/%.100s/%.100s", parents[i], names[j]);
			if (wanted_parse_uuid(names[j], uuid) < 0 || !is_automatic(mdevctl, root, path))
				continue;
			if (mdevctl->automatic++ == 0)
				snprintf(mdevctl->first, sizeof(mdevctl->first), "/%.158s", path);
		}
	}
}

void mdevctl_read(struct mdevctl *mdevctl, const struct root *root)
{
	static const char *const places[] = { "/usr/bin/mdevctl", "/usr/sbin/mdevctl", "/bin/mdevctl",
					      "/sbin/mdevctl" };
	*mdevctl = (struct mdevctl){ .automatic = 0 };
	read_rule(mdevctl, root);
	if (!mdevctl->program[0])
		return;
	mdevctl->program_found = file_exists(root->fs, mdevctl->program);
	for (size_t i = 0; i < ARRAY_SIZE(places) && !mdevctl->elsewhere[0]; i++)
		if (file_exists(root->fs, places[i]))
			snprintf(mdevctl->elsewhere, sizeof(mdevctl->elsewhere), "%s", places[i]);
	count_definitions(mdevctl, root);
}
