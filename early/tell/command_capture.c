// SPDX-License-Identifier: GPL-2.0-or-later
// "capture": a tar of what the commands that look have read on this host. Each of them is run, and what it reads is
// noted: so it is that, exactly, and --root on the unpacked archive gives their answers anywhere.
#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/recording.h"
#include "base/target.h"
#include "base/terminal.h"
#include "tell/capture/capture.h"
#include "tell/command.h"

static const struct {
	const char *name;
	int (*look)(const struct root *root, const struct options *options);
	bool next_boot;
	unsigned limit_s;
} looks[] = {
	{ "check", command_check, false, LOOK_LIMIT_S },
	{ "types", command_types, false, LOOK_LIMIT_S },
	{ "plan", command_plan, false, LOOK_LIMIT_S },
	{ "status", command_status, false, LOOK_LIMIT_S },
	{ "check --next-boot", command_check, true, CHECK_NEXT_LIMIT_S },
};

struct recorded_command {
	const struct root *root;
	int (*look)(const struct root *root, const struct options *options);
	bool next_boot;
};

static int look_in_child(void *data)
{
	const struct recorded_command *command = data;
	return command->look(command->root, &(const struct options){ .json = true, .next_boot = command->next_boot });
}

// Runs them all. Returns the exit code.
static int look_at_all(const struct root *root)
{
	int code = EXIT_ALL_WELL;
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct recorded_command command = { .root = root,
						    .look = looks[i].look,
						    .next_boot = looks[i].next_boot };
		int r = child_run(look_in_child, &command, clock_now_us() + looks[i].limit_s * USEC_PER_SEC);
		if (r >= 0 && r != EXIT_INTERNAL)
			continue;
		log_line(LOG_WARNING, "'%s' failed (%s): the files that it reads may be incomplete", looks[i].name,
			 r < 0 ? strerror(-r) : "internal error");
		code = EXIT_DEGRADED;
	}
	return code;
}

// The archive, and the list of what is in it.
static int capture(const struct root *root, const struct target *target, const char *name)
{
	struct recording trace = { .items = NULL };
	struct terminal terminal;
	CLEANUP_FREE char *data = NULL;
	size_t length = 0;
	// Where the archive goes to standard output, the list does not.
	terminal_open(&terminal, target->kind == TARGET_STDOUT ? error_stream() : output_stream());

	int r = recording_start(), code = EXIT_INTERNAL;
	if (r == 0) {
		code = look_at_all(root);
		r = recording_read(&trace);
		recording_stop();
	}
	if (r == 0)
		r = capture_make(&trace, &terminal, &data, &length);
	recording_free(&trace);
	if (r < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	r = target_write(target, data, length, 0600);
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", name, strerror(-r));
		return EXIT_INTERNAL;
	}
	char text[256];
	snprintf(text, sizeof(text),
		 "%zu bytes, with all of the above and nothing else. Look through the archive before you send it. "
		 "Compressed, it is much smaller.",
		 length);
	fprintf(terminal.stream, "\n%s\n", name);
	terminal_wrap(&terminal, 0, 0, text);
	return code;
}

int command_capture(const struct root *root, const struct options *options)
{
	struct target target;
	const char *why;
	if (!options->word) {
		log_line(LOG_ERR, "'capture' needs the name of the file to write");
		return EXIT_BAD_INPUT;
	}
	int r = target_find(&target, options->word, true, &why), code;
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", options->word, why);
		code = r == -EINVAL ? EXIT_BAD_INPUT : EXIT_INTERNAL;
	} else {
		code = capture(root, &target, options->word);
	}
	target_free(&target);
	return code;
}
