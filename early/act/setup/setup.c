// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/setup/setup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

#include "act/setup/setup_clean.h"
#include "act/setup/setup_decide.h"
#include "act/setup/setup_guest.h"
#include "act/setup/setup_guest_undo.h"
#include "act/setup/setup_initrd.h"
#include "act/setup/setup_write.h"
#include "act/worker.h"
#include "base/output.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/program.h"
#include "base/stream.h"
#include "base/terminal.h"
#include "decide/setup/guest_line.h"
#include "read/config/wanted.h"
#include "tell/setup_text.h"

#define DECIDE_LIMIT_S  CHECK_NEXT_LIMIT_S
#define COMMAND_LIMIT_S 600 // all kernels on all ESPs
#define GUEST_LIMIT_S   60
#define PLAN_MAX        (16 * 1024 * 1024)

struct setup_call {
	const struct root *root;
	const struct options *options;
	const struct setup_plan *plan;
	int plan_fd; // a child's answer
};

//
// What a child decides
//

// Of a child that was given up something may be there.
static int answer(const struct setup_call *call, const struct setup_plan *plan, int code)
{
	CLEANUP_FREE char *text = NULL;
	if (ftruncate(call->plan_fd, 0) == 0 && lseek(call->plan_fd, 0, SEEK_SET) == 0 &&
	    (!plan->decided ||
	     (setup_plan_print(plan, &text) == 0 && stream_write(call->plan_fd, text, strlen(text), UINT64_MAX) == 0)))
		return code;
	log_line(LOG_ERR, "failed: %s", strerror(errno));
	return EXIT_INTERNAL;
}

static int decide(const void *data)
{
	const struct setup_call *call = data;
	struct setup_plan *plan = calloc(1, sizeof(*plan));
	if (!plan)
		return EXIT_INTERNAL;
	int code = call->options->guest && !call->options->undo ? setup_guest_decide(plan, call->root, call->options)
		: call->options->clean                          ? setup_clean_decide(plan, call->root)
								: setup_decide(plan, call->root, call->options);
	code = answer(call, plan, code);
	setup_plan_free(plan);
	free(plan);
	return code;
}

static int take_plan(struct setup_plan *plan, int fd)
{
	CLEANUP_FREE char *text = malloc(PLAN_MAX + 1);
	ssize_t n = !text ? -ENOMEM : lseek(fd, 0, SEEK_SET) < 0 ? -errno : stream_read(fd, text, PLAN_MAX);
	if (n <= 0)
		return (int)n;
	text[n] = '\0';
	return setup_plan_parse(plan, text);
}

static int read_back(const void *data)
{
	const struct setup_call *call = data;
	return call->options->guest && !call->plan->undo ? setup_guest_read_back(call->root, call->options)
							 : setup_read_back(call->plan, call->root);
}

static int check_next(const void *data)
{
	const struct setup_call *call = data;
	const struct options options = { .next_boot = true };
	return command_check(call->root, &options);
}

static int check_initrds(const void *data)
{
	const struct setup_call *call = data;
	struct setup_plan *plan = calloc(1, sizeof(*plan));
	if (!plan)
		return EXIT_INTERNAL;
	int code = setup_initrd_check(plan, call->root);
	code = answer(call, plan, code);
	free(plan);
	return code;
}

static int bounded(const struct setup_call *call, int (*function)(const void *data), char **argv)
{
	bool without;
	int code = worker_bounded(call->root, function, call, clock_now_us() + DECIDE_LIMIT_S * USEC_PER_SEC, argv,
				  &without);
	return code == EXIT_ALL_WELL && without ? EXIT_DEGRADED : code;
}

//
// Asking, writing, running
//

