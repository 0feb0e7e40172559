// SPDX-License-Identifier: GPL-2.0-or-later
// "snapshot": what is wanted and the settings, as one small file for the initrd. It decides nothing about the hardware,
// which may be another machine's here.
#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/target.h"
#include "decide/host_rules.h"
#include "read/config/config.h"
#include "read/config/remembered_guests.h"
#include "read/config/wanted_sources.h"
#include "tell/command.h"
#include "tell/contents_sriov.h"
#include "tell/words.h"

// NULL is standard output.
static int write_output(const struct target *target, const char *text, size_t length)
{
	if (target)
		return target_write(target, text, length, 0644);
	return fwrite(text, 1, length, output_stream()) == length && fflush(output_stream()) == 0 ? 0 : -EIO;
}

// One line for who makes an initrd: how many vGPUs of GVT-g go in, or why none does.
static void tell_sum(const struct config *config)
{
	static struct host unknown; // all zeros; as a constant it would have its size in the file
	struct finding finding;
	char text[SENTENCE_SIZE];
	size_t count = config->wanted.count;
	judge_nothing_wanted(&finding, &unknown, config, config->guests);
	if (!config->settings.early)
		log_line(LOG_INFO, "no vGPU goes into the initrd: 'early = no' leaves them to gvt-early.service");
	else if (count == 0 && contents_names_vf(config))
		return; // "contents" says it of virtual functions
	else if (count > 0)
		log_line(LOG_INFO, "%zu vGPU%s into the initrd", count, count == 1 ? " goes" : "s go");
	else
		log_line(LOG_INFO, "no vGPU goes into the initrd: %s", finding_text(&finding, text, sizeof(text)));
}

// A snapshot, and what it was made of.
struct snapshot {
	struct config config;
	char *text;
	size_t length;
};

static void free_snapshot(struct snapshot *snapshot)
{
	config_free(&snapshot->config);
	free(snapshot->text);
}

static int make_snapshot(struct snapshot *snapshot, const struct root *root, bool remember)
{
	int r = config_read(&snapshot->config, root, false);
	if (r == 0)
		r = sources_add_guests(&snapshot->config, root, UINT64_MAX, remember);
	return r < 0 ? r : config_write_snapshot(&snapshot->config, &snapshot->text, &snapshot->length);
}

// A file of the configuration cannot be read. The last snapshot of all files takes the place of this one; without it,
// what could be read must be something: an initrd that wants nothing would forget all vGPUs without a word. Returns
// whether there is a snapshot.
static bool use_known(struct snapshot *snapshot, const struct root *root)
{
	struct snapshot known = { .text = NULL };
	int r = remembered_load_snapshot(root, &known.config, &known.text, &known.length);
	if (r == 0) {
		log_line(LOG_WARNING,
			 "the configuration cannot be read: using the last snapshot (/" REMEMBERED_SNAPSHOT ")");
		free_snapshot(snapshot);
		*snapshot = known;
		return true;
	}
	free_snapshot(&known);
	if (snapshot->config.wanted.count > 0 || contents_names_vf(&snapshot->config))
		return true;
	log_line(LOG_ERR,
		 "no snapshot is written: the configuration cannot be read, and there is no earlier snapshot to use "
		 "(/" REMEMBERED_SNAPSHOT ": %s)",
		 remembered_error(r));
	return false;
}

static void remember_snapshot(const struct snapshot *snapshot, const struct root *root)
{
	int r = remembered_store_snapshot(root, snapshot->text, snapshot->length);
	if (r < 0)
		log_line(LOG_WARNING,
			 "/" REMEMBERED_SNAPSHOT
			 " cannot be written (%s): if the configuration becomes unreadable, there is "
			 "no snapshot to use",
			 strerror(-r));
}

static int snapshot(const struct root *root, const struct target *target, bool remember, const char *name)
{
	struct snapshot made = { .text = NULL };
	int r = make_snapshot(&made, root, remember);
	int code = made.config.problem_count > 0 ? EXIT_BAD_INPUT : EXIT_ALL_WELL;
	bool unread = made.config.unread;
	if (r == 0)
		config_tell(&made.config);
	bool usable = r == 0 && (!unread || use_known(&made, root));
	if (usable)
		r = write_output(target, made.text, made.length);
	if (usable && r == 0 && target)
		tell_sum(&made.config);
	if (usable && r == 0 && remember && !unread)
		remember_snapshot(&made, root);
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", name, strerror(-r));
		code = EXIT_INTERNAL;
	}
	free_snapshot(&made);
	return code;
}

int command_snapshot(const struct root *root, const struct options *options)
{
	struct target target;
	const char *why;
	if (!options->output)
		return snapshot(root, NULL, !options->root, "standard output");
	int r = target_find(&target, options->output, false, &why), code;
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", options->output, why);
		code = r == -EINVAL ? EXIT_BAD_INPUT : EXIT_INTERNAL;
	} else {
		code = snapshot(root, &target, !options->root, options->output);
	}
	target_free(&target);
	return code;
}
