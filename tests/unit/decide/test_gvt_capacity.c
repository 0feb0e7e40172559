// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/gvt_capacity.h"
#include "tell/words.h"

static struct gpu gpu;
static struct instance_list instances;
static char text[480];

static void start(unsigned aperture_mib, unsigned ggtt_mib)
{
	gpu = (struct gpu){ .address = "0000:00:02.0", .aperture = aperture_mib * MIB, .ggtt = ggtt_mib * MIB };
	instances.count = 0;
}

static void take(const char *type, const char *parent, unsigned count)
{
	for (; count > 0; count--) {
		struct instance *item = &instances.items[instances.count++];
		*item = (struct instance){ 0 };
		strcpy(item->type, type);
		strcpy(item->parent, parent);
	}
}

static const char *explain(const char *type)
{
	struct capacity_use use;
	capacity_used(&use, &gpu, &instances);
	struct finding finding;
	capacity_explain(&finding, &gpu, &use, type);
	return finding_seen(&finding, text, sizeof(text));
}

static void needs(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		unsigned low, high, aperture;
	} types[] = {
		{ "i915-GVTg_V5_8", 64, 384, 256 },   { "i915-GVTg_V5_4", 128, 512, 256 },
		{ "i915-GVTg_V5_2", 256, 1024, 512 }, { "i915-GVTg_V5_1", 512, 2048, 1024 },
		{ "i915-GVTg_V4_8", 64, 384, 256 },   { "i915-GVTg_V4_1", 512, 2048, 1024 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct capacity_need need = { 0 };
		assert_true(capacity_of_type(types[i].type, &need));
		assert_int_equal(need.low_mib, types[i].low);
		assert_int_equal(need.high_mib, types[i].high);
		assert_int_equal(capacity_min_aperture_mib(&need), types[i].aperture);
	}
	static const char *const others[] = { "",
					      "mtty-1",
					      "i915-GVTg_V5_",
					      "i915-GVTg_V5_3",
					      "i915-GVTg_V6_4",
					      "i915-GVTg_V5_44",
					      "xi915-GVTg_V5_4",
					      "i915-GVTg_V5" };
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct capacity_need need;
		assert_false(capacity_of_type(others[i], &need));
	}
}

static void aperture_lacks(void **state)
{
	(void)state;
	start(512, 4096);
	take("i915-GVTg_V5_4", gpu.address, 2);
	assert_string_equal(
		explain("i915-GVTg_V5_2"),
		"needs 256 MiB of aperture and 1024 MiB of hidden memory; aperture 512 MiB: host 128, 2 vGPUs 256, "
		"free 128; hidden 3584 MiB: host 384, vGPUs 1024, free 2176: too little aperture");
	start(128, 4096);
	assert_has(explain("i915-GVTg_V5_8"), "aperture 128 MiB: host 128, 0 vGPUs 0, free 0;");
	assert_has(text, ": too little aperture");
	start(64, 4096); // less than the host itself keeps
	assert_has(explain("i915-GVTg_V5_8"), "aperture 64 MiB: host 128, 0 vGPUs 0, free 0;");
}

static void hidden_memory_lacks(void **state)
{
	(void)state;
	start(2048, 4096);
	take("i915-GVTg_V5_4", gpu.address, 3);
	assert_string_equal(
		explain("i915-GVTg_V5_4"),
		"needs 128 MiB of aperture and 512 MiB of hidden memory; aperture 2048 MiB: host 128, 3 vGPUs 384, "
		"free 1536; hidden 2048 MiB: host 384, vGPUs 1536, free 128: too little hidden memory");
	start(4096, 4096); // an aperture as large as everything leaves nothing hidden
	assert_has(explain("i915-GVTg_V5_8"), "hidden 0 MiB: host 384, vGPUs 0, free 0: too little hidden memory");
}

