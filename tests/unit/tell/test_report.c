// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <jansson.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "act/lock.h"
#include "base/clock.h"
#include "base/file.h"
#include "read/boot/past_run.h"
#include "tell/lock_note.h"
#include "tell/report.h"

static const struct finding *made(const char *name, enum severity severity, const char *text)
{
	static struct finding finding;
	finding_make(&finding, name, severity, CAUSE_PROBLEM);
	finding_value(&finding, VALUE_PROBLEM, "%s", text);
	return &finding;
}

#define BOOT_FILE "run/gvt-early/report.json"
#define JOURNAL   "gvt-early/steps-boot"

static struct host host;
static struct config config;
static struct plan plan;
static struct report *report;

static int setup(void **state)
{
	(void)tree_setup(state);
	struct tree *tree = *state;
	host = (struct host){ .release = "6.1.0", .boot_id = "1b4e28ba", .gpus.count = 1 };
	strcpy(host.gpus.items[0].address, "0000:00:02.0");
	config_init(&config);
	const char *text = "[guest 100]\nhostpci0 = i915-GVTg_V5_4\nhostpci1 = i915-GVTg_V5_8\n";
	assert_int_equal(config_parse(&config, "f.conf", text, strlen(text), false), 0);
	plan = (struct plan){ .instance_count = 2 };
	plan.instances = calloc(2, sizeof(*plan.instances));
	assert_non_null(plan.instances);
	for (size_t i = 0; i < 2; i++)
		plan.instances[i].wanted = &config.wanted.items[i];
	report = report_new(&tree->root, COMMAND_BOOT, 12345, -1);
	assert_non_null(report);
	report_publish(report);
	return 0;
}

static int teardown(void **state)
{
	report_free(report);
	plan_free(&plan);
	config_free(&config);
	return tree_teardown(state);
}

// As every reader of ours meets it: the file, and the journal behind it.
static json_t *saved(const struct tree *tree, const char *file)
{
	char run_name[RUN_NAME_SIZE];
	const char *name = strrchr(file, '/') + 1;
	snprintf(run_name, sizeof(run_name), "%.*s", (int)strcspn(name, "."), name);
	json_t *json;
	assert_int_equal(past_run_load(&tree->root, streq(run_name, "report") ? COMMAND_BOOT : run_name, &json), 0);
	assert_non_null(json);
	return json;
}

static void assert_text(const json_t *json, const char *key, const char *expected)
{
	const char *value = json_string_value(json_object_get(json, key));
	assert_non_null(value);
	assert_string_equal(value, expected);
}

