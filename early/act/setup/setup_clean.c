// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup_clean.h"

#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "decide/setup/clean_list.h"
#include "read/boot/settings_text.h"
#include "read/check_facts.h"
#include "read/host/modules_load.h"
#include "tell/setup_text.h"

#define READ_LIMIT_MS 3500
#define NEXT_LIMIT_S  40
#define KERNELS_MAX   8

struct clean {
	const struct root *root;
	struct facts facts;
	struct modules *kernels[KERNELS_MAX]; // that run, or may boot next
	size_t kernel_count;
	struct setup_part *part;
	bool refused;
};

static bool lacks(void *data, const char *name)
{
	const struct clean *clean = data;
	for (size_t i = 0; i < clean->kernel_count; i++)
		if (!modules_lack(clean->kernels[i], name))
			return false;
	return clean->kernel_count > 0;
}

static int clean_file(struct clean *clean, const char *path)
{
	struct settings_texts texts;
	int r = settings_texts_read_file(&texts, clean->root, path);
	if (r == 0 && texts.trouble[0]) {
		log_line(LOG_ERR, "nothing was changed: %s", texts.trouble);
		clean->refused = true;
	} else if (r == 0 && texts.items[0].text) {
		char *after = clean_list(texts.items[0].text, clean->facts.host.release, lacks, clean);
		r = after ? 0 : -ENOMEM;
		if (r == 0 && !streq(after, texts.items[0].text))
			r = setup_part_add(clean->part, path, texts.items[0].text, after);
		free(after);
	}
	settings_texts_free(&texts);
	return r;
}

// What packages bring in /usr/lib is theirs.
static int clean_files(struct clean *clean)
{
	CLEANUP_FREE char **names = NULL;
	int r = clean_file(clean, MODULE_LISTS_FILE), count = dir_names(clean->root->fs, MODULE_LISTS_DIR, &names);
	for (int i = 0; i < count && r == 0; i++) {
		char path[320], target[64];
		size_t length = strlen(names[i]);
		snprintf(path, sizeof(path), MODULE_LISTS_DIR "/%s", names[i]);
		// Debian's link to /etc/modules was read already.
		bool again =
			file_link_name(clean->root->fs, path, target, sizeof(target)) == 0 && streq(target, "modules");
		if (length > 5 && streq(names[i] + length - 5, ".conf") && !again)
			r = clean_file(clean, path);
	}
	return r;
}

static int open_kernels(struct clean *clean)
{
	int r = facts_read(&clean->facts, clean->root, clock_now_us() + READ_LIMIT_MS * USEC_PER_MSEC);
	if (r == 0)
		r = facts_read_next(&clean->facts, clean->root, clock_now_us() + NEXT_LIMIT_S * USEC_PER_SEC);
	if (r == 0 && clean->facts.host.modules)
		clean->kernels[clean->kernel_count++] = clean->facts.host.modules;
	for (size_t i = 0; r == 0 && i < clean->facts.next->kernel_count && clean->kernel_count < KERNELS_MAX; i++) {
		r = modules_open(&clean->kernels[clean->kernel_count], clean->root,
				 clean->facts.next->kernels[i].release);
		clean->kernel_count += r == 0;
	}
	return r;
}

int setup_clean_decide(struct setup_plan *plan, const struct root *root)
{
	struct clean *clean = calloc(1, sizeof(*clean));
	*plan = (struct setup_plan){ .part_count = 1, .parts = { { .kind = SETUP_MODULES } } };
	if (!clean)
		return EXIT_INTERNAL;
	clean->root = root;
	clean->part = &plan->parts[0];
	int r = open_kernels(clean);
	if (r == 0)
		r = clean_files(clean);
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	int code = r < 0 ? EXIT_INTERNAL : clean->refused ? EXIT_DEGRADED : EXIT_ALL_WELL;
	plan->decided = code == EXIT_ALL_WELL;
	if (plan->decided && clean->part->edit_count == 0)
		fputs("Nothing to change: the lists in /etc name no module that the kernels of this host lack.\n",
		      output_stream());
	else if (plan->decided)
		setup_tell_edits(clean->part->edits, clean->part->edit_count);
	for (size_t i = 0; i < clean->kernel_count; i++)
		if (clean->kernels[i] != clean->facts.host.modules)
			modules_close(clean->kernels[i]);
	facts_free(&clean->facts);
	free(clean);
	return code;
}
