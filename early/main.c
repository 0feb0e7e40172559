// SPDX-License-Identifier: GPL-2.0-or-later
// gvt-early: the table of commands.
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "act/setup/setup.h"
#include "act/worker.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/output.h"
#include "base/reading.h"
#include "base/root.h"
#include "read/config/config.h"
#include "tell/command.h"
#include "tell/command_line.h"

#define ROOT_LIMIT_S 5 // for opening the directory of --root

struct invocation {
	const struct command *command;
	const struct root *root;
	const struct options *options;
	char **argv;
};

static int run_boot(const struct invocation *invocation)
{
	return worker_start(invocation->root, invocation->options->resume, invocation->argv);
}

static int run_wait(const struct invocation *invocation)
{
	return worker_join(invocation->root);
}

static int run_apply(const struct invocation *invocation)
{
	CLEANUP_FREE char *report = NULL;
	int code = worker_run(invocation->root, invocation->options->guest, invocation->argv, &report);
	if (invocation->options->json && report)
		fprintf(output_stream(), "%s\n", report);
	return code;
}

// Commands that only look: what they read may block for ever in a driver or a file system.
static int look(const void *data)
{
	const struct invocation *invocation = data;
	return invocation->command->look(invocation->root, invocation->options);
}

// Metrics that were written are good for those that read them, and say themselves what is missing.
static int run_bounded(const struct invocation *invocation, uint64_t limit_s)
{
	bool without;
	uint64_t until_us = clock_now_us() + limit_s * USEC_PER_SEC;
	int code = worker_bounded(invocation->root, look, invocation, until_us, invocation->argv, &without);
	return code == EXIT_ALL_WELL && without && !invocation->options->metrics ? EXIT_DEGRADED : code;
}

static int run_look(const struct invocation *invocation)
{
	return run_bounded(invocation, DEADLINE_DEFAULT_S);
}

// It bounds each command that it runs by itself; the file that it writes may lie where nothing answers.
static int run_capture(const struct invocation *invocation)
{
	return run_bounded(invocation, CAPTURE_LIMIT_S);
}

// It bounds by itself what may hang; to look into initrds takes a while.
static int run_check(const struct invocation *invocation)
{
	return run_bounded(invocation, invocation->options->next_boot ? CHECK_NEXT_LIMIT_S : CHECK_LIMIT_S);
}

static int run_contents(const struct invocation *invocation)
{
	return run_bounded(invocation, CONTENTS_LIMIT_S);
}

static int run_gate(const struct invocation *invocation)
{
	return run_bounded(invocation, CHECK_NEXT_LIMIT_S);
}

// It bounds each of its steps by itself, but for the answer of whoever it asks.
static int run_setup(const struct invocation *invocation)
{
	return setup_run(invocation->root, invocation->options, invocation->argv);
}

static const struct command commands[] = {
	{ "boot", "start the early stage and return at once (from the initrd)", NULL, TAKES_RESUME, true, run_boot,
	  NULL },
	{ "wait", "wait for the early stage, until its deadline (from the initrd)", NULL, 0, true, run_wait, NULL },
	{ "apply", "load the drivers and create the wanted instances on the running host", NULL,
	  TAKES_JSON | TAKES_GUEST, false, run_apply, NULL },
	{ "check", "check whether this host can have vGPUs; if not, print why and the fix", NULL,
	  TAKES_ROOT | TAKES_JSON | TAKES_NEXT, false, run_check, command_check },
	{ "setup", "make the kernel command line right for vGPUs; give a guest one", NULL,
	  TAKES_ROOT | TAKES_DRY_RUN | TAKES_YES | TAKES_UNDO | TAKES_CLEAN | TAKES_GUEST | TAKES_TYPE |
		  TAKES_HOOKSCRIPT,
	  false, run_setup, NULL },
	{ "types", "show the types that the GPU offers, who uses them, and what else fits", "[TYPE]",
	  TAKES_ROOT | TAKES_JSON, false, run_look, command_types },
	{ "plan", "show what 'apply' would do now", "[UUID|VMID]", TAKES_ROOT | TAKES_JSON, false, run_look,
	  command_plan },
	{ "status", "show what this boot did, which instances exist, and who uses them", "[UUID|VMID]",
	  TAKES_ROOT | TAKES_JSON | TAKES_METRICS, false, run_look, command_status },
	{ "capture", "write all files that check, plan, types and status read to a tar archive", "FILE", TAKES_ROOT,
	  false, run_capture, command_capture },
	{ "snapshot", "write the configuration that the initrd needs", NULL, TAKES_ROOT | TAKES_OUTPUT, false, run_look,
	  command_snapshot },
	{ "gate", "tell in two lines whether the next boot has its vGPUs", NULL, TAKES_ROOT, false, run_gate,
	  command_gate },
	{ "contents", "print which modules and firmware the initrd needs", NULL,
	  TAKES_ROOT | TAKES_KERNEL | TAKES_SNAPSHOT | TAKES_INTO, false, run_contents, command_contents },
};