static bool is_wanted(const struct options *options, const char *question)
{
	char line[16];
	if (options->yes)
		return true;
	fprintf(output_stream(), "\n%s [y/N] ", question);
	(void)fflush(output_stream());
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static bool can_ask(const struct options *options)
{
	return options->yes || isatty(STDIN_FILENO);
}

// What it would ask is no question to a script.
static int ask(const struct options *options, const char *question)
{
	if (!can_ask(options)) {
		log_line(LOG_ERR, "nothing was changed: standard input is not a terminal; add --yes to write this");
		return EXIT_BAD_INPUT;
	}
	if (is_wanted(options, question))
		return EXIT_ALL_WELL;
	fputs("Nothing was changed.\n", output_stream());
	return EXIT_DEGRADED;
}

static void tell_unwritten(const struct setup_written *written, int error)
{
	if (written->changed)
		log_line(LOG_ERR, "nothing was changed: /%s was changed meanwhile; run 'gvt-early setup' again",
			 written->path);
	else if (error == -EMLINK)
		log_line(LOG_ERR,
			 "nothing was changed: /%s has another name (a hard link), which would keep the old text",
			 written->path);
	else if (error == -ELOOP)
		log_line(LOG_ERR, "nothing was changed: /%s is a symbolic link to nothing", written->path);
	else
		log_line(LOG_ERR, "/%s: cannot be written: %s", written->path, strerror(-error));
	if (written->not_restored)
		log_line(LOG_ERR, "not all files could be put back; their old texts are in /%s", written->backup);
	else if (!written->changed && error != -EMLINK && error != -ELOOP)
		log_line(LOG_ERR, "nothing was changed");
}

static int write_files(const struct root *root, const struct setup_plan *plan)
{
	struct setup_written written;
	int r = setup_write(&written, root, plan);
	if (r == 0) {
		putc('\n', output_stream());
		for (size_t i = 0; i < plan->part_count; i++)
			for (size_t k = 0; k < plan->parts[i].edit_count; k++)
				fprintf(output_stream(), "%s /%s\n",
					plan->parts[i].edits[k].after ? "Wrote:     " : "Removed:   ",
					plan->parts[i].edits[k].path);
		if (written.backup[0])
			fprintf(output_stream(), "Backup:     /%s\n", written.backup);
		return EXIT_ALL_WELL;
	}
	if (r == -ETIMEDOUT)
		log_line(LOG_ERR, "no answer within %d s: writing /%s does not return", WRITE_LIMIT_S, written.path);
	else
		tell_unwritten(&written, r);
	return written.changed ? EXIT_DEGRADED : EXIT_INTERNAL;
}

static int tell_failed(const char *name, int code, unsigned limit_s)
{
	if (code == 0)
		return EXIT_ALL_WELL;
	if (code == -ETIMEDOUT)
		log_line(LOG_ERR, "'%s' has not ended within %u s and was killed", name, limit_s);
	else if (code < 0)
		log_line(LOG_ERR, "'%s' cannot be run: %s", name, strerror(-code));
	else if (code == PROGRAM_ABSENT)
		log_line(LOG_ERR, "'%s' cannot be run", name);
	else
		log_line(LOG_ERR, "'%s' failed with exit code %d", name, code);
	return EXIT_DEGRADED;
}

// Interrupted in the middle, a bootloader's menu, an initrd or an ESP would be half made.
static int run_boot_command(const char *name, const char *const *words)
{
	fprintf(output_stream(), "Running:    %s\n", name);
	void (*handler)(int) = signal(SIGINT, SIG_IGN);
	int code = program_run(words, clock_now_us() + COMMAND_LIMIT_S * USEC_PER_SEC);
	(void)signal(SIGINT, handler);
	return tell_failed(name, code, COMMAND_LIMIT_S);
}

static int run_command(const struct setup_plan *plan)
{
	static const char *const refresh[] = { "proxmox-boot-tool", "refresh", NULL },
				 *const update[] = { "update-grub", NULL };
	return run_boot_command(setup_command(plan), plan->by_esps ? refresh : update);
}

static int run_initrd_command(const struct setup_command *command)
{
	const char *words[SETUP_WORDS_MAX + 1] = { NULL };
	char name[SETUP_WORDS_MAX * SETUP_WORD_SIZE] = "";
	for (size_t k = 0; k < command->count; k++) {
		words[k] = command->words[k];
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%s", k > 0 ? " " : "", words[k]);
	}
	return run_boot_command(name, words);
}

// A guest's.
static int run_guest_command(const struct setup_command *command)
{
	const char *words[SETUP_WORDS_MAX + 1] = { NULL };
	char name[128];
	for (size_t k = 0; k < command->count; k++)
		words[k] = command->words[k];
	snprintf(name, sizeof(name), "%.20s %.20s %.60s", words[0], words[1], words[2]);
	fprintf(output_stream(), "Running:    %s\n", name);
	return tell_failed(name, program_run(words, clock_now_us() + GUEST_LIMIT_S * USEC_PER_SEC), GUEST_LIMIT_S);
}

static bool writes(const struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->part_count; i++)
		if (plan->parts[i].edit_count > 0)
			return true;
	return false;
}

