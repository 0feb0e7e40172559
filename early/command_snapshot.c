// SPDX-License-Identifier: GPL-2.0-or-later
// "snapshot": what is wanted and the settings, as one small file for the initrd. It decides nothing about the hardware, which
// may be another machine's here.
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "config.h"
#include "exitcode.h"
#include "judge.h"
#include "log.h"
#include "sources.h"
#include "target.h"

// NULL is standard output.
static int write_output(const struct target *target, const char *text, size_t length)
{
	if (target)
		return target_write(target, text, length, 0644);
	return fwrite(text, 1, length, stdout) == length && fflush(stdout) == 0 ? 0 : -EIO;
}

// One line for who makes an initrd: what goes in, or why nothing does.
static void tell_sum(const struct config *config)
{
	static const struct host unknown;
	struct finding finding;
	size_t count = config->wanted.count;
	judge_nothing_wanted(&finding, &unknown, config, config->guests);
	if (!config->settings.early)
		log_line(LOG_INFO, "no vGPU goes into the initrd: 'early = no' leaves them to gvt-early.service");
	else if (count > 0)
		log_line(LOG_INFO, "%zu vGPU%s into the initrd", count, count == 1 ? " goes" : "s go");
	else
		log_line(LOG_INFO, "no vGPU goes into the initrd: %s", finding.text);
}

static int snapshot(const struct root *root, const struct target *target, bool remember, const char *name)
{
	struct config config;
	CLEANUP_FREE char *text = NULL;
	size_t length = 0;

	int r = config_read(&config, root, false);
	if (r == 0)
		r = sources_add_guests(&config, root, UINT64_MAX, remember);
	if (r == 0)
		r = config_write_snapshot(&config, &text, &length);
	if (r == 0) {
		config_tell(&config);
		r = write_output(target, text, length);
	}
	if (r == 0 && target)
		tell_sum(&config);
	int code = config.problem_count > 0 ? EXIT_BAD_INPUT : EXIT_ALL_WELL;
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", name, strerror(-r));
		code = EXIT_INTERNAL;
	}
	config_free(&config);
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