static int finish_output(int code)
{
	if (fflush(output_stream()) == 0 && !ferror(output_stream()))
		return code;
	log_line(LOG_ERR, "standard output cannot be written");
	return EXIT_INTERNAL;
}

// A caller may have closed 0, 1 or 2: files opened later must not take their numbers. What is printed on a closed
// standard output is lost, and is reported like any other output that cannot be written; messages for a closed standard
// error are dropped.
static void hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (fd == STDERR_FILENO && open("/dev/null", O_RDWR) >= 0)
			continue;
		(void)!open("/", O_RDONLY | O_DIRECTORY);
	}
}

static bool acts(const struct command *command)
{
	return command->run == run_boot || command->run == run_wait || command->run == run_apply;
}

static int open_root(void *data)
{
	struct root root;
	const char *const *path = data;
	int r = root_open(&root, *path);
	if (r == 0)
		root_close(&root);
	return 0;
}

// Opens it; the directory of --root may lie where nothing answers, so another process goes first. A negative errno,
// -ETIMEDOUT too.
static int open_root_bounded(struct root *root, const char *path)
{
	int r = path ? child_run(open_root, &path, clock_now_us() + ROOT_LIMIT_S * USEC_PER_SEC) : 0;
	return r < 0 ? r : root_open(root, path);
}

static int run_command(const struct command *command, const struct options *options, char **argv)
{
	struct root root;
	if (acts(command) && geteuid() != 0) {
		log_line(LOG_ERR, "'%s' needs root: it loads modules and creates instances", command->name);
		return EXIT_BAD_INPUT;
	}
	int r = open_root_bounded(&root, options->root);
	if (r == -ETIMEDOUT) {
		log_line(LOG_ERR, "no answer within %d s: %s does not answer", ROOT_LIMIT_S, options->root);
		return EXIT_DEGRADED;
	}
	if (r < 0) {
		log_line(LOG_ERR, "%s: %s", options->root ? options->root : "/", strerror(-r));
		return options->root ? EXIT_BAD_INPUT : EXIT_INTERNAL;
	}
	if (command->in_boot)
		log_to_kernel(root.dev);
	else
		reading_share();
	if (options->metrics || command->look == command_contents)
		output_is_data();
	int code = command->run(
		&(struct invocation){ .command = command, .root = &root, .options = options, .argv = argv });
	root_close(&root);
	return finish_output(code);
}

int main(int argc, char **argv)
{
	static const struct command_table table = { commands, ARRAY_SIZE(commands) };
	const struct command *command;
	struct options options;
	hold_standard_descriptors();
	output_open();
	// jansson would ask /dev/urandom for a seed: so early in the boot that can take a second, until the kernel has
	// gathered entropy. All that is hashed is our own.
	json_object_seed(1);
	int code = command_line_parse(&table, argc, argv, &command, &options);
	return command ? run_command(command, &options, argv) : finish_output(code);
}