// The last line, where check has named nothing else.
static void tell_next(const char *gap, const char *text)
{
	fprintf(output_stream(), "%sNext: %s\n", gap, text);
}

static int tell_record(int r)
{
	if (r == -ETIMEDOUT)
		log_line(LOG_ERR, "no answer within %d s: writing /" SETUP_RECORD " does not return", WRITE_LIMIT_S);
	else if (r < 0)
		log_line(LOG_ERR, "/" SETUP_RECORD ": cannot be written: %s", strerror(-r));
	return r < 0 ? EXIT_INTERNAL : EXIT_ALL_WELL;
}

static int apply_guest(const struct setup_call *call, char **argv)
{
	int code =
		call->plan->given_count > 0 ? tell_record(setup_write_record(call->root, call->plan)) : EXIT_ALL_WELL;
	for (size_t i = 0; i < call->plan->command_count && code == EXIT_ALL_WELL; i++)
		code = run_guest_command(&call->plan->commands[i]);
	return code == EXIT_ALL_WELL ? bounded(call, read_back, argv) : code;
}

static int read_guests_back(const void *data)
{
	const struct setup_call *call = data;
	return setup_guest_taken(call->plan, call->root);
}

// From each guest what it was given. One that is locked keeps its own, and is not forgotten: done gets the others.
static int take_back(const struct setup_call *call, char **argv, struct setup_plan *done)
{
	const struct setup_plan *plan = call->plan;
	int code = EXIT_ALL_WELL;
	for (size_t i = 0; i < plan->given_count; i++) {
		const struct setup_given *given = &plan->given[i];
		int failed = given->command ? run_guest_command(&plan->commands[given->command - 1]) : EXIT_ALL_WELL;
		if (failed == EXIT_ALL_WELL)
			done->given[done->given_count++] = *given;
		else
			code = failed;
	}
	if (code == EXIT_ALL_WELL && plan->command_count > 0)
		code = bounded(call, read_guests_back, argv);
	if (code != EXIT_ALL_WELL && done->given_count == plan->given_count)
		done->given_count = 0; // the commands did nothing
	return code;
}

static int bring_into_force(const struct setup_call *call, char **argv)
{
	int code = run_command(call->plan), seen = bounded(call, read_back, argv);
	if (code == EXIT_ALL_WELL)
		code = seen;
	if (code != EXIT_ALL_WELL)
		log_line(LOG_ERR, "the next boot does not have all of this yet; '%s' has to succeed first",
			 setup_command(call->plan));
	return code;
}

// The files are forgotten when what was written is in force, so that the command can be run again.
static int apply_undo(const struct setup_call *call, char **argv)
{
	CLEANUP_FREE struct setup_plan *done = calloc(1, sizeof(*done));
	const struct setup_plan *plan = call->plan;
	bool here = !call->root->path[0];
	if (!done)
		return EXIT_INTERNAL;
	done->undo = true;
	int code = here ? take_back(call, argv, done) : EXIT_ALL_WELL;
	int forced = here && plan->apply ? bring_into_force(call, argv) : EXIT_ALL_WELL;
	done->files = plan->files && forced == EXIT_ALL_WELL;
	int noted = done->files || done->given_count > 0 ? tell_record(setup_write_record(call->root, done))
							 : EXIT_ALL_WELL;
	return code != EXIT_ALL_WELL ? code : forced != EXIT_ALL_WELL ? forced : noted;
}

static int apply(const struct setup_call *call, char **argv)
{
	const struct setup_plan *plan = call->plan;
	if (call->options->guest && !plan->undo)
		return apply_guest(call, argv);
	int code = writes(plan) ? write_files(call->root, plan) : EXIT_ALL_WELL;
	if (code == EXIT_ALL_WELL && plan->undo)
		code = apply_undo(call, argv);
	if (code != EXIT_ALL_WELL)
		return code;
	if (call->root->path[0]) {
		char text[64];
		snprintf(text, sizeof(text), "run '%s' in that system", setup_command(plan));
		if (plan->apply)
			tell_next(writes(plan) ? "\n" : "", text);
		return code;
	}
	return plan->apply && !plan->undo ? bring_into_force(call, argv) : code;
}

// The initrds that lack what is wanted by now, if the answer is yes. Returns the exit code.
static int renew_initrds(const struct setup_call *call, const struct setup_plan *renewal)
{
	int code = EXIT_ALL_WELL;
	fputs("The initrd of the next boot does not have all of this yet.\n", output_stream());
	setup_tell_commands(renewal->commands, renewal->command_count);
	if (!is_wanted(call->options, "Run this?"))
		return EXIT_ALL_WELL; // then check names it as the next step
	for (size_t i = 0; i < renewal->command_count && code == EXIT_ALL_WELL; i++)
		code = run_initrd_command(&renewal->commands[i]);
	return code;
}

