// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/command_line.h"

#include <getopt.h>
#include <stdio.h>

#include "base/output.h"
#include "base/build.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "read/proxmox/pve.h"

#define HELP_COMMAND "help"
#define WIDTH        79
#define TEXT_COLUMN  21  // where the texts of the commands and options begin
#define FIRST_OPTION 256 // what getopt_long() calls the first of them
#define LONGEST      32  // of a word that is compared with what was meant

static const struct command help_command = { .name = HELP_COMMAND,
					     .purpose = "show this help, or the help of a command",
					     .argument = "[COMMAND]" };

struct described {
	const char *name, *argument; // argument: what it is called in the help, or NULL for none
	const char *text;
	unsigned takes; // 0 for an option of the program itself
	char letter;    // or 0
};

// The help lists them in this order.
static const struct described options[] = {
	{ "root", "DIR", "read the files below DIR instead of this host's", TAKES_ROOT, 0 },
	{ "json", NULL, "print JSON", TAKES_JSON, 0 },
	{ "metrics", NULL, "print metrics in the text format of Prometheus", TAKES_METRICS, 0 },
	{ "guest", "VMID", "for this guest: apply when it starts, setup to give it a vGPU", TAKES_GUEST, 0 },
	{ "type", "TYPE", "the vGPU's type, such as i915-GVTg_V5_4, or vf", TAKES_TYPE, 0 },
	{ "hookscript", NULL, "give the guest our hookscript as well", TAKES_HOOKSCRIPT, 0 },
	{ "next-boot", NULL, "check what the next boot will find", TAKES_NEXT, 0 },
	{ "output", "FILE", "write to FILE instead of standard output", TAKES_OUTPUT, 0 },
	{ "kernel", "REL", "for this kernel instead of the running one", TAKES_KERNEL, 0 },
	{ "snapshot", "FILE", "what this snapshot of the configuration needs", TAKES_SNAPSHOT, 0 },
	{ "into", "DIR", "for the initrd that is made of DIR: nothing if it does not fit", TAKES_INTO, 0 },
	{ "dry-run", NULL, "show what would be changed, and change nothing", TAKES_DRY_RUN, 0 },
	{ "yes", NULL, "do not ask", TAKES_YES, 0 },
	{ "clean", NULL, "comment out modules in /etc/modules that do not exist", TAKES_CLEAN, 0 },
	{ "undo", NULL, "take out what setup has put in", TAKES_UNDO, 0 },
	{ "resume", "DEV", "device that may hold a hibernation image (resume=)", TAKES_RESUME, 0 },
	{ "help", NULL, "display this help and exit", 0, 'h' },
	{ "version", NULL, "output version information and exit", 0, 'V' },
};

// Prints words from a column on, as many a line as go, and goes on at indent. Returns the column reached.
static size_t print_words(const char *text, size_t column, size_t indent)
{
	for (bool first = true; *text; first = false) {
		size_t length = strcspn(text, " ");
		if (!first && column + 1 + length > WIDTH) {
			fprintf(output_stream(), "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putc(' ', output_stream());
			column++;
		}
		fprintf(output_stream(), "%.*s", (int)length, text);
		column += length;
		text += length + (text[length] == ' ');
	}
	return column;
}

// Of one command, or of all of them with the commands that take each behind it.
static void print_options(const struct command_table *table, const struct command *command)
{
	fputs("\nOptions:\n", output_stream());
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct described *option = &options[i];
		char text[256], name[32];
		if (command && option->takes & ~command->takes)
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", option->name, option->argument ? " " : "",
			 option->argument ? option->argument : "");
		if (option->letter)
			fprintf(output_stream(), "  -%c, %-*s", option->letter, TEXT_COLUMN - 6, name);
		else
			fprintf(output_stream(), "      %-*s", TEXT_COLUMN - 6, name);
		int n = snprintf(text, sizeof(text), "%s", option->text);
		const char *before = " (";
		for (size_t k = 0; !command && option->takes && k < table->count; k++)
			if (table->commands[k].takes & option->takes) {
				n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s", before,
					      table->commands[k].name);
				before = ", ";
			}
		print_words(text, TEXT_COLUMN, TEXT_COLUMN);
		fprintf(output_stream(), "%s\n", !command && option->takes ? ")" : "");
	}
}

static void print_command_help(const struct command_table *table, const struct command *command)
{
	char line[160];
	snprintf(line, sizeof(line), "%c%s.", command->purpose[0] - 'a' + 'A', command->purpose + 1);
	fprintf(output_stream(), "Usage: gvt-early %s [OPTION]...%s%s\n", command->name, command->argument ? " " : "",
		command->argument ? command->argument : "");
	print_words(line, 0, 0);
	putc('\n', output_stream());
	print_options(table, command);
	fprintf(output_stream(), "\nSee gvt-early(8)%s.\n",
		streq(command->name, "check") ? " and gvt-early-check(8)" : "");
}

