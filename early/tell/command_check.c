// SPDX-License-Identifier: GPL-2.0-or-later
// "check": every requirement, what was found, what is wrong, and what mends it.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "base/output.h"
#include "base/build.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/terminal.h"
#include "decide/check/check.h"
#include "read/check_facts.h"
#include "tell/command.h"
#include "tell/finding_data.h"
#include "tell/finding_text.h"
#include "tell/words.h"

#define CHECK_VERSION 1    // of the JSON; tests/cli/check.schema.json
#define READ_LIMIT_MS 3500 // for what may hang, but for the driver, which has 1 s for each of its three parts

#define NEXT_LIMIT_S 40 // for the ESPs and the initrds of the next boot

#define STATUS_WIDTH 8
#define NAME_WIDTH   10
#define TEXT_COLUMN  (STATUS_WIDTH + NAME_WIDTH)

static enum colour colour_of(enum check_status status)
{
	static const enum colour colours[] = {
		[CHECK_IS_OK] = COLOUR_GOOD,      [CHECK_HINT] = COLOUR_STRONG, [CHECK_WARNING] = COLOUR_WARNING,
		[CHECK_UNKNOWN] = COLOUR_WARNING, [CHECK_FAILED] = COLOUR_BAD,  [CHECK_SKIPPED] = COLOUR_FAINT,
	};
	return colours[status];
}

static enum check_status status_of(const struct finding *finding)
{
	static const enum check_status status[] = {
		[SEVERITY_OK] = CHECK_IS_OK,        [SEVERITY_HINT] = CHECK_HINT,
		[SEVERITY_WARNING] = CHECK_WARNING, [SEVERITY_UNKNOWN] = CHECK_UNKNOWN,
		[SEVERITY_FAILED] = CHECK_FAILED,
	};
	return status[finding->severity];
}

static void print_head(const struct terminal *terminal, enum check_status status, const char *name)
{
	terminal_print(terminal, colour_of(status), STATUS_WIDTH, check_status_name(status));
	terminal_print(terminal, COLOUR_NONE, NAME_WIDTH, name);
}

static void print_finding(const struct terminal *terminal, const char *name, const struct finding *finding)
{
	char seen[SENTENCE_SIZE], fix[SENTENCE_SIZE], text[SENTENCE_SIZE + 48];
	size_t indent = terminal_is_narrow(terminal) ? NARROW_INDENT : TEXT_COLUMN;
	finding_seen(finding, seen, sizeof(seen));
	print_head(terminal, status_of(finding), name);
	snprintf(text, sizeof(text), "%s: %s", finding->name, seen);
	terminal_wrap_below(terminal, TEXT_COLUMN, text);
	if (!*finding_fix(finding, fix, sizeof(fix)))
		return;
	fprintf(terminal->stream, "%*s", (int)indent, "");
	terminal_print(terminal, COLOUR_STRONG, 0, "Fix:");
	fputc(' ', terminal->stream);
	terminal_wrap(terminal, indent + strlen("Fix: "),
		      terminal_is_narrow(terminal) ? indent : indent + strlen("Fix: "), fix);
}

// What is skipped for want of one and the same requirement is one line.
static void print_skipped(const struct terminal *terminal, const struct check *check, enum requirement first)
{
	const struct check_item *item = &check->items[first];
	char text[TEXT_SIZE] = "";
	size_t used = 0, count = 1;
	for (enum requirement i = 0; i < CHECKS; i++) {
		const struct check_item *other = &check->items[i];
		if (!other->name || i == first || other->status != CHECK_SKIPPED || other->lacks != item->lacks)
			continue;
		if (i < first)
			return; // told with that one
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", count++ == 1 ? "and " : ", ",
					 other->name);
	}
	print_head(terminal, CHECK_SKIPPED, item->name);
	if (count > 1)
		snprintf(text + used, sizeof(text) - used, ": not checked: they need %s",
			 check->items[item->lacks].name);
	if (count == 1)
		finding_text(&item->said, text, sizeof(text));
	terminal_wrap_below(terminal, TEXT_COLUMN, text);
}

static void print_verdict(const struct terminal *terminal, const struct check *check)
{
	const char *names[CHECK_NAMES_MAX];
	char text[TEXT_SIZE] = "";
	size_t count = check_causes(check, names), used = 0;
	for (size_t i = 0; i < count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? ", " : "", names[i]);
	fputc('\n', terminal->stream);
	terminal_print(terminal, COLOUR_STRONG, STATUS_WIDTH, "Verdict");
	terminal_print(terminal, colour_of(check->verdict), 0, check_status_name(check->verdict));
	if (count == 0) {
		fputc('\n', terminal->stream);
		return;
	}
	fputs(": ", terminal->stream);
	size_t at = STATUS_WIDTH + strlen(check_status_name(check->verdict)) + 2;
	terminal_wrap(terminal, at, STATUS_WIDTH, text);
}