// What the next boot will be like, and the one next step.
static int conclude(const struct setup_call *call, bool may_renew, char **argv)
{
	CLEANUP_FREE struct setup_plan *renewal = calloc(1, sizeof(*renewal));
	int renewed = EXIT_ALL_WELL;
	if (!renewal)
		return EXIT_INTERNAL;
	putc('\n', output_stream());
	(void)fflush(output_stream());
	int code = bounded(call, may_renew ? check_initrds : check_next, argv);
	if (may_renew && take_plan(renewal, call->plan_fd) == 0 && renewal->command_count > 0) {
		renewed = renew_initrds(call, renewal);
		putc('\n', output_stream());
		(void)fflush(output_stream());
		code = bounded(call, check_next, argv);
	}
	if (code == EXIT_ALL_WELL && (call->plan->apply || renewal->command_count > 0))
		tell_next("", "reboot");
	return code == EXIT_ALL_WELL ? renewed : code;
}

static int carry_out(const struct setup_call *call, char **argv)
{
	const struct setup_plan *plan = call->plan;
	bool commands = plan->command_count > 0 && !call->root->path[0],
	     asked = writes(plan) || plan->apply || commands;
	// Of an undo, what has nothing left to be taken back is forgotten.
	bool something = asked || (plan->undo && (plan->files || plan->given_count > 0));
	if (call->options->dry_run)
		return plan->unseen ? EXIT_DEGRADED : EXIT_ALL_WELL;
	int code = EXIT_ALL_WELL;
	if (asked)
		code = ask(call->options, writes(plan) ? "Write this?" : "Run this?");
	if (code != EXIT_ALL_WELL)
		return code;
	if (something)
		code = apply(call, argv);
	if (code == EXIT_ALL_WELL && plan->unseen)
		code = EXIT_DEGRADED;
	if (plan->undo || call->root->path[0] || call->options->clean)
		return code;
	int verdict = conclude(call, code == EXIT_ALL_WELL && can_ask(call->options), argv);
	return code == EXIT_ALL_WELL ? verdict : code;
}

static bool take_options(const struct options *options)
{
	char type[TYPE_NAME_SIZE];
	if ((options->type || options->hookscript) && !options->guest)
		log_line(LOG_ERR, "--%s needs --guest", options->type ? "type" : "hookscript");
	else if (options->clean && (options->guest || options->undo))
		log_line(LOG_ERR, "--clean goes with no --%s", options->guest ? "guest" : "undo");
	else if (options->undo && (options->type || options->hookscript))
		log_line(LOG_ERR, "--undo goes with no --%s", options->type ? "type" : "hookscript");
	else if (options->type && !streq(options->type, SETUP_TYPE_VF) && wanted_parse_type(options->type, type) < 0)
		log_line(LOG_ERR, "'%.60s' is not a type such as i915-GVTg_V5_4, nor vf", options->type);
	else
		return true;
	return false;
}

int setup_run(const struct root *root, const struct options *options, char **argv)
{
	if (geteuid() != 0 && !root->path[0] && !options->dry_run) {
		log_line(LOG_ERR,
			 "'setup' needs root: it writes the bootloader's files; --dry-run shows what it would write");
		return EXIT_BAD_INPUT;
	}
	if (!take_options(options))
		return EXIT_BAD_INPUT;
	struct setup_plan *plan = calloc(1, sizeof(*plan));
	struct setup_call call = {
		.root = root, .options = options, .plan = plan, .plan_fd = memfd_create("plan", MFD_CLOEXEC)
	};
	int code = EXIT_INTERNAL;
	if (plan && call.plan_fd >= 0) {
		child_keep(call.plan_fd);
		terminal_remember();
		code = bounded(&call, decide, argv);
		int r = take_plan(plan, call.plan_fd);
		if (r < 0)
			log_line(LOG_ERR, "failed: %s", strerror(-r));
		code = r < 0 ? EXIT_INTERNAL : plan->decided ? carry_out(&call, argv) : code;
		child_keep_no_more(call.plan_fd);
		setup_plan_free(plan);
	}
	cleanup_close(&call.plan_fd);
	free(plan);
	return code;
}
