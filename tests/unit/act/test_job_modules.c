// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <jansson.h>

#include "act/job_state.h"
#include "read/host/i915_loader.h"

// What loading a module comes to, and what it leaves behind; linked with --wrap=module_load.
static enum load_result result;
static const struct tree *current_tree;

enum load_result __wrap_module_load(struct modules *modules, const struct root *root, const char *name,
				    const char *options, int *ret_error);
enum load_result __wrap_module_load(struct modules *modules, const struct root *root, const char *name,
				    const char *options, int *ret_error)
{
	(void)modules, (void)root, (void)options, (void)ret_error;
	if (streq(name, "i915")) {
		tree_put(current_tree, "sys/module/i915/initstate", "live\n");
		tree_put(current_tree, "sys/module/i915/parameters/enable_gvt", result == LOAD_DONE ? "Y\n" : "N\n");
	}
	return result;
}

static char *text_of(const json_t *object, const char *key)
{
	static char text[4][512];
	static unsigned next;
	char *one = text[next++ % 4];
	snprintf(one, sizeof(text[0]), "%s", json_string_value(json_object_get(object, key)));
	return one;
}

// The detail of the last step, and in *ret_loader who is said to have loaded i915.
static const char *load(const struct tree *tree, enum load_result with, const char *module, const char **ret_loader)
{
	struct job job = { .root = &tree->root, .deadline_us = UINT64_MAX / 4 };
	struct job_state state = { .job = &job, .root = &tree->root, .udev = -1, .plan.module_count = 1 };
	state.plan.modules[0] =
		(struct planned_module){ .required = true, .options = streq(module, "i915") ? "enable_gvt=1" : NULL };
	state.plan.modules[0].name = module;
	state.report = report_new(&tree->root, COMMAND_APPLY, job.deadline_us, -1);
	assert_non_null(state.report);
	report_publish(state.report);
	result = with;
	current_tree = tree;
	job_load_modules(&state);
	report_finish(state.report, "done");
	report_free(state.report);
	json_t *json = json_loads(tree_get(tree, "run/gvt-early/apply.json"), 0, NULL);
	const json_t *steps = json_object_get(json, "steps");
	const char *detail = text_of(json_array_get(steps, json_array_size(steps) - 1), "detail");
	*ret_loader = text_of(json, "i915_loaded_by");
	json_decref(json);
	return detail;
}

static void by_us(void **state)
{
	const char *loader;
	assert_string_equal(load(*state, LOAD_DONE, "i915", &loader), "loaded with enable_gvt=1");
	assert_string_equal(loader, LOADER_US);
}

static void by_somebody_else(void **state)
{
	const char *loader;
	assert_string_equal(load(*state, LOAD_MEANWHILE, "i915", &loader),
			    "was loaded meanwhile, by another program, with enable_gvt=0");
	assert_string_equal(loader, LOADER_UNKNOWN);
	assert_string_equal(load(*state, LOAD_MEANWHILE, "kvmgt", &loader), "was loaded meanwhile, by another program");
	struct tree *tree = *state;
	tree_put(tree, "etc/modules", "i915\n");
	assert_string_equal(load(tree, LOAD_MEANWHILE, "i915", &loader),
			    "was loaded meanwhile, by modules-load.d, with enable_gvt=0");
	assert_string_equal(loader, LOADER_MODULES_LOAD);
	assert_string_equal(load(tree, LOAD_ALREADY, "i915", &loader), "was loaded already, by modules-load.d");
}

// The worst that was told, 0 for nothing.
static enum severity severity;
static bool loaded_next; // the module behind it was tried as well

static void load_two(const struct tree *tree, enum load_result with, const char *module, bool required)
{
	struct job job = { .root = &tree->root, .deadline_us = UINT64_MAX / 4 };
	struct job_state state = { .job = &job, .root = &tree->root, .udev = -1, .plan.module_count = 2 };
	state.plan.modules[0] = (struct planned_module){ .name = module, .required = required };
	state.plan.modules[1] = (struct planned_module){ .name = "next" };
	state.report = report_new(&tree->root, COMMAND_APPLY, job.deadline_us, -1);
	assert_non_null(state.report);
	report_publish(state.report);
	result = with;
	current_tree = tree;
	job_load_modules(&state);
	severity = report_severity(state.report);
	report_finish(state.report, "done");
	report_free(state.report);
	loaded_next = strstr(tree_get(tree, "run/gvt-early/apply.json"), "load next") != NULL;
}

static void one_that_may_be_missing(void **state)
{
	static const enum load_result missing[] = { LOAD_MISSING, LOAD_BLACKLISTED };
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		load_two(*state, missing[i], "vfio", false);
		assert_equal(severity, SEVERITY_HINT);
		assert_true(loaded_next);
		load_two(*state, missing[i], "kvmgt", true);
		assert_equal(severity, SEVERITY_FAILED);
		assert_false(loaded_next);
	}
}

// Nothing behind it would find anything.
static void i915_without_gvt(void **state)
{
	load_two(*state, LOAD_MEANWHILE, "i915", true);
	assert_false(loaded_next);
	load_two(*state, LOAD_DONE, "i915", true);
	assert_true(loaded_next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(by_us),
		tree_test(by_somebody_else),
		tree_test(one_that_may_be_missing),
		tree_test(i915_without_gvt),
	};
	return run_group(tests);
}