static void print_help(const struct command_table *table)
{
	fputs("Usage: gvt-early COMMAND [OPTION]...\n"
	      "Create Intel virtual GPUs early in the boot, before the guests start.\n"
	      "\n"
	      "Commands:\n",
	      output_stream());
	for (size_t i = 0; i <= table->count; i++) {
		const struct command *command = i < table->count ? &table->commands[i] : &help_command;
		char name[32];
		snprintf(name, sizeof(name), "%s%s%s", command->name, command->argument ? " " : "",
			 command->argument ? command->argument : "");
		fprintf(output_stream(), "  %-*s", TEXT_COLUMN - 2, name);
		print_words(command->purpose, TEXT_COLUMN, TEXT_COLUMN);
		putc('\n', output_stream());
	}
	print_options(table, NULL);
	fputs("\n"
	      "Exit codes: 0 success, 1 a wanted vGPU is missing or a requirement is not\n"
	      "met, 2 bad usage or bad configuration, 3 the program itself failed.\n"
	      "\n"
	      "To report a bug, attach the archive that 'gvt-early capture FILE' writes.\n"
	      "See gvt-early(8), gvt-early-check(8) and gvt-early.conf(5).\n",
	      output_stream());
}

static void print_version(void)
{
	fprintf(output_stream(),
		"gvt-early %s\n"
		"Copyright (C) 2026 the gvt-early developers\n"
		"License GPLv2+: GNU GPL version 2 or later <https://gnu.org/licenses/gpl.html>.\n"
		"This is free software: you are free to change and redistribute it.\n"
		"There is NO WARRANTY, to the extent permitted by law.\n"
		"\n"
		"build ID: %s\n%s",
		build_release(), build_id(), build_libraries());
}

// How many letters must be put in, left out, changed or swapped with the next one to make one word of the other.
static unsigned distance(const char *one, const char *other)
{
	size_t m = strlen(one), n = strlen(other);
	unsigned row[3][LONGEST + 1];
	if (m > LONGEST || n > LONGEST)
		return LONGEST;
	for (size_t k = 0; k <= n; k++)
		row[0][k] = (unsigned)k;
	for (size_t i = 1; i <= m; i++) {
		unsigned *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t k = 1; k <= n; k++) {
			unsigned best = last[k - 1] + (one[i - 1] != other[k - 1]);
			if (last[k] + 1 < best)
				best = last[k] + 1;
			if (now[k - 1] + 1 < best)
				best = now[k - 1] + 1;
			if (i > 1 && k > 1 && one[i - 1] == other[k - 2] && one[i - 2] == other[k - 1] &&
			    before[k - 2] + 1 < best)
				best = before[k - 2] + 1;
			now[k] = best;
		}
	}
	return row[m % 3][n];
}

// Takes the name if it is nearer to the word than what was found so far.
static void take_nearer(const char *word, const char *name, const char **nearest, unsigned *least)
{
	unsigned steps = distance(word, name);
	if (steps < *least && steps <= 2 && steps * 2 < strlen(name)) {
		*nearest = name;
		*least = steps;
	}
}

static int bad_usage(const struct command *command)
{
	fprintf(error_stream(), "Try 'gvt-early %s%s--help' for more information.\n", command ? command->name : "",
		command ? " " : "");
	return EXIT_BAD_INPUT;
}

static int no_such_command(const struct command_table *table, const char *word)
{
	const char *nearest = NULL;
	unsigned least = LONGEST;
	for (size_t i = 0; i < table->count; i++)
		take_nearer(word, table->commands[i].name, &nearest, &least);
	take_nearer(word, HELP_COMMAND, &nearest, &least);
	if (nearest)
		log_line(LOG_ERR, "no such command '%s'; did you mean '%s'?", word, nearest);
	else
		log_line(LOG_ERR, "no such command '%s'", word);
	return bad_usage(NULL);
}

// word is as it was given, with its dashes and perhaps an argument.
static void tell_no_such_option(const char *word)
{
	char name[LONGEST + 1];
	const char *nearest = NULL;
	unsigned least = LONGEST;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		take_nearer(name, options[i].name, &nearest, &least);
	if (nearest)
		log_line(LOG_ERR, "no such option '%s'; did you mean '--%s'?", word, nearest);
	else
		log_line(LOG_ERR, "no such option '%s'", word);
}

static const struct command *find_command(const struct command_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (streq(table->commands[i].name, name))
			return &table->commands[i];
	return streq(name, HELP_COMMAND) ? &help_command : NULL;
}