static void a_whole_run(void **state)
{
	struct tree *tree = *state;
	json_t *json = saved(tree, BOOT_FILE); // from the start on
	assert_text(json, "state", "running");
	assert_int_equal(json_integer_value(json_object_get(json, "version")), REPORT_VERSION);
	assert_text(json, "command", "boot");
	json_decref(json);

	report_host(report, &host);
	report_deadline(report, 67890);
	report_finding(report, made("iommu", SEVERITY_OK, "on"));
	report_plan(report, &plan, &host);
	report_begin(report, "load %s", "i915");
	json = saved(tree, BOOT_FILE);
	assert_text(json_object_get(json, "current"), "name", "load i915");
	assert_text(json_array_get(json_object_get(json, "instances"), 0), "result", "pending");
	json_decref(json);

	report_end(report, SEVERITY_OK, "loaded with %s", "enable_gvt=1");
	report_begin(report, "create 0");
	report_instance(report, 0, "created", "");
	report_end(report, SEVERITY_OK, "made");
	report_begin(report, "create 1");
	report_instance(report, 1, "existing", "");
	report_end(report, SEVERITY_OK, "there");
	report_finish(report, "done");
	assert_equal(report_severity(report), SEVERITY_OK);

	json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "done");
	assert_text(json, "result", "ok");
	assert_text(json, "kernel", "6.1.0");
	assert_text(json, "boot_id", "1b4e28ba");
	assert_text(json, "gpu", "0000:00:02.0");
	assert_int_equal(json_integer_value(json_object_get(json, "deadline_us")), 67890);
	assert_null(json_object_get(json, "current"));
	const json_t *steps = json_object_get(json, "steps");
	assert_int_equal(json_array_size(steps), 4);
	const json_t *step = json_array_get(steps, 1);
	assert_text(step, "name", "load i915");
	assert_text(step, "result", "ok");
	assert_text(step, "detail", "loaded with enable_gvt=1");
	assert_true(json_is_integer(json_object_get(step, "duration_us")));
	assert_true(json_integer_value(json_object_get(step, "at_us")) > 0);
	const json_t *instance = json_array_get(json_object_get(json, "instances"), 0);
	assert_text(instance, "uuid", "00000000-0000-0000-0000-000000000100");
	assert_text(instance, "type", "i915-GVTg_V5_4");
	assert_text(instance, "source", "/f.conf:2");
	assert_text(instance, "result", "created");
	assert_true(json_is_integer(json_object_get(instance, "made_at_us")));
	instance = json_array_get(json_object_get(json, "instances"), 1);
	assert_text(instance, "result", "existing");
	assert_null(json_object_get(instance, "made_at_us"));
	json_decref(json);

	char text[16];
	assert_int_equal(past_run_read_text(&tree->root, COMMAND_BOOT, "state", text, sizeof(text)), 0);
	assert_string_equal(text, "done");
	assert_int_equal(past_run_read_text(&tree->root, COMMAND_BOOT, "result", text, sizeof(text)), 0);
	assert_string_equal(text, "ok");
	assert_int_equal(past_run_read_text(&tree->root, COMMAND_BOOT, "nothing", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(past_run_read_text(&tree->root, COMMAND_APPLY, "state", text, sizeof(text)), -ENOENT);
}

// Why something failed is data, and of this step and this instance alone.
static void a_cause_is_data(void **state)
{
	struct tree *tree = *state;
	report_plan(report, &plan, &host);
	report_begin(report, "load vfio");
	report_cause(report, CAUSE_MODULE_MISSING, 0);
	report_end(report, SEVERITY_HINT, "no such module");
	report_begin(report, "create 0");
	report_cause(report, CAUSE_CREATE_FAILED, -ENOSPC);
	report_instance(report, 0, "failed", "no room");
	report_end(report, SEVERITY_WARNING, "no room");
	report_begin(report, "create 1");
	report_instance(report, 1, "created", "");
	report_end(report, SEVERITY_OK, "made");
	report_finish(report, "done");

	json_t *json = saved(tree, "run/gvt-early/report.json");
	const json_t *steps = json_object_get(json, "steps"), *instances = json_object_get(json, "instances");
	assert_text(json_array_get(steps, 0), "cause", "module-missing");
	assert_null(json_object_get(json_array_get(steps, 0), "errno"));
	assert_text(json_array_get(steps, 1), "cause", "create-failed");
	assert_text(json_array_get(steps, 1), "errno", "ENOSPC");
	assert_null(json_object_get(json_array_get(steps, 2), "cause"));
	assert_text(json_array_get(instances, 0), "cause", "create-failed");
	assert_text(json_array_get(instances, 0), "errno", "ENOSPC");
	assert_null(json_object_get(json_array_get(instances, 1), "cause"));
	assert_null(json_object_get(json_array_get(instances, 1), "errno"));
	json_decref(json);
}

// And is read back; a report of version 1 has it in its words alone.
static void begin_in_time(void)
{
	report_deadline(report, clock_now_us() + 100 * USEC_PER_SEC);
}

static void assert_read(const struct tree *tree, const char *text, const char *key, const char *expected)
{
	char got[32];
	tree_put(tree, BOOT_FILE, text);
	int r = past_run_read_text(&tree->root, COMMAND_BOOT, key, got, sizeof(got));
	assert_int_equal(r, expected ? 0 : -ENOENT);
	if (expected)
		assert_string_equal(got, expected);
}

// A text of the top level, as the report is written and as it may be otherwise.
static void a_single_text(void **state)
{
	struct tree *tree = *state;
	static const char whole[] =
		"{\n \"state\": \"done\",\n \"steps\": [\n  {\n   \"gpu\": \"of a step\"\n  }\n ],\n "
		"\"kernel\": \"a\\\\b\",\n \"result\": \"ok\"\n}";
	assert_read(tree, whole, "state", "done");
	assert_read(tree, whole, "result", "ok");
	assert_read(tree, whole, "gpu", "");
	assert_read(tree, whole, "kernel", "a\\b");
	assert_read(tree, "{\"state\": \"done\", \"result\": \"ok\"}", "result", "ok");
	assert_read(tree, "{\n \"state\": \"done\",\n \"result\": \"ok\"\n", "result", NULL); // it was cut off
	assert_read(tree, "", "state", NULL);

	// Of a run that works the journal has more than the file.
	report_finish(report, "running");
	begin_in_time();
	report_host(report, &host);
	report_begin(report, "load i915");
	char got[32];
	assert_int_equal(past_run_read_text(&tree->root, COMMAND_BOOT, "kernel", got, sizeof(got)), 0);
	assert_string_equal(got, "6.1.0");
}

static void a_cause_is_read_back(void **state)
{
	struct tree *tree = *state;
	struct past_run past;
	tree_put(
		tree, "run/gvt-early/apply.json",
		"{\"version\": 2, \"state\": \"done\", \"boot_id\": \"a\", \"steps\": [{\"name\": \"load kvmgt\", \"result\": \"failed\", \"detail\": \"no such module\","
		" \"cause\": \"module-refused\", \"errno\": \"ENODEV\"}, {\"name\": \"load i915\", \"result\": \"ok\"}]}");
	assert_int_equal(past_run_read_of(&past, &tree->root, COMMAND_APPLY, "a"), 0);
	const struct past_run_failure *why = past_run_failed(&past, "load kvmgt");
	assert_true(past_run_is(why, CAUSE_MODULE_REFUSED));
	assert_false(past_run_is(why, CAUSE_MODULE_MISSING)); // whatever the words are
	assert_true(past_run_has_error(why, ENODEV));
	assert_false(past_run_has_error(why, EPERM));
	assert_null(past_run_failed(&past, "load i915"));
	assert_string_equal(past_run_last_step(&past), "load i915");
	past_run_free(&past);

	tree_put(
		tree, "run/gvt-early/apply.json",
		"{\"version\": 1, \"state\": \"done\", \"boot_id\": \"a\", \"steps\": [{\"name\": \"load kvmgt\", \"result\": \"failed\", \"detail\":"
		" \"kernel 6.1 has no such module\"}, {\"name\": \"load i915\", \"result\": \"failed\", \"detail\": \"x (No such device)\"}]}");
	assert_int_equal(past_run_read_of(&past, &tree->root, COMMAND_APPLY, "a"), 0);
	assert_true(past_run_is(past_run_failed(&past, "load kvmgt"), CAUSE_MODULE_MISSING));
	assert_true(past_run_has_error(past_run_failed(&past, "load i915"), ENODEV));
	assert_false(past_run_has_error(past_run_failed(&past, "load vfio"), ENODEV));
	past_run_free(&past);

	assert_int_equal(past_run_read_of(&past, &tree->root, COMMAND_APPLY, "b"), 0); // another boot's
	assert_null(past.json);
	assert_string_equal(past.state, "");
	assert_string_equal(past_run_last_step(&past), "");
	past_run_free(&past);
}

static void one_is_missing(void **state)
{
	struct tree *tree = *state;
	report_plan(report, &plan, &host);
	report_instance(report, 0, "created", "");
	report_finish(report, "done");
	assert_equal(report_severity(report), SEVERITY_WARNING);
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "result", "degraded");
	assert_text(json_array_get(json_object_get(json, "instances"), 1), "result", "not-made");
	json_decref(json);
}

