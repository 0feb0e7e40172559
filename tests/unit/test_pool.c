// SPDX-License-Identifier: GPL-2.0-or-later
// What gvt_capacity.h computes is what the emulated machine's driver does: its own code, built here, is asked for every
// aperture.
#include "helper.h"

#include "decide/gvt_capacity.h"

typedef unsigned long long u64;
static char pool_said[160];
#include "../vm/machine/gvt_pool.c"

static const unsigned apertures[] = { 128, 256, 512, 1024, 2048, 4096 };
static const unsigned spaces[] = { 2048, 4096 };

static struct gpu gpu;
static struct gvt_pool pool;

static void start(unsigned aperture_mib, unsigned ggtt_mib)
{
	gpu = (struct gpu){ .name = "Coffee Lake", .aperture = aperture_mib * MIB, .ggtt = ggtt_mib * MIB };
	pool = (struct gvt_pool){ .aperture = gpu.aperture, .hidden = gpu.ggtt - gpu.aperture };
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(GVT_SIZES, CAPACITY_SIZES);
	for (size_t i = 0; i < GVT_SIZES; i++) {
		assert_int_equal(gvt_sizes[i].low, capacity_sizes[i].need.low_mib * MIB);
		assert_int_equal(gvt_sizes[i].high, capacity_sizes[i].need.high_mib * MIB);
		assert_string_equal(gvt_sizes[i].resolution, capacity_sizes[i].resolution);
		assert_string_equal(gvt_sizes[i].name, capacity_sizes[i].suffix + 1);
	}
}

// Which types there are. An aperture as large as the address space, or larger, makes the driver count below zero.
static void offers(void **state)
{
	(void)state;
	for (size_t a = 0; a < ARRAY_SIZE(apertures); a++)
		for (size_t i = 0; i < GVT_SIZES; i++) {
			start(apertures[a], 4096);
			assert_equal(capacity_offers(&gpu, &capacity_sizes[i]), gvt_pool_offers(&pool, &gvt_sizes[i]));
		}
}

static void expect_counts(const struct capacity_use *use)
{
	if (gpu.ggtt <= gpu.aperture)
		return; // nonsense of the driver: see "taking"
	for (size_t i = 0; i < GVT_SIZES; i++)
		if (gvt_pool_offers(&pool, &gvt_sizes[i]))
			assert_int_equal(capacity_room(&gpu, use, &capacity_sizes[i]),
					 gvt_pool_available(&pool, &gvt_sizes[i]));
}

// Takes what still fits, in all orders: the driver takes it exactly where there is room by our computation.
static unsigned take_all(const struct capacity_use *use)
{
	unsigned taken = 0;
	expect_counts(use);
	for (size_t i = 0; i < GVT_SIZES; i++) {
		struct gvt_pool before = pool;
		bool took = gvt_pool_take(&pool, &gvt_sizes[i]) == 0;
		char type[TYPE_NAME_SIZE];
		capacity_type_name(&gpu, &capacity_sizes[i], type);
		assert_equal(capacity_fits(&gpu, use, type), took);
		assert_equal(capacity_room(&gpu, use, &capacity_sizes[i]) > 0, took);
		if (took) {
			struct capacity_use more = *use;
			capacity_take(&more, type);
			taken += 1 + take_all(&more);
		}
		pool = before;
	}
	return taken;
}

static void taking(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(spaces); s++)
		for (size_t a = 0; a < ARRAY_SIZE(apertures); a++) {
			if (apertures[a] > spaces[s])
				continue;
			start(apertures[a], spaces[s]);
			unsigned taken = take_all(&(struct capacity_use){ .count = 0 });
			// Nothing beside the host: of the aperture, or of what is hidden.
			bool none = apertures[a] == 128 || apertures[a] == spaces[s];
			assert_equal(taken == 0, none);
		}
}

static size_t mixes_of(const struct capacity_use *use, struct capacity_mix mixes[static CAPACITY_MIXES_MAX])
{
	size_t count = capacity_mixes(&gpu, use, mixes);
	for (size_t m = 0; m < count; m++) {
		struct gvt_pool before = pool;
		for (size_t i = 0; i < GVT_SIZES; i++)
			for (unsigned n = 0; n < mixes[m].counts[i]; n++)
				assert_int_equal(gvt_pool_take(&pool, &gvt_sizes[i]), 0);
		assert_true(gvt_pool_take(&pool, &gvt_sizes[0]) < 0); // and nothing more
		pool = before;
	}
	return count;
}

static void assert_mix(const struct capacity_mix *mix, unsigned ones, unsigned twos, unsigned fours, unsigned eights)
{
	assert_int_equal(mix->counts[3], ones);
	assert_int_equal(mix->counts[2], twos);
	assert_int_equal(mix->counts[1], fours);
	assert_int_equal(mix->counts[0], eights);
}

static void mixes(void **state)
{
	(void)state;
	struct capacity_mix found[CAPACITY_MIXES_MAX];
	const struct capacity_use nothing = { .count = 0 };
	start(128, 4096);
	assert_int_equal(mixes_of(&nothing, found), 0);
	start(4096, 4096);
	assert_int_equal(mixes_of(&nothing, found), 0);
	start(256, 4096);
	assert_int_equal(mixes_of(&nothing, found), 2);
	assert_mix(&found[0], 0, 0, 1, 0);
	assert_mix(&found[1], 0, 0, 0, 2);
	start(512, 4096);
	assert_int_equal(mixes_of(&nothing, found), 6);
	assert_mix(&found[0], 0, 1, 1, 0);
	assert_mix(&found[1], 0, 1, 0, 2);
	assert_mix(&found[2], 0, 0, 3, 0);
	assert_mix(&found[3], 0, 0, 2, 2);
	assert_mix(&found[4], 0, 0, 1, 4);
	assert_mix(&found[5], 0, 0, 0, 6);
	start(1024, 4096);
	assert_true(mixes_of(&nothing, found) > 6);
	assert_mix(&found[0], 1, 0, 1, 0);
	// All seven numbers given away.
	struct capacity_use full = { .count = CAPACITY_VGPUS_MAX };
	assert_int_equal(capacity_mixes(&gpu, &full, found), 0);
	// Hidden memory that cannot be read limits nothing.
	gpu.ggtt = 0;
	assert_true(capacity_mixes(&gpu, &nothing, found) > 0 && found[0].counts[3] == 1 && found[0].counts[2] == 1);
	capacity_left(&gpu, &nothing, &full);
	assert_int_equal(full.taken.low_mib, 896);
	assert_int_equal(full.taken.high_mib, 0);
}

static void names(void **state)
{
	(void)state;
	char type[TYPE_NAME_SIZE];
	start(512, 4096);
	capacity_type_name(&gpu, &capacity_sizes[1], type);
	assert_string_equal(type, "i915-GVTg_V5_4");
	(void)gpu_judge(0x1616, &gpu.name, NULL);
	capacity_type_name(&gpu, &capacity_sizes[3], type);
	assert_string_equal(type, "i915-GVTg_V4_1");
	assert_ptr_equal(capacity_size_of(type), &capacity_sizes[3]);
	assert_null(capacity_size_of("mtty-1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes), cmocka_unit_test(offers), cmocka_unit_test(taking),
		cmocka_unit_test(mixes), cmocka_unit_test(names),
	};
	return run_group(tests);
}