// What getopt_long() has found, into the options. False with what is wrong told.
static bool take_option(const struct described *option, const char *argument, struct options *ret, unsigned *given)
{
	*given |= option->takes;
	switch (option->takes) {
	case TAKES_ROOT:
		ret->root = argument;
		break;
	case TAKES_JSON:
		ret->json = true;
		break;
	case TAKES_METRICS:
		ret->metrics = true;
		break;
	case TAKES_NEXT:
		ret->next_boot = true;
		break;
	case TAKES_OUTPUT:
		ret->output = argument;
		break;
	case TAKES_KERNEL:
		ret->kernel = argument;
		break;
	case TAKES_SNAPSHOT:
		ret->snapshot = argument;
		break;
	case TAKES_INTO:
		ret->into = argument;
		break;
	case TAKES_RESUME:
		ret->resume = argument;
		break;
	case TAKES_DRY_RUN:
		ret->dry_run = true;
		break;
	case TAKES_YES:
		ret->yes = true;
		break;
	case TAKES_UNDO:
		ret->undo = true;
		break;
	case TAKES_CLEAN:
		ret->clean = true;
		break;
	case TAKES_TYPE:
		ret->type = argument;
		break;
	case TAKES_HOOKSCRIPT:
		ret->hookscript = true;
		break;
	case TAKES_GUEST:
		if (pve_parse_number(argument, VMID_MIN, VMID_MAX, &ret->guest) < 0) {
			log_line(LOG_ERR, "'%s' is not a VM ID", argument);
			return false;
		}
		break;
	default:
		break;
	}
	return true;
}

// An option that the command does not have.
static int foreign_option(const struct command *command, unsigned given)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].takes & given & ~command->takes) {
			log_line(LOG_ERR, "'%s' has no option --%s", command->name, options[i].name);
			break;
		}
	return bad_usage(command);
}

// Of the command with that name; NULL for the program.
static int help(const struct command_table *table, const char *name)
{
	const struct command *command = name ? find_command(table, name) : NULL;
	if (name && !command)
		return no_such_command(table, name);
	if (command && command != &help_command)
		print_command_help(table, command);
	else
		print_help(table);
	return EXIT_ALL_WELL;
}

// What getopt_long() could not take: an unknown option, or one with too many arguments or too few.
static int bad_option(int option, const char *word)
{
	if (optopt >= FIRST_OPTION)
		log_line(LOG_ERR, "option '--%s' %s", options[optopt - FIRST_OPTION].name,
			 option == ':' ? "requires an argument" : "takes no argument");
	else if (optopt)
		log_line(LOG_ERR, "no such option '-%c'", optopt);
	else
		tell_no_such_option(word);
	return bad_usage(NULL);
}

// What the options say as a whole.
struct given {
	unsigned takes;
	bool help, version;
};

// Returns EXIT_ALL_WELL, or the exit code with what is wrong told.
static int take_options(int argc, char **argv, struct options *ret, struct given *given)
{
	struct option known[ARRAY_SIZE(options) + 1] = { 0 };
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		known[i] = (struct option){ options[i].name, options[i].argument ? required_argument : no_argument,
					    NULL, FIRST_OPTION + (int)i };
	int option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":hV", known, NULL)) != -1) {
		const struct described *found = option >= FIRST_OPTION ? &options[option - FIRST_OPTION] : NULL;
		char letter = found ? found->letter : (char)option;
		if (letter == 'h')
			given->help = true;
		else if (letter == 'V')
			given->version = true;
		else if (!found)
			return bad_option(option, argv[optind - 1]);
		else if (!take_option(found, optarg, ret, &given->takes))
			return bad_usage(NULL);
	}
	return EXIT_ALL_WELL;
}

// The words that are no options: a command, and perhaps its argument.
static int take_words(const struct command_table *table, int argc, char **argv, const struct given *given,
		      const struct command **ret_command, struct options *ret)
{
	const char *word = optind < argc ? argv[optind] : NULL;
	const struct command *command = word ? find_command(table, word) : NULL;
	if (!word) {
		log_line(LOG_ERR, "missing command");
		return bad_usage(NULL);
	}
	if (!command)
		return no_such_command(table, word);
	if (given->takes & ~command->takes)
		return foreign_option(command, given->takes);
	if (optind + 1 < argc && command->argument)
		ret->word = argv[++optind];
	if (optind + 1 < argc) {
		log_line(LOG_ERR, "unexpected argument '%s'", argv[optind + 1]);
		return bad_usage(command);
	}
	*ret_command = command;
	return EXIT_ALL_WELL;
}

int command_line_parse(const struct command_table *table, int argc, char **argv, const struct command **ret_command,
		       struct options *ret_options)
{
	struct given given = { 0 };
	*ret_options = (struct options){ 0 };
	*ret_command = NULL;
	int code = take_options(argc, argv, ret_options, &given);
	if (code != EXIT_ALL_WELL)
		return code;
	if (given.version) {
		print_version();
		return code;
	}
	if (given.help)
		return help(table, optind < argc ? argv[optind] : NULL);
	code = take_words(table, argc, argv, &given, ret_command, ret_options);
	if (*ret_command != &help_command)
		return code;
	*ret_command = NULL;
	return help(table, ret_options->word);
}
