// SPDX-License-Identifier: GPL-2.0-or-later
// "capture": a tar of what the commands that look have read on this host. Each of them is run, and what it reads is
// noted: so it is that, exactly, and --root on the unpacked archive gives their answers anywhere.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture.h"
#include "child.h"
#include "clock.h"
#include "command.h"
#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "terminal.h"
#include "trace.h"

#define EACH_LIMIT_S 10 // for a command: they end within this by themselves

static const struct {
	const char *name;
	int (*look)(const struct root *root, const struct options *options);
	bool next_boot;
	unsigned limit_s;
} looks[] = {
	{ "check", command_check, false, EACH_LIMIT_S },
	{ "types", command_types, false, EACH_LIMIT_S },
	{ "plan", command_plan, false, EACH_LIMIT_S },
	{ "status", command_status, false, EACH_LIMIT_S },
	{ "check --next-boot", command_check, true, CHECK_NEXT_LIMIT_S },
};

struct call {
	const struct root *root;
	int (*look)(const struct root *root, const struct options *options);
	bool next_boot;
};

static int look_in_child(void *data)
{
	const struct call *call = data;
	return call->look(call->root, &(const struct options){ .json = true, .next_boot = call->next_boot });
}

// Runs them all. Returns the exit code.
static int look_at_all(const struct root *root)
{
	int code = EXIT_ALL_WELL;
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct call call = { .root = root, .look = looks[i].look, .next_boot = looks[i].next_boot };
		int r = child_run(look_in_child, &call, clock_now_us() + looks[i].limit_s * USEC_PER_SEC);
		if (r >= 0 && r != EXIT_INTERNAL)
			continue;
		log_line(LOG_WARNING, "'%s' has not ended well (%s): what it reads may be incomplete", looks[i].name,
			 r < 0 ? strerror(-r) : "it failed");
		code = EXIT_DEGRADED;
	}
	return code;
}

static int write_file(const char *path, const char *data, size_t length)
{
	CLEANUP_CLOSE int dir = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : file_replace(dir, path, data, length, 0600);
}

int command_capture(const struct root *root, const struct options *options)
{
	if (!options->word) {
		log_line(LOG_ERR, "capture needs the name of the file to be written");
		return EXIT_BAD_INPUT;
	}
	struct trace trace = { .items = NULL };
	struct terminal terminal;
	CLEANUP_FREE char *data = NULL;
	size_t length = 0;
	terminal_open(&terminal, stdout);

	int r = trace_start(), code = EXIT_INTERNAL;
	if (r == 0) {
		code = look_at_all(root);
		r = trace_read(&trace);
		trace_stop();
	}
	if (r == 0)
		r = capture_make(&trace, &terminal, &data, &length);
	trace_free(&trace);
	if (r < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
		return EXIT_INTERNAL;
	}
	r = write_file(options->word, data, length);
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", options->word, strerror(-r));
		return EXIT_INTERNAL;
	}
	printf("\n%s\n%zu bytes, with all of the above in it and nothing else. Look through it\n"
	       "before you pass it on, and compress it: it becomes much smaller.\n",
	       options->word, length);
	return code;
}
