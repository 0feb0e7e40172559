// SPDX-License-Identifier: GPL-2.0-or-later
// The text that Prometheus reads: a label may hold anything, and no sample comes twice.
#include "helper.h"

#include "tell/metrics.h"

static struct overview look;
static struct past_run boot, apply;
static struct instance_state_list instances;
static struct vf_state_list vfs;
static struct offer_list offers[1];
static char *text;

static int start(void **state)
{
	(void)state;
	memset(&look, 0, sizeof(look));
	memset(offers, 0, sizeof(offers));
	look.config.whole = true;
	boot = apply = (struct past_run){ .json = NULL, .state = "", .result = "", .i915_loaded_by = "" };
	instances = (struct instance_state_list){ .items = NULL };
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	json_decref(boot.json);
	return 0;
}

static const char *metrics(bool ok)
{
	size_t size;
	free(text);
	FILE *stream = open_memstream(&text, &size);
	assert_non_null(stream);
	metrics_print(stream, &look, offers, &boot, &apply, &instances, &vfs, ok);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void nothing_is_no_zero(void **state)
{
	(void)state;
	look.plan.stance = STANCE_NOTHING_WANTED;
	finding_make(&look.plan.leave, "nothing-wanted", SEVERITY_HINT, CAUSE_NOTHING_WANTED);
	assert_has(metrics(true), "\ngvt_early_ok 1\n");
	assert_has(text, "\ngvt_early_instances_wanted 0\n");
	assert_has(text, "\ngvt_early_source_readable{source=\"wanted\"} 1\n");
	assert_lacks(text, "\ngvt_early_run_ok{"); // there was none
	assert_lacks(text, "\ngvt_early_gpu_answers{");
	look.config.whole = false;
	look.host.users.blind = true;
	look.host.instances.count = 1;
	boot.damaged = true;
	assert_has(metrics(false), "\ngvt_early_ok 0\n");
	assert_has(text, "\ngvt_early_source_readable{source=\"wanted\"} 0\n");
	assert_has(text, "\ngvt_early_source_readable{source=\"processes\"} 0\n");
	assert_has(text, "\ngvt_early_source_readable{source=\"early-report\"} 0\n");
	assert_has(text, "\ngvt_early_source_readable{source=\"late-report\"} 1\n");
}

static void labels_are_escaped(void **state)
{
	(void)state;
	boot.i915_loaded_by = "a \"b\"\\c\nd";
	assert_has(metrics(true), "i915_loaded_by=\"a \\\"b\\\"\\\\c\\nd\"} 1\n");
}

static void a_step_comes_once(void **state)
{
	(void)state;
	struct past_run_step steps[] = {
		{ .name = "load i915", .severity = SEVERITY_OK, .duration_us = 1500000 },
		{ .name = "load i915", .severity = SEVERITY_OK, .duration_us = 7 },
		{ .name = "iommu", .severity = SEVERITY_OK },
	};
	boot.json = json_object();
	boot.state = "done";
	boot.result = "ok";
	boot.started_us = 2000001;
	boot.finished_us = 4000000;
	boot.steps = steps;
	boot.step_count = ARRAY_SIZE(steps);
	assert_has(metrics(true), "\ngvt_early_run_ok{stage=\"early\",state=\"done\"} 1\n");
	assert_has(text, "\ngvt_early_run_start_seconds{stage=\"early\"} 2.000001\n");
	assert_has(text, "\ngvt_early_run_duration_seconds{stage=\"early\"} 1.999999\n");
	assert_has(text, "{stage=\"early\",step=\"load i915\",result=\"ok\"} 1.500000\n");
	assert_lacks(text, "0.000007");
	assert_lacks(text, "step=\"iommu\"");
	boot.result = "degraded";
	assert_has(metrics(true), "\ngvt_early_run_ok{stage=\"early\",state=\"done\"} 0\n");
}

static void an_instance_has_its_state_and_guest(void **state)
{
	(void)state;
	struct wanted wanted = { .uuid = "00000000-0000-0000-0000-000000000100" };
	struct instance_state items[] = {
		{ .uuid = "00000000-0000-0000-0000-000000000100",
		  .type = "i915-GVTg_V5_4",
		  .parent = "0000:00:02.0",
		  .wanted = &wanted,
		  .there = true,
		  .state = INSTANCE_STATE_USED },
		{ .uuid = "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01",
		  .type = "i915-GVTg_V5_8",
		  .parent = "0000:00:02.0",
		  .there = true,
		  .state = INSTANCE_STATE_IDLE },
	};
	instances = (struct instance_state_list){ .items = items, .count = 2, .wanted = 1, .there = 1 };
	assert_has(
		metrics(true),
		"{uuid=\"00000000-0000-0000-0000-000000000100\",type=\"i915-GVTg_V5_4\",gpu=\"0000:00:02.0\",guest=\"100\","
		"wanted=\"yes\",state=\"in-use\"} 1\n");
	assert_has(text, "guest=\"\",wanted=\"no\",state=\"idle\"} 1\n");
	assert_has(text, "\ngvt_early_instances_in_use 1\n");
	assert_has(text, "\ngvt_early_instances_missing 0\n");
}

static void what_stands_in_the_way_is_named(void **state)
{
	(void)state;
	look.plan.stance = STANCE_UNABLE;
	finding_make(&look.plan.leave, "gpu-absent", SEVERITY_FAILED, CAUSE_GPU_ABSENT);
	assert_has(metrics(false), "\ngvt_early_finding{name=\"gpu-absent\",severity=\"failed\"} 1\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_no_zero),
		TEST(labels_are_escaped),
		TEST(a_step_comes_once),
		TEST(an_instance_has_its_state_and_guest),
		TEST(what_stands_in_the_way_is_named),
	};
	return run_group(tests);
}
