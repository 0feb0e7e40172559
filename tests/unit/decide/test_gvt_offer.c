// SPDX-License-Identifier: GPL-2.0-or-later
// How many of each type are free: by the driver where it says so, and never more than there is room for.
#include "helper.h"

#include "decide/gvt_offer.h"

static struct host host;
static struct gpu *gpu;
static struct type_details details;
static struct offer_list list;

// Coffee Lake with an aperture of 512 MiB, whose driver lists two types and says nothing of them.
static int setup(void **state)
{
	(void)state;
	host = (struct host){ .gpus.count = 1 };
	gpu = &host.gpus.items[0];
	*gpu = (struct gpu){ .verdict = GPU_SUPPORTED,
			     .name = "Coffee Lake",
			     .aperture = 512 * MIB,
			     .ggtt = 4096 * MIB,
			     .driver = "i915" };
	strcpy(gpu->address, "0000:00:02.0");
	host.gvt.types[0] = (struct type_list){ .registered = true, .count = 2 };
	strcpy(host.gvt.types[0].names[0], "i915-GVTg_V5_4");
	strcpy(host.gvt.types[0].names[1], "i915-GVTg_V5_8");
	details = (struct type_details){ .hung = false };
	for (size_t i = 0; i < TYPES_MAX; i++)
		details.items[i].available = -1;
	return 0;
}

// In the order of the list: the smallest first.
static const struct offer *offer(size_t index, const char *type)
{
	offer_list_make(&list, &host, gpu, &details);
	assert_true(index < list.count);
	assert_string_equal(list.items[index].type, type);
	return &list.items[index];
}

static void what_is_known_of_them(void **state)
{
	(void)state;
	const struct offer *small = offer(0, "i915-GVTg_V5_8");
	assert_int_equal(list.count, 2);
	assert_false(list.computed || list.hung || list.taken);
	assert_int_equal(small->need.low_mib, 64);
	assert_int_equal(small->at_most, 6);
	assert_int_equal(small->free, 6);
	assert_int_equal(small->told, -1);
	assert_int_equal(offer(1, "i915-GVTg_V5_4")->free, 3);
}

static void what_the_driver_says(void **state)
{
	(void)state;
	details.items[1] =
		(struct type_detail){ .low_mib = 60, .high_mib = 380, .resolution = "800x600", .available = 2 };
	const struct offer *small = offer(0, "i915-GVTg_V5_8");
	assert_int_equal(small->need.low_mib, 60);
	assert_int_equal(small->need.high_mib, 380);
	assert_string_equal(small->resolution, "800x600");
	assert_int_equal(small->free, 2);
	assert_int_equal(small->told, 2);
	// It looks at memory alone: nonsense, and it does not make an eighth one.
	details.items[1].available = INT32_MAX;
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->free, 6);
}

static void what_others_take(void **state)
{
	(void)state;
	host.instances.count = 1;
	strcpy(host.instances.items[0].type, "i915-GVTg_V5_4");
	strcpy(host.instances.items[0].parent, "0000:00:02.0");
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->free, 4);
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->at_most, 6);
}

static void a_type_that_is_not_known(void **state)
{
	(void)state;
	strcpy(host.gvt.types[0].names[0], "i915-GVTg_V9_3");
	details.items[0].available = 7;
	const struct offer *other = offer(0, "i915-GVTg_V9_3");
	assert_int_equal(other->need.low_mib, 0);
	assert_int_equal(other->free, 7);
	assert_int_equal(other->at_most, 0);
}

// By the GPU's generation and aperture.
static void before_the_driver_is_loaded(void **state)
{
	(void)state;
	host.gvt.types[0] = (struct type_list){ .count = 0 };
	gpu->driver[0] = '\0';
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->free, 6);
	assert_true(list.computed);
	assert_int_equal(list.count, 3);
	details.hung = true; // of one that lists no types nothing was asked
	offer_list_make(&list, &host, gpu, &details);
	assert_false(list.hung);
	host.gvt.types[0].hung = true;
	offer_list_make(&list, &host, gpu, &details);
	assert_true(list.hung && !list.computed);
}

static void one_that_does_not_answer(void **state)
{
	(void)state;
	details.hung = true;
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->free, 6);
	assert_true(list.hung);
}

static void one_that_cannot_be_split(void **state)
{
	(void)state;
	strcpy(gpu->driver, "vfio-pci");
	assert_int_equal(offer(0, "i915-GVTg_V5_8")->free, 0);
	assert_true(list.taken);
	gpu->verdict = GPU_TOO_NEW;
	offer_list_make(&list, &host, gpu, &details);
	assert_int_equal(list.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_known_of_them, setup),
		cmocka_unit_test_setup(what_the_driver_says, setup),
		cmocka_unit_test_setup(what_others_take, setup),
		cmocka_unit_test_setup(a_type_that_is_not_known, setup),
		cmocka_unit_test_setup(before_the_driver_is_loaded, setup),
		cmocka_unit_test_setup(one_that_does_not_answer, setup),
		cmocka_unit_test_setup(one_that_cannot_be_split, setup),
	};
	return run_group(tests);
}