// What Proxmox VE is at just now is not missing.
static void one_is_busy(void **state)
{
	struct tree *tree = *state;
	report_plan(report, &plan, &host);
	report_instance(report, 0, "created", "");
	report_instance(report, 1, "busy", "x");
	report_finish(report, "done");
	assert_equal(report_severity(report), SEVERITY_OK);
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "result", "ok");
	assert_text(json_array_get(json_object_get(json, "instances"), 1), "result", "busy");
	json_decref(json);
}

static void severities(void **state)
{
	struct tree *tree = *state;
	report_finding(report, made("a", SEVERITY_FAILED, "x"));
	report_finding(report, made("b", SEVERITY_HINT, "y"));
	assert_equal(report_severity(report), SEVERITY_FAILED);
	report_finish(report, "left");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "result", "degraded");
	assert_text(json_array_get(json_object_get(json, "steps"), 0), "result", "failed");
	assert_text(json_array_get(json_object_get(json, "steps"), 1), "result", "note");
	json_decref(json);
}

static void left_alone(void **state)
{
	struct tree *tree = *state;
	report_finding(report, made("switched-off", SEVERITY_HINT, "x"));
	report_finish(report, "left");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "left");
	assert_text(json, "result", "left");
	json_decref(json);
}

// JSON is UTF-8; what stands in a file or on the kernel command line may be anything.
static void bytes_that_are_no_text(void **state)
{
	struct tree *tree = *state;
	report_finding(report, made("a", SEVERITY_HINT, "\xff\xfe x \"\\"));
	report_flush(report);
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json_array_get(json_object_get(json, "steps"), 0), "detail", "?? x \"\\");
	json_decref(json);
}