static void numbers_lack(void **state)
{
	(void)state;
	start(1024, 4096);
	take("i915-GVTg_V5_8", gpu.address, 7);
	assert_string_equal(explain("i915-GVTg_V5_8"), "the GPU has 7 vGPUs, and it can have no more than 7");
}

static void it_should_fit(void **state)
{
	(void)state;
	start(512, 4096);
	take("i915-GVTg_V5_4", gpu.address, 1);
	assert_has(explain("i915-GVTg_V5_4"), "1 vGPU 128, free 256;");
	assert_has(text, ": it should fit, so the free memory is fragmented");
}

static void of_this_gpu_only(void **state)
{
	(void)state;
	start(512, 4096);
	take("i915-GVTg_V5_4", "0000:03:00.0", 2); // another GPU's
	take("mtty-1", gpu.address, 1);            // not GVT-g's
	assert_has(explain("i915-GVTg_V5_4"), "0 vGPUs 0, free 384;");
}

static void hidden_memory_unknown(void **state)
{
	(void)state;
	start(256, 0);
	assert_string_equal(
		explain("i915-GVTg_V5_2"),
		"needs 256 MiB of aperture and 1024 MiB of hidden memory; aperture 256 MiB: host 128, 0 vGPUs 0, "
		"free 128: too little aperture");
	assert_string_equal(explain("mtty-1"), "the type is not one of GVT-g's");
}

// What one GPU takes after the other, until nothing has room (kernel.md: apertures and how many of each type).
static void fitting(void **state)
{
	(void)state;
	static const struct {
		unsigned aperture, counts[4];
	} gpus[] = {
		{ 256, { 2, 1, 0, 0 } },  { 512, { 6, 3, 1, 0 } },  { 1024, { 7, 5, 2, 1 } },
		{ 2048, { 4, 3, 1, 0 } }, { 4096, { 0, 0, 0, 0 } },
	};
	static const char *const types[] = { "i915-GVTg_V5_8", "i915-GVTg_V5_4", "i915-GVTg_V5_2", "i915-GVTg_V5_1" };
	for (size_t i = 0; i < ARRAY_SIZE(gpus); i++)
		for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
			struct capacity_use use;
			struct finding finding;
			unsigned count = 0;
			start(gpus[i].aperture, 4096);
			capacity_used(&use, &gpu, &instances);
			for (; count < 20 && capacity_fits(&gpu, &use, types[t]); count++)
				capacity_take(&use, types[t]);
			assert_int_equal(count, gpus[i].counts[t]);
			capacity_explain(&finding, &gpu, &use, types[t]);
			assert_int_not_equal(finding.cause, CAUSE_ROOM_IN_PIECES);
		}
	struct capacity_use full = { .count = 7 };
	assert_false(capacity_fits(&gpu, &full, types[0]));
	assert_true(capacity_fits(&gpu, &full, "mtty-1"));
	capacity_take(&full, "mtty-1");
	assert_int_equal(full.count, 7);
}

static void taking_away(void **state)
{
	(void)state;
	struct capacity_use use = { .count = 0 };
	capacity_take(&use, "i915-GVTg_V5_4");
	capacity_take(&use, "i915-GVTg_V5_1");
	capacity_give(&use, "i915-GVTg_V5_4");
	capacity_give(&use, "mtty-1");
	assert_int_equal(use.count, 1);
	assert_int_equal(use.taken.low_mib, 512);
	assert_int_equal(use.taken.high_mib, 2048);
	capacity_give(&use, "i915-GVTg_V5_1");
	assert_int_equal(use.count + use.taken.low_mib + use.taken.high_mib, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs),
		cmocka_unit_test(aperture_lacks),
		cmocka_unit_test(hidden_memory_lacks),
		cmocka_unit_test(numbers_lack),
		cmocka_unit_test(it_should_fit),
		cmocka_unit_test(of_this_gpu_only),
		cmocka_unit_test(hidden_memory_unknown),
		cmocka_unit_test(fitting),
		cmocka_unit_test(taking_away),
	};
	return run_group(tests);
}
