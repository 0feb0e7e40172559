// SPDX-License-Identifier: GPL-2.0-or-later
// gvt-early: the table of commands.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "build.h"
#include "child.h"
#include "clock.h"
#include "command.h"
#include "config.h"
#include "exitcode.h"
#include "log.h"
#include "output.h"
#include "pve.h"
#include "reading.h"
#include "root.h"
#include "worker.h"

#define ROOT_LIMIT_S 5 // for opening the directory of --root

struct call;

struct command {
	const char *name;
	const char *purpose;
	unsigned takes; // options that belong to it
	bool in_boot;   // speaks to the kernel log
	int (*run)(const struct call *call);
	int (*look)(const struct root *root, const struct options *options); // for run_look()
};

struct call {
	const struct command *command;
	const struct root *root;
	const struct options *options;
	char **argv;
};

static int run_boot(const struct call *call)
{
	return worker_start(call->root, call->options->resume, call->argv);
}

static int run_wait(const struct call *call)
{
	return worker_join(call->root);
}

static int run_apply(const struct call *call)
{
	CLEANUP_FREE char *report = NULL;
	int code = worker_run(call->root, call->options->guest, call->argv, &report);
	if (call->options->json && report)
		puts(report);
	return code;
}

// Commands that only look: what they read may block for ever in a driver or a file system.
static int look(const void *data)
{
	const struct call *call = data;
	return call->command->look(call->root, call->options);
}

// Metrics that were written are good for those that read them, and say themselves what is missing.
static int run_bounded(const struct call *call, uint64_t limit_s)
{
	bool without;
	int code = worker_bounded(call->root, look, call, clock_now_us() + limit_s * USEC_PER_SEC, call->argv, &without);
	return code == EXIT_ALL_WELL && without && !call->options->metrics ? EXIT_DEGRADED : code;
}

static int run_look(const struct call *call)
{
	return run_bounded(call, DEADLINE_DEFAULT_S);
}

// It bounds each command that it runs by itself; the file that it writes may lie where nothing answers.
static int run_capture(const struct call *call)
{
	return run_bounded(call, CAPTURE_LIMIT_S);
}

// It bounds by itself what may hang; to look into initrds takes a while.
static int run_check(const struct call *call)
{
	return run_bounded(call, call->options->next_boot ? CHECK_NEXT_LIMIT_S : CHECK_LIMIT_S);
}

enum takes {
	TAKES_ROOT = 1,
	TAKES_JSON = 2,
	TAKES_OUTPUT = 4,
	TAKES_RESUME = 8,
	TAKES_KERNEL = 16,
	TAKES_GUEST = 32,
	TAKES_NEXT = 64,
	TAKES_METRICS = 128,
	TAKES_WORD = 256,
};

static const struct command commands[] = {
	{ "boot", "start the early stage and return at once (from the initrd)", TAKES_RESUME, true, run_boot, NULL },
	{ "wait", "wait for the early stage, until its deadline (from the initrd)", 0, true, run_wait, NULL },
	{ "apply", "do the same job on the running host", TAKES_JSON | TAKES_GUEST, false, run_apply, NULL },
	{ "check", "say whether this host can do it; if not, the cause and the cure", TAKES_ROOT | TAKES_JSON | TAKES_NEXT,
	  false, run_check, command_check },
	{ "types", "show what the GPU offers, who has it, and what else would fit [TYPE]", TAKES_ROOT | TAKES_JSON | TAKES_WORD,
	  false, run_look, command_types },
	{ "plan", "show what would be done now [UUID]", TAKES_ROOT | TAKES_JSON | TAKES_WORD, false, run_look, command_plan },
	{ "status", "show what this boot has done, what is there, who uses it [UUID]",
	  TAKES_ROOT | TAKES_JSON | TAKES_METRICS | TAKES_WORD, false, run_look, command_status },
	{ "capture", "write a tar of all that these have read, for a bug report [FILE]", TAKES_ROOT | TAKES_WORD, false,
	  run_capture, command_capture },
	{ "snapshot", "write what the initrd needs of the configuration", TAKES_ROOT | TAKES_OUTPUT, false, run_look,
	  command_snapshot },
	{ "contents", "print which modules and firmware the initrd needs", TAKES_ROOT | TAKES_KERNEL, false,
	  run_look, command_contents },
};