static void give_up(const struct tree *tree, const char *run, int copy, bool publish, struct report_closing *end)
{
	*end = (struct report_closing){
		.state = "gave-up", .where = "/sys/x does not answer", .waited_us = 10000000, .publish = publish
	};
	report_close_for(&tree->root, run, copy, end);
}

static void giving_up(void **state)
{
	struct tree *tree = *state;
	struct report_closing end;
	report_plan(report, &plan, &host);
	report_begin(report, "load %s", "i915");
	give_up(tree, COMMAND_BOOT, -1, true, &end);
	assert_string_equal(end.step, "load i915");
	assert_string_equal(end.gpu, "0000:00:02.0");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "gave-up");
	assert_text(json, "result", "degraded");
	assert_null(json_object_get(json, "current"));
	assert_text(json_array_get(json_object_get(json, "instances"), 0), "result", "not-made");
	const json_t *last = json_array_get(json_object_get(json, "steps"), 0);
	assert_text(last, "name", "load i915");
	assert_text(last, "result", "failed");
	assert_has(json_string_value(json_object_get(last, "detail")), "does not return");
	assert_has(json_string_value(json_object_get(last, "detail")), ": /sys/x does not answer");
	json_decref(json);
}

// A worker that comes back late is given up until it has ended: nobody waits for it, and nobody shall believe that all
// is well.
static void late(void **state)
{
	struct tree *tree = *state;
	struct report_closing end;
	report_plan(report, &plan, &host);
	report_begin(report, "load i915");
	give_up(tree, COMMAND_BOOT, -1, true, &end);
	report_end(report, SEVERITY_OK, "loaded");
	report_begin(report, "create 0");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "gave-up");
	assert_text(json, "result", "degraded");
	assert_text(json_object_get(json, "current"), "name", "create 0");
	json_decref(json);

	report_deadline(report, UINT64_MAX / 4); // the join has given it more time, before anybody gave it up
	report_end(report, SEVERITY_OK, "made");
	report_instance(report, 0, "created", "");
	report_instance(report, 1, "created", "");
	report_deadline(report, 1);
	report_finish(report, "late");
	json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "late");
	assert_text(json, "result", "ok");
	assert_text(json_array_get(json_object_get(json, "steps"), 0), "detail", "loaded");
	json_decref(json);

	give_up(tree, COMMAND_BOOT, -1, true, &end); // a moment too late
	json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "late");
	json_decref(json);
}

// The report of a run that waits for another one is in memory alone.
static void waits_for_its_turn(void **state)
{
	struct tree *tree = *state;
	struct report_closing end;
	const char *first = "{\"state\": \"gave-up\"}";
	tree_put(tree, "run/gvt-early/apply.json", first);
	int copy = memfd_create("report", 0);
	assert_true(copy >= 0);
	struct report *apply = report_new(&tree->root, COMMAND_APPLY, 0, copy);
	assert_non_null(apply);
	report_read_step(apply, "read host");
	give_up(tree, COMMAND_APPLY, copy, false, &end);
	assert_string_equal(end.step, "read host");
	assert_string_equal(tree_get(tree, "run/gvt-early/apply.json"), first);
	char *text = NULL;
	assert_int_equal(report_read_copy(copy, &text), 0);
	assert_has(text, "gave-up");
	assert_has(text, "read host");
	free(text);
	report_publish(apply);
	report_finish(apply, "done");
	assert_int_equal(report_read_copy(copy, &text), 0);
	assert_string_equal(tree_get(tree, "run/gvt-early/apply.json"), text); // and nothing of a longer one before
	free(text);
	report_free(apply);
	close(copy);
}

