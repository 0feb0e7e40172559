// SPDX-License-Identifier: GPL-2.0-or-later
// What no host of check.table has: more than a command takes, and who has the GPU in which way.
#include "helper.h"

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "tell/words.h"

static struct check check;
static char text[2 * TEXT_SIZE];

static int setup(void **state)
{
	(void)state;
	check = (struct check){ .error = 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	check_free(&check);
	return 0;
}

static const struct finding *only(enum requirement requirement)
{
	assert_int_equal(check.items[requirement].count, 1);
	return &check.items[requirement].findings[0];
}

//
// Names in lists of modules
//

static void put(struct obsolete *item, unsigned line, const char *format)
{
	*item = (struct obsolete){ .file = "/etc/modules", .line = line };
	snprintf(item->name, sizeof(item->name), format, line);
}

static void names_of_one_file(void **state)
{
	(void)state;
	struct obsolete items[3];
	put(&items[0], 2, "xengt");
	put(&items[1], 4, "vfio_mdev");
	put(&items[2], 9, "xengt");
	check_obsolete(&check, CHECK_KERNEL, "6.1", items, ARRAY_SIZE(items));
	const struct finding *finding = only(CHECK_KERNEL);
	assert_string_equal(
		finding_seen(finding, text, sizeof(text)),
		"/etc/modules lists xengt (line 2), vfio_mdev (line 4) and xengt (line 9), which kernel 6.1 does not have: "
		"systemd-modules-load fails");
	assert_string_equal(
		finding_fix(finding, text, sizeof(text)),
		"comment out the names: sed -i --follow-symlinks -E 's/^\\s*(xengt|vfio_mdev)(\\s|$)/#&/' /etc/modules");
}

// A command that was cut would do something else.
static void more_names_than_a_command_takes(void **state)
{
	(void)state;
	struct obsolete items[OBSOLETE_MAX];
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++)
		put(&items[i], i + 1, "a_module_with_a_long_name_%u");
	check_obsolete(&check, CHECK_KERNEL, "6.1", items, ARRAY_SIZE(items));
	const struct finding *finding = only(CHECK_KERNEL);
	assert_string_equal(finding_fix(finding, text, sizeof(text)), "comment these names out in /etc/modules");
	assert_has(finding_seen(finding, text, sizeof(text)), "name_4 (line 4), and 12 more, which kernel 6.1");
}

// Each number of names, whatever their length and their file's name, comes with a whole fix.
static void assert_whole_fix(const char *file, const char *format, size_t count)
{
	struct obsolete items[OBSOLETE_MAX];
	char word[SH_WORD_SIZE];
	for (unsigned i = 0; i < count; i++) {
		put(&items[i], i + 100, format);
		snprintf(items[i].file, sizeof(items[i].file), "%s", file);
	}
	check_obsolete(&check, CHECK_KERNEL, "6.14.8-2-pve", items, count);
	const struct finding *finding = only(CHECK_KERNEL);
	assert_false(finding->full);
	assert_true(strlen(finding_text(finding, text, sizeof(text))) < TEXT_SIZE - 1);
	finding_fix(finding, text, sizeof(text));
	const char *end = starts_with(text, "comment these") ? items->file : sh_word(items->file, word, sizeof(word));
	assert_string_equal(text + strlen(text) - strlen(end), end);
	check_free(&check);
}

static void every_fix_is_whole(void **state)
{
	(void)state;
	static const char *const formats[] = { "m%u", "module_%u", "a_rather_long_module_%u",
					       "a_module_with_quite_a_long_name_%u" };
	char blanks[OBSOLETE_MAX * 9] = "/etc/modules-load.d/";
	memset(blanks + strlen(blanks), ' ', sizeof(blanks) - 1 - strlen(blanks));
	for (size_t f = 0; f < ARRAY_SIZE(formats); f++)
		for (size_t count = 1; count <= OBSOLETE_MAX; count++) {
			assert_whole_fix("/etc/modules", formats[f], count);
			assert_whole_fix(blanks, formats[f], count);
		}
}

//
// The GPU
//

static void free_gpu(const struct gpu *gpu, const char *words)
{
	static struct facts facts;
	facts = (struct facts){ .host = { .proc_found = true } };
	facts.host.gpus.items[0] = *gpu;
	facts.host.gpus.count = 1;
	assert_int_equal(cmdline_parse(&facts.host.cmdline, words), 0);
	check_free_gpu(&check, &facts);
	for (size_t i = 0; i < check.items[CHECK_FREE].count; i++)
		finding_fix(&check.items[CHECK_FREE].findings[i], text, sizeof(text));
	cmdline_free(&facts.host.cmdline);
}

static const struct gpu uhd = { .address = "0000:00:02.0", .device_id = 0x3e92, .verdict = GPU_SUPPORTED };

static void gpu_is_free(void **state)
{
	(void)state;
	free_gpu(&uhd, "");
	assert_equal(check.items[CHECK_FREE].said.cause, CAUSE_GPU_UNBOUND);
	struct gpu bound = uhd;
	strcpy(bound.driver, "i915");
	free_gpu(&bound, "");
	assert_equal(check.items[CHECK_FREE].said.cause, CAUSE_GPU_OF_I915);
	assert_int_equal(check.items[CHECK_FREE].count, 0);
}

static void gpu_of_an_override(void **state)
{
	(void)state;
	struct gpu taken = uhd;
	strcpy(taken.driver_override, "nouveau");
	free_gpu(&taken, "vfio-pci.ids=8086:3e92"); // whatever else gives it away
	assert_equal(only(CHECK_FREE)->cause, CAUSE_GPU_OVERRIDDEN);
	assert_starts(text, "remove what sets driver_override");
}

static void gpu_of_a_word(void **state)
{
	(void)state;
	free_gpu(&uhd, "vfio-pci.ids=10de:1234,8086:3e92");
	assert_equal(only(CHECK_FREE)->cause, CAUSE_GPU_GIVEN);
	assert_equal(finding_part_of(only(CHECK_FREE), VALUE_GIVER), PART_BY_WORD);
	assert_has(text, "8086:3e92");
	assert_lacks(text, "10de:1234");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_of_one_file, setup, teardown),
		cmocka_unit_test_setup_teardown(more_names_than_a_command_takes, setup, teardown),
		cmocka_unit_test_setup_teardown(every_fix_is_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(gpu_is_free, setup, teardown),
		cmocka_unit_test_setup_teardown(gpu_of_an_override, setup, teardown),
		cmocka_unit_test_setup_teardown(gpu_of_a_word, setup, teardown),
	};
	return run_group(tests);
}