static void print_next(const struct terminal *terminal, const struct check *check)
{
	const struct finding *first = check_first(check);
	char fix[SENTENCE_SIZE];
	if (first && *finding_fix(first, fix, sizeof(fix)) &&
	    (check->verdict >= CHECK_WARNING || streq(first->name, "nothing-wanted")))
		finding_print_next(terminal, fix);
}

static void print_list(const struct check *check)
{
	struct terminal terminal;
	char text[SENTENCE_SIZE];
	terminal_open(&terminal, output_stream());
	for (size_t i = 0; i < CHECKS; i++) {
		const struct check_item *item = &check->items[check->order[i]];
		if (item->name && item->status == CHECK_SKIPPED && item->lacks != CHECKS) {
			print_skipped(&terminal, check, check->order[i]);
		} else if (item->name && item->count == 0) {
			print_head(&terminal, item->status, item->name);
			terminal_wrap_below(&terminal, TEXT_COLUMN, finding_text(&item->said, text, sizeof(text)));
		}
		for (size_t j = 0; j < item->count; j++)
			print_finding(&terminal, j == 0 ? item->name : "", &item->findings[j]);
	}
	print_verdict(&terminal, check);
	print_next(&terminal, check);
}

static json_t *finding_json(const struct finding *finding)
{
	char seen[SENTENCE_SIZE], fix[SENTENCE_SIZE];
	finding_seen(finding, seen, sizeof(seen));
	finding_fix(finding, fix, sizeof(fix));
	json_t *json =
		json_pack("{s:s, s:s, s:o, s:o}", "name", finding->name, "severity",
			  check_status_name(status_of(finding)), "seen", json_text(seen), "cure", json_text(fix));
	finding_add_data(json, finding);
	return json;
}

static void print_json(const struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	const char *kernel = !next ? facts->host.release : next->boot_count ? next->boots[0]->release : "";
	json_t *requirements = json_array();
	char text[SENTENCE_SIZE];
	for (size_t i = 0; i < CHECKS; i++) {
		const struct check_item *item = &check->items[check->order[i]];
		if (!item->name)
			continue;
		json_t *findings = json_array();
		for (size_t j = 0; j < item->count; j++)
			json_array_append_new(findings, finding_json(&item->findings[j]));
		json_t *requirement =
			json_pack("{s:s, s:s, s:o, s:o}", "name", item->name, "result", check_status_name(item->status),
				  "seen", json_text(item->count ? "" : finding_text(&item->said, text, sizeof(text))),
				  "findings", findings);
		if (item->count == 0)
			finding_add_data(requirement, &item->said);
		json_array_append_new(requirements, requirement);
	}
	json_t *json = json_pack("{s:i, s:s, s:s, s:s, s:o, s:b, s:s, s:o}", "version", CHECK_VERSION, "program",
				 "gvt-early", "release", build_release(), "build_id", build_id(), "kernel",
				 json_text_or_null(kernel), "next_boot", facts->next != NULL, "verdict",
				 check_status_name(check->verdict), "requirements", requirements);
	json_print(json);
}

int command_check_unless(const struct root *root, const struct options *options, check_taker takes, void *data)
{
	struct facts facts;
	struct check check = { .error = 0 };
	int code = EXIT_INTERNAL;

	int r = facts_read(&facts, root, clock_now_us() + READ_LIMIT_MS * USEC_PER_MSEC);
	if (r == 0 && options->next_boot)
		r = facts_read_next(&facts, root, clock_now_us() + NEXT_LIMIT_S * USEC_PER_SEC);
	if (r == 0)
		r = check_make(&check, &facts);
	if (r == 0) {
		bool taken = takes && takes(data, &check);
		if (!taken && options->json)
			print_json(&check, &facts);
		else if (!taken)
			print_list(&check);
		code = check.verdict >= CHECK_UNKNOWN ? EXIT_DEGRADED : EXIT_ALL_WELL;
	} else {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	}
	check_free(&check);
	facts_free(&facts);
	return code;
}

int command_check(const struct root *root, const struct options *options)
{
	return command_check_unless(root, options, NULL, NULL);
}