static void a_dead_worker(void **state)
{
	struct tree *tree = *state;
	struct report_closing end = { .state = "crashed", .publish = true };
	report_close_for(&tree->root, COMMAND_BOOT, -1, &end);
	assert_string_equal(end.step, "read configuration"); // the first one: it is told only if it never ends
	assert_string_equal(end.gpu, "");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json, "state", "crashed");
	json_decref(json);

	// Without a file, or with a damaged one, there is nothing to close.
	static const char *const damaged[] = { "", "{", "[]", "1", "{\"current\":[],\"gpu\":7,\"steps\":{}}" };
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		tree_put(tree, BOOT_FILE, damaged[i]);
		report_close_for(&tree->root, COMMAND_BOOT, -1, &end);
		assert_string_equal(end.step, "");
	}
	report_close_for(&tree->root, COMMAND_APPLY, -1, &end);
	assert_string_equal(end.gpu, "");
}

static void assert_journal(const struct tree *tree, bool there)
{
	assert_equal(file_exists(tree->root.run, JOURNAL), there);
}

// The file is written when a run begins and ends; what happens in between is a line of the journal each.
static void a_line_for_each_step(void **state)
{
	struct tree *tree = *state;
	CLEANUP_FREE char *first = strdup(tree_get(tree, BOOT_FILE));
	assert_journal(tree, false);
	begin_in_time();
	report_host(report, &host);
	report_plan(report, &plan, &host);
	report_begin(report, "load i915");
	report_end(report, SEVERITY_OK, "loaded");
	report_begin(report, "create 0");
	report_instance(report, 0, "created", "");
	report_flush(report);
	report_begin(report, "create 1");
	assert_string_equal(tree_get(tree, BOOT_FILE), first);
	assert_journal(tree, true);

	struct past_run past;
	assert_int_equal(past_run_read_of(&past, &tree->root, COMMAND_BOOT, "1b4e28ba"), 0);
	assert_int_equal(past.step_count, 1);
	assert_string_equal(past.steps[0].name, "load i915");
	assert_string_equal(past.current, "create 1");
	assert_string_equal(past.gpu, "0000:00:02.0");
	assert_string_equal(past.kernel, "6.1.0");
	assert_int_equal(past.instance_count, 2);
	assert_string_equal(past.instances[0].result, "created");
	assert_string_equal(past.instances[1].result, "pending");
	past_run_free(&past);

	report_end(report, SEVERITY_OK, "made");
	report_finish(report, "done");
	assert_journal(tree, false);
	json_t *json = json_loads(tree_get(tree, BOOT_FILE), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 2);
	json_decref(json);
}

// The file is written again once it is old: then both have the same steps, and each is met once.
static void an_old_file(void **state)
{
	struct tree *tree = *state;
	begin_in_time();
	report_begin(report, "load vfio");
	report_end(report, SEVERITY_OK, "loaded");
	usleep(1100000);
	report_begin(report, "load i915");
	assert_has(tree_get(tree, BOOT_FILE), "load i915");
	report_end(report, SEVERITY_OK, "loaded");
	report_begin(report, "load kvmgt");
	json_t *json = saved(tree, BOOT_FILE);
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 2);
	assert_text(json_object_get(json, "current"), "name", "load kvmgt");
	json_decref(json);
}

// Of a journal, whole lines of the same run count, and none once the report has been closed.
static void lines_that_do_not_count(void **state)
{
	struct tree *tree = *state;
	begin_in_time();
	report_begin(report, "load i915");
	CLEANUP_FREE char *line = strdup(tree_get(tree, "run/" JOURNAL)), *text = NULL;
	assert_true(asprintf(&text,
			     "%s\n{\"started_us\": 1, \"current\": {\"name\": \"of another run\"}}\n[]\nno JSON\n"
			     "{\"started_us\":",
			     line) > 0);
	tree_put(tree, "run/" JOURNAL, text);
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json_object_get(json, "current"), "name", "load i915");
	json_decref(json);

	struct report_closing end = { .state = "gave-up", .publish = true };
	report_close_for(&tree->root, COMMAND_BOOT, -1, &end);
	assert_string_equal(end.step, "load i915");
	json = saved(tree, BOOT_FILE);
	assert_null(json_object_get(json, "current"));
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 1);
	json_decref(json);
}

