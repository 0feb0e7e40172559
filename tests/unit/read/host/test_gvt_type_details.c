// SPDX-License-Identifier: GPL-2.0-or-later
// What a driver says of its types: with and without the lines of it, and not at all.
#include "helper.h"
#include "host_tree.h"

#include "base/replay.h"
#include "read/host/gvt_type_details.h"

#define TYPES "sys/bus/pci/devices/" HOST_GPU "/mdev_supported_types/"

static struct host host;
static struct type_details details;
static struct tree *tree;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	put_host(tree);
	put_drivers(tree);
	host = (struct host){ 0 };
	return 0;
}

static int teardown(void **state)
{
	host_free(&host);
	return tree_teardown(state);
}

static void ask(void)
{
	assert_int_equal(host_read(&host, &tree->root, HOST_WORDS | HOST_GPUS | HOST_STATE, HOST_UNBOUNDED), 0);
	type_details_read(&details, &tree->root, &host, &host.gpus.items[0], clock_now_us() + 10 * USEC_PER_SEC);
}

// Of a type; the list's order is the directory's.
static const struct type_detail *detail(const char *type)
{
	const struct type_list *types = host_types(&host, HOST_GPU);
	for (size_t i = 0; i < types->count; i++)
		if (streq(types->names[i], type))
			return &details.items[i];
	fail();
	return NULL;
}

static void what_it_says(void **state)
{
	(void)state;
	tree_put(tree, TYPES "i915-GVTg_V5_4/description",
		 "low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\nresolution: 1920x1200\nweight: 4\n");
	ask();
	assert_false(details.hung);
	assert_int_equal(detail("i915-GVTg_V5_4")->low_mib, 128);
	assert_int_equal(detail("i915-GVTg_V5_4")->high_mib, 512);
	assert_string_equal(detail("i915-GVTg_V5_4")->resolution, "1920x1200");
	assert_int_equal(detail("i915-GVTg_V5_4")->available, 2);
	// No description: that is no answer of 0.
	assert_int_equal(detail("i915-GVTg_V5_8")->low_mib, 0);
	assert_string_equal(detail("i915-GVTg_V5_8")->resolution, "");
	assert_int_equal(detail("i915-GVTg_V5_8")->available, 5);
}

static void nonsense(void **state)
{
	(void)state;
	tree_put(tree, TYPES "i915-GVTg_V5_4/available_instances", "4294967295\n");
	tree_put(tree, TYPES "i915-GVTg_V5_8/available_instances", "many\n");
	tree_put(tree, TYPES "i915-GVTg_V5_8/description", "resolution: 1234567890123456789012345678901234567890\n");
	ask();
	assert_int_equal(detail("i915-GVTg_V5_4")->available, INT32_MAX);
	assert_int_equal(detail("i915-GVTg_V5_8")->available, -1);
	assert_int_equal(strlen(detail("i915-GVTg_V5_8")->resolution), RESOLUTION_SIZE - 1);
}

static void one_that_does_not_answer(void **state)
{
	(void)state;
	ask();
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 " TYPES "i915-GVTg_V5_4/available_instances\n"), 0);
	ask();
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
	assert_true(details.hung);
	assert_int_equal(detail("i915-GVTg_V5_4")->available, -1);
}

static void one_that_is_not_asked(void **state)
{
	(void)state;
	ask();
	struct gpu *gpu = &host.gpus.items[0];
	host.gpus.hung = true;
	type_details_read(&details, &tree->root, &host, gpu, clock_now_us() + USEC_PER_SEC);
	assert_true(details.hung);
	assert_int_equal(detail("i915-GVTg_V5_8")->available, -1);
	host.gpus.hung = false;
	gpu->verdict = GPU_TOO_NEW;
	type_details_read(&details, &tree->root, &host, gpu, clock_now_us() + USEC_PER_SEC);
	assert_false(details.hung);
	assert_int_equal(detail("i915-GVTg_V5_8")->available, -1);
}

#define details_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		details_test(what_it_says),
		details_test(nonsense),
		details_test(one_that_does_not_answer),
		details_test(one_that_is_not_asked),
	};
	return run_group(tests);
}
