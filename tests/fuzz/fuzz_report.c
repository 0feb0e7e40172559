// SPDX-License-Identifier: GPL-2.0-or-later
// The reports of this boot's runs, read back: by those who tell of them, and by those who close one whose worker hung
// or died.
#include "in_process.h"
#include "tree.h"

#include "base/clock.h"
#include "read/boot/past_run.h"
#include "read/check_facts.h"
#include "tell/report.h"

#define BOOT_ID "1b7cf7c6-1f0a-4a6b-8a4f-6b7a4d6c3e21"

static struct tree_file files[] = {
	{ .name = "boot", .path = "run/gvt-early/report.json" },
	{ .name = "apply", .path = "run/gvt-early/apply.json" },
	{ .name = "guest", .path = "run/gvt-early/guest-100.json" },
	{ .name = "steps", .path = "run/gvt-early/steps-boot" },
};

static void check_past(const struct root *root, const char *run)
{
	struct past_run past;
	CHECK(past_run_read(&past, root, run) == 0);
	CHECK(!(past.json && past.damaged));
	const char *const texts[] = { past.state, past.result,         past.kernel,  past.boot_id,
				      past.gpu,   past.i915_loaded_by, past.release, past.current };
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK(texts[i] && (past.json || !*texts[i]));
	for (size_t i = 0; i < past.step_count; i++)
		CHECK(past.steps[i].name && past.steps[i].detail && past.steps[i].severity <= SEVERITY_FAILED);
	CHECK(past_run_there(&past) <= past_run_wanted(&past));
	for (size_t i = 0; i < past.instance_count; i++) {
		const struct past_run_instance *item = past_run_find(&past, past.instances[i].uuid);
		CHECK(item && streq(item->uuid, past.instances[i].uuid) && item->type && item->source && item->detail);
	}
	char text[8] = "";
	int r = past_run_read_text(root, run, "state", text, sizeof(text));
	CHECK(!past.json ||
	      (r == 0 && strncmp(text, past.state, sizeof(text) - 1) == 0)); // one without a state is no report
	past_run_free(&past);
}

static void check_closed(const struct root *root, const char *run)
{
	struct past_run before, after;
	struct report_closing end = {
		.state = "gave-up", .where = "/sys/x does not answer", .waited_us = 1, .publish = true
	};
	CHECK(past_run_read(&before, root, run) == 0);
	report_close_for(root, run, -1, &end);
	CHECK(past_run_read(&after, root, run) == 0);
	bool open =
		before.json && (!before.state[0] || streq(before.state, "running") || streq(before.state, "gave-up"));
	CHECK(!after.damaged || before.damaged);
	if (before.json)
		CHECK(streq(after.state, open ? "gave-up" : before.state));
	if (open)
		CHECK(streq(after.result, "degraded") && !after.current[0] &&
		      after.instance_count == before.instance_count);
	past_run_free(&before);
	past_run_free(&after);
}

static void check_run(const struct past_run *run)
{
	const struct past_run_failure *why = past_run_failed(run, "load kvmgt");
	if (!run->json)
		CHECK(!run->state[0] && run->step_count == 0 && run->instance_count == 0 && !why);
	CHECK(past_run_last_step(run));
	CHECK(!(past_run_has_error(why, ENODEV) && past_run_has_error(why, EPERM)) || why->dated);
}

// To read all facts is slow: only of what begins as a report of this boot.
static void check_facts(const struct root *root)
{
	static const char *const runs[] = { COMMAND_BOOT, COMMAND_APPLY, RUN_GUEST "100" };
	static struct facts facts;
	bool any = false;
	for (size_t i = 0; i < ARRAY_SIZE(runs) && !any; i++) {
		char id[64];
		any = past_run_read_text(root, runs[i], "boot_id", id, sizeof(id)) == 0 && streq(id, BOOT_ID);
	}
	if (!any)
		return;
	CHECK(facts_read(&facts, root, clock_now_us() + 60 * USEC_PER_SEC) == 0);
	check_run(&facts.boot);
	check_run(&facts.apply);
	check_run(&facts.guest);
	facts_free(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	static bool made;
	if (!made) {
		tree_parents("proc/sys/kernel/random/boot_id");
		tree_put("proc/sys/kernel/random/boot_id", BOOT_ID "\n", strlen(BOOT_ID) + 1);
		made = true;
	}
	check_past(root, COMMAND_BOOT);
	check_past(root, COMMAND_APPLY);
	check_facts(root);
	check_closed(root, COMMAND_BOOT);
	check_closed(root, RUN_GUEST "100");
	return 0;
}