// Where no journal can be written, the file is written at each step.
static void no_place_for_a_journal(void **state)
{
	struct tree *tree = *state;
	begin_in_time();
	assert_int_equal(mkfifoat(tree->root.run, JOURNAL, 0600), 0); // that nobody reads
	report_begin(report, "load vfio");
	assert_has(tree_get(tree, BOOT_FILE), "load vfio");
	assert_int_equal(unlinkat(tree->root.run, JOURNAL, 0), 0);
	tree_dir(tree, "run/" JOURNAL);
	report_begin(report, "load i915");
	assert_has(tree_get(tree, BOOT_FILE), "load i915");
}

// The end of a step costs no line of its own, as the next one begins at once.
static void an_end_is_saved_with_what_follows(void **state)
{
	struct tree *tree = *state;
	report_plan(report, &plan, &host);
	report_begin(report, "load i915");
	report_end(report, SEVERITY_OK, "loaded");
	json_t *json = saved(tree, BOOT_FILE);
	assert_text(json_object_get(json, "current"), "name", "load i915");
	json_decref(json);
	report_flush(report);
	json = saved(tree, BOOT_FILE);
	assert_null(json_object_get(json, "current"));
	assert_text(json_array_get(json_object_get(json, "steps"), 0), "detail", "loaded");
	json_decref(json);
}

static void no_place_for_it(void **state)
{
	(void)state;
	const struct root nothing = { .path = "", .fs = -1, .sys = -1, .proc = -1, .run = -1, .dev = -1 };
	struct report *lost = report_new(&nothing, COMMAND_APPLY, 0, -1);
	assert_non_null(lost);
	report_publish(lost);
	report_begin(lost, "x");
	report_end(lost, SEVERITY_WARNING, "y");
	report_finish(lost, "done");
	assert_equal(report_severity(lost), SEVERITY_WARNING);
	json_t *json;
	assert_int_equal(past_run_load(&nothing, COMMAND_APPLY, &json), -ENOENT);
	assert_null(json);
	report_free(lost);
	report_free(NULL);
}

static void apply_has_a_file_of_its_own(void **state)
{
	struct tree *tree = *state;
	struct report *apply = report_new(&tree->root, COMMAND_APPLY, 0, -1);
	assert_non_null(apply);
	report_publish(apply);
	report_free(apply);
	json_t *json = saved(tree, "run/gvt-early/apply.json");
	assert_text(json, "command", "apply");
	json_decref(json);
	struct report *guest = report_new(&tree->root, RUN_GUEST "100", 0, -1);
	assert_non_null(guest);
	report_publish(guest);
	report_free(guest);
	json = saved(tree, "run/gvt-early/guest-100.json");
	assert_text(json, "command", "guest");
	json_decref(json);
}

static void the_lock_names_the_step(void **state)
{
	struct tree *tree = *state;
	struct lock_holder holder;
	int lock = lock_take(&tree->root, 0);
	assert_true(lock >= 0);
	assert_false(lock_read_holder(&tree->root, &holder));
	report_note_steps(report, lock);
	report_begin(report, "load %s", "i915");
	assert_true(lock_read_holder(&tree->root, &holder));
	assert_int_equal(holder.pid, getpid());
	assert_int_equal(holder.deadline_us, 12345);
	assert_true(holder.step_us > 0);
	assert_string_equal(holder.run_name, COMMAND_BOOT);
	assert_string_equal(holder.step, "load i915");
	report_end(report, SEVERITY_OK, "loaded");
	report_begin(report, "kvmgt");
	assert_true(lock_read_holder(&tree->root, &holder));
	assert_string_equal(holder.step, "kvmgt");
	close(lock);
	lock = lock_take(&tree->root, 0); // another run, which has not said anything yet
	assert_true(lock >= 0);
	assert_false(lock_read_holder(&tree->root, &holder));
	close(lock);
}

#define report_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		report_test(a_whole_run),
		report_test(a_cause_is_data),
		report_test(a_single_text),
		report_test(a_cause_is_read_back),
		report_test(one_is_missing),
		report_test(one_is_busy),
		report_test(severities),
		report_test(left_alone),
		report_test(bytes_that_are_no_text),
		report_test(giving_up),
		report_test(late),
		report_test(waits_for_its_turn),
		report_test(the_lock_names_the_step),
		report_test(a_dead_worker),
		report_test(a_line_for_each_step),
		report_test(an_old_file),
		report_test(lines_that_do_not_count),
		report_test(no_place_for_a_journal),
		report_test(an_end_is_saved_with_what_follows),
		report_test(no_place_for_it),
		report_test(apply_has_a_file_of_its_own),
	};
	return run_group(tests);
}
