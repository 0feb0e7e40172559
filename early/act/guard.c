// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/guard.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/paths.h"

#define DENY_DIR     "modprobe.d"
#define DENY_FILE    DENY_DIR "/" GUARD_DENY_NAME
#define LATE_FILE    DENY_DIR "/" GUARD_LATE_NAME
#define JOURNAL_DIR  "systemd/journald.conf.d"
#define JOURNAL_FILE JOURNAL_DIR "/gvt-early.conf"

static const char deny_text[] = "# gvt-early loads these modules itself, and removes this file when it has finished.\n"
				"blacklist i915\n"
				"blacklist kvmgt\n"
				"install i915 /bin/false\n"
				"install kvmgt /bin/false\n";

static const char deny_xe_text[] =
	"# gvt-early loads these modules itself, and removes this file when it has finished.\n"
	"blacklist i915\n"
	"blacklist xe\n"
	"blacklist kvmgt\n"
	"install i915 /bin/false\n"
	"install xe /bin/false\n"
	"install kvmgt /bin/false\n";

static const char late_text[] =
	"# gvt-early.service loads one of these itself, and removes this file when it has finished.\n"
	"blacklist i915\n"
	"blacklist xe\n"
	"install i915 /bin/false\n"
	"install xe /bin/false\n";

static const char journal_text[] =
	"# i915 hangs while it holds the GPU's lock: reading its kernel messages would hang too.\n"
	"[Journal]\n"
	"ReadKMsg=no\n";

static int make_dir(const struct root *root, const char *path)
{
	return mkdirat(root->run, path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

int guard_raise(const struct root *root, bool xe)
{
	const char *text = xe ? deny_xe_text : deny_text;
	int r = make_dir(root, DENY_DIR);
	return r < 0 ? r : file_replace(root->run, DENY_FILE, text, strlen(text), 0644);
}

void guard_lower(const struct root *root)
{
	(void)unlinkat(root->run, DENY_FILE, 0);
	(void)unlinkat(root->run, JOURNAL_FILE, 0);
}

int guard_hand_over(const struct root *root)
{
	int r = make_dir(root, DENY_DIR);
	return r < 0 ? r : file_replace(root->run, LATE_FILE, late_text, strlen(late_text), 0644);
}

bool guard_is_handed_over(const struct root *root)
{
	return file_exists(root->run, LATE_FILE);
}

void guard_take_over(const struct root *root)
{
	(void)unlinkat(root->run, LATE_FILE, 0);
}

int guard_quiet_journal(const struct root *root)
{
	int r = make_dir(root, "systemd");
	if (r == 0)
		r = make_dir(root, JOURNAL_DIR);
	return r < 0 ? r : file_replace(root->run, JOURNAL_FILE, journal_text, sizeof(journal_text) - 1, 0644);
}