static void print_help(void)
{
	puts("Usage: gvt-early COMMAND [OPTION]...\n"
	     "Make Intel GVT-g virtual GPUs early in the boot, before the guests start.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].purpose);
	puts("\n"
	     "Options:\n"
	     "      --root DIR     look at the files below DIR instead of this host's (check,\n"
	     "                     types, plan, status, capture, snapshot, contents)\n"
	     "      --json         print JSON (check, types, plan, status, apply)\n"
	     "      --metrics      print metrics in the text format of Prometheus (status)\n"
	     "      --guest VMID   only for this guest, which is about to start (apply)\n"
	     "      --next-boot    look at what the next boot will find (check)\n"
	     "      --output FILE  write to FILE instead of standard output (snapshot)\n"
	     "      --kernel REL   for this kernel instead of the running one (contents)\n"
	     "      --resume DEV   where a hibernation image may be, as in resume= (boot)\n"
	     "  -h, --help         display this help and exit\n"
	     "  -V, --version      output version information and exit\n"
	     "\n"
	     "Exit codes: 0 all well, 1 something wanted is missing or a requirement is not\n"
	     "met, 2 bad usage or bad configuration, 3 the program itself failed.\n"
	     "\n"
	     "Report bugs with the archive that 'gvt-early capture FILE' writes.\n"
	     "More in gvt-early(8), gvt-early-check(8) and gvt-early.conf(5).");
}

static int finish_output(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	log_line(LOG_ERR, "standard output cannot be written");
	return EXIT_INTERNAL;
}

static void print_version(void)
{
	printf("gvt-early %s\n"
	       "Copyright (C) 2026 the gvt-early developers\n"
	       "License GPLv2+: GNU GPL version 2 or later <https://gnu.org/licenses/gpl.html>.\n"
	       "This is free software: you are free to change and redistribute it.\n"
	       "There is NO WARRANTY, to the extent permitted by law.\n"
	       "\n"
	       "build ID: %s\n%s",
	       build_release(), build_id(), build_libraries());
}

// A caller may have closed 0, 1 or 2: files opened later must not take their numbers. What is printed on a closed standard output
// is lost, and is told like any other that cannot be written; messages for a closed standard error are for nobody.
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

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

// what is NULL when it is told already.
static int bad_usage(const char *what, const char *word)
{
	if (what)
		fprintf(stderr, "gvt-early: %s%s%s%s\n", what, word ? " '" : "", word ? word : "", word ? "'" : "");
	fputs("Try 'gvt-early --help' for more information.\n", stderr);
	return EXIT_BAD_INPUT;
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

// Opens it; the directory of --root may lie where nothing answers, so another process goes first. A negative errno, -ETIMEDOUT too.
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
	int code = command->run(&(struct call){ .command = command, .root = &root, .options = options, .argv = argv });
	root_close(&root);
	return finish_output(code);
}

int main(int argc, char **argv)
{
	enum { OPTION_ROOT = 256, OPTION_JSON, OPTION_OUTPUT, OPTION_RESUME, OPTION_KERNEL, OPTION_GUEST, OPTION_NEXT, OPTION_METRICS };
	static const struct option long_options[] = {
		{ "root", required_argument, NULL, OPTION_ROOT },     { "json", no_argument, NULL, OPTION_JSON },
		{ "output", required_argument, NULL, OPTION_OUTPUT }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },		      { "resume", required_argument, NULL, OPTION_RESUME },
		{ "kernel", required_argument, NULL, OPTION_KERNEL }, { "guest", required_argument, NULL, OPTION_GUEST },
		{ "next-boot", no_argument, NULL, OPTION_NEXT },
		{ "metrics", no_argument, NULL, OPTION_METRICS },
		{ 0 },
	};
	hold_standard_descriptors();
	output_open();
	// jansson would ask /dev/urandom for a seed: so early in the boot that can take a second, until the kernel has gathered
	// entropy. All that is hashed is our own.
	json_object_seed(1);

	struct options options = { 0 };
	unsigned given = 0;
	int option;
	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		switch (option) {
		case OPTION_ROOT:
			options.root = optarg;
			given |= TAKES_ROOT;
			break;
		case OPTION_JSON:
			options.json = true;
			given |= TAKES_JSON;
			break;
		case OPTION_OUTPUT:
			options.output = optarg;
			given |= TAKES_OUTPUT;
			break;
		case OPTION_RESUME:
			options.resume = optarg;
			given |= TAKES_RESUME;
			break;
		case OPTION_KERNEL:
			options.kernel = optarg;
			given |= TAKES_KERNEL;
			break;
		case OPTION_METRICS:
			options.metrics = true;
			given |= TAKES_METRICS;
			break;
		case OPTION_NEXT:
			options.next_boot = true;
			given |= TAKES_NEXT;
			break;
		case OPTION_GUEST:
			if (pve_parse_number(optarg, VMID_MIN, VMID_MAX, &options.guest) < 0)
				return bad_usage("no guest's number", optarg);
			given |= TAKES_GUEST;
			break;
		case 'h':
			print_help();
			return finish_output(EXIT_ALL_WELL);
		case 'V':
			print_version();
			return finish_output(EXIT_ALL_WELL);
		default:
			return bad_usage(NULL, NULL); // getopt has told what
		}
	}
	if (optind >= argc)
		return bad_usage("no command", NULL);
	const struct command *command = find_command(argv[optind]);
	if (!command)
		return bad_usage("no such command", argv[optind]);
	if (given & ~command->takes)
		return bad_usage("an option that does not belong to", command->name);
	if (optind + 1 < argc && command->takes & TAKES_WORD)
		options.word = argv[++optind];
	if (optind + 1 < argc)
		return bad_usage("one word too many", argv[optind + 1]);
	return run_command(command, &options, argv);
}
