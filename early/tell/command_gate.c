// SPDX-License-Identifier: GPL-2.0-or-later
// "gate": whether the next boot has what its vGPUs need, in two lines at most, for those who have just installed a
// kernel.
#include <errno.h>
#include <stdio.h>

#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/sh_word.h"
#include "decide/check/check.h"
#include "decide/check/keep_kernel.h"
#include "read/boot/gate_record.h"
#include "read/check_facts.h"
#include "tell/command.h"
#include "tell/words.h"

// Of what may hang, and of the ESPs and initrds of the next boot. An installation waits for both.
#define READ_LIMIT_MS 3500
#define NEXT_LIMIT_S  40

// Nobody has asked for a vGPU: then there is nothing to say, on whatever host.
static bool is_nothing_wanted(const struct facts *facts)
{
	const struct config *config = &facts->config;
	return !check_wants_any(facts) && config->problem_count == 0 && !config->guests_unread[0] &&
		(!config->guests || config->guests->count == 0);
}

// Another kernel's modules or initrd: what else is wrong is wrong with the running one as well.
static bool is_of_kernel(const struct finding *finding)
{
	return streq(finding->name, "next-kernel") || streq(finding->name, "next-initrd");
}

static const char *outlook(enum check_status verdict)
{
	if (verdict == CHECK_FAILED)
		return "has no vGPUs";
	return verdict == CHECK_WARNING ? "may not have all its vGPUs" : "could not be checked as a whole";
}

static void tell(const struct check *check, const struct facts *facts, const struct gate_record *record)
{
	char text[TEXT_SIZE], command[512], run[520], kernel[RELEASE_SIZE + 16] = "";
	if (record->kernel[0])
		snprintf(kernel, sizeof(kernel), " (Linux %s)", record->kernel);
	if (record->ready) {
		fprintf(output_stream(), "gvt-early: the next boot%s has what its vGPUs need.\n", kernel);
		return;
	}
	const struct finding *first = check_first(check);
	fprintf(output_stream(), "gvt-early: the next boot%s %s", kernel, outlook(check->verdict));
	if (first)
		fprintf(output_stream(), ": %s (%s)", finding_seen(first, text, sizeof(text)), first->name);
	putc('\n', output_stream());
	const char *fix = first ? finding_fix(first, text, sizeof(text)) : "";
	bool pinned = first && streq(first->name, "next-kernel") &&
		facts->tools.has[TOOL_PROXMOX_BOOT_TOOL]; // its fix says so itself
	bool keep = first && is_of_kernel(first) && !pinned && keep_kernel(facts, command, sizeof(command));
	if (*fix || keep)
		fprintf(output_stream(), "gvt-early: Fix: %s%s", fix, keep && *fix ? "; or " : "");
	if (keep)
		fprintf(output_stream(), "keep Linux %s: %s", facts->host.release, sh_run(command, run, sizeof(run)));
	if (*fix || keep)
		putc('\n', output_stream());
}

static void take_verdict(struct gate_record *record, const struct check *check, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	const struct finding *first = check_first(check);
	*record = (struct gate_record){ .found = true, .ready = check->verdict < CHECK_WARNING };
	snprintf(record->kernel, sizeof(record->kernel), "%s", next && next->boot_count ? next->boots[0]->release : "");
	snprintf(record->finding, sizeof(record->finding), "%s", first && !record->ready ? first->name : "");
}

int command_gate(const struct root *root, const struct options *options)
{
	struct facts facts;
	struct check check = { .error = 0 };
	struct gate_record record;
	int code = EXIT_ALL_WELL;
	int r = facts_read(&facts, root, clock_now_us() + READ_LIMIT_MS * USEC_PER_MSEC);
	if (r == 0 && is_nothing_wanted(&facts)) {
		if (!options->root)
			gate_record_remove(root);
		facts_free(&facts);
		return EXIT_ALL_WELL;
	}
	if (r == 0)
		r = facts_read_next(&facts, root, clock_now_us() + NEXT_LIMIT_S * USEC_PER_SEC);
	if (r == 0)
		r = check_make(&check, &facts);
	if (r == 0) {
		take_verdict(&record, &check, &facts);
		tell(&check, &facts, &record);
		code = record.ready ? EXIT_ALL_WELL : EXIT_DEGRADED;
		// A tree below --root is somebody else's. Without a record the metrics do not have it.
		if (!options->root && gate_record_write(&record, root) < 0)
			log_line(LOG_DEBUG, "gate: /run/gvt-early/next-boot.json cannot be written");
	} else {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
		code = EXIT_INTERNAL;
	}
	check_free(&check);
	facts_free(&facts);
	return code;
}
