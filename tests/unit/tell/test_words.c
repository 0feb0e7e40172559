// SPDX-License-Identifier: GPL-2.0-or-later
// How sentences are made of findings, and that every cause has one.
#include "helper.h"

#include "tell/words.h"

static struct finding finding;
static char text[2048];

static void make(enum cause cause)
{
	finding_make(&finding, "name", SEVERITY_FAILED, cause);
}

static const char *seen(void)
{
	return finding_seen(&finding, text, sizeof(text));
}

static const char *whole(void)
{
	return finding_text(&finding, text, sizeof(text));
}

//
// Telling
//

static void values(void **state)
{
	(void)state;
	make(CAUSE_GPU_BOUND);
	finding_value(&finding, VALUE_ADDRESS, "A");
	finding_value(&finding, VALUE_DRIVER, "vfio-pci");
	assert_string_equal(whole(),
			    "A is bound to vfio-pci, so i915 cannot split it; unbind the GPU from that driver");
	finding_part(&finding, VALUE_GIVER, PART_BY_OVERRIDE);
	assert_string_equal(seen(), "A is bound to vfio-pci (by driver_override), so i915 cannot split it");
	assert_starts(finding_fix(&finding, text, sizeof(text)), "run 'gvt-early check'");
}

static void lists(void **state)
{
	(void)state;
	make(CAUSE_GUESTS_NONE);
	finding_value(&finding, VALUE_GUESTS, "1");
	finding_value(&finding, VALUE_COUNT, "1");
	assert_string_equal(seen(), "no vGPU is wanted: guest 1 has a vGPU, but the setting is 'guests = none'");
	make(CAUSE_GUESTS_NONE);
	finding_value(&finding, VALUE_GUESTS, "1");
	finding_value(&finding, VALUE_GUESTS, "2");
	finding_value(&finding, VALUE_COUNT, "12");
	finding_flag(&finding, VALUE_MORE, true);
	assert_string_equal(seen(),
			    "no vGPU is wanted: guests 1, 2 and others have vGPUs, but the setting is 'guests = none'");
}

// A finding may be the reason of another one, and that again.
static void because(void **state)
{
	(void)state;
	make(CAUSE_IOMMU_NO_DMAR);
	finding_wrap(&finding, "b", CAUSE_IOMMU_NOT_NEEDED);
	assert_string_equal(
		whole(),
		"the firmware has no DMAR table: GVT-g needs no IOMMU; only a guest with a whole PCI device needs one");
	finding_wrap(&finding, "c", CAUSE_IOMMU_NOT_NEEDED);
	assert_starts(
		whole(),
		"the firmware has no DMAR table: GVT-g needs no IOMMU; only a guest with a whole PCI device needs one: GVT-g");
}

static void steps(void **state)
{
	(void)state;
	make(CAUSE_XEN);
	finding_step(&finding, JOINT_COMMA, CAUSE_I915_NOT_LOADED);
	finding_open_step(&finding, JOINT_AND, CAUSE_I915_ABSENT);
	finding_value(&finding, VALUE_RELEASE, "6.1");
	finding_close(&finding);
	finding_step(&finding, JOINT_OR, CAUSE_KVMGT_NOT_LOADED);
	assert_string_equal(finding_fix(&finding, text, sizeof(text)),
			    "i915 is not loaded and kernel 6.1 has no module i915 here; or kvmgt is not loaded");
}

static void errnos(void **state)
{
	(void)state;
	make(CAUSE_I915_FOREIGN_UNREAD);
	finding_value(&finding, VALUE_FILE, "F");
	finding.error = ENOENT;
	assert_has(seen(), "unknown (F: No such file or directory): gvt-early skips it");
}

// Whatever the size, it ends there.
static void sizes(void **state)
{
	(void)state;
	char all[sizeof(text)];
	make(CAUSE_GPU_ABSENT);
	strcpy(all, whole());
	for (size_t size = 1; size < strlen(all) + 2; size++) {
		memset(text, 'x', sizeof(text));
		finding_text(&finding, text, size);
		assert_true(strlen(text) < size);
		assert_memory_equal(text, all, strlen(text));
		assert_int_equal(text[size], 'x');
	}
}

//
// The tables
//

static size_t rows_of(enum cause cause)
{
	size_t count = 0;
	for (size_t i = 0; word_tables[i]; i++)
		for (size_t j = 0; j < word_tables[i]->count; j++)
			count += word_tables[i]->rows[j].cause == cause;
	return count;
}

static void every_cause_has_one_row(void **state)
{
	(void)state;
	for (enum cause cause = CAUSE_NONE + 1; cause < CAUSES; cause++)
		if (rows_of(cause) != 1)
			fail_msg("cause %d (%s) has %zu rows", (int)cause, words_of(cause)->name, rows_of(cause));
}

// "address", "host-pci", never "" or "Address".
static bool is_stable_name(const char *name)
{
	return name && *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static void names_are_unique(void **state)
{
	(void)state;
	for (enum cause a = CAUSE_NONE + 1; a < CAUSES; a++) {
		assert_true(is_stable_name(words_of(a)->name));
		for (enum cause b = a + 1; b < CAUSES; b++)
			if (streq(words_of(a)->name, words_of(b)->name))
				fail_msg("two causes are called %s", words_of(a)->name);
	}
	for (enum value a = VALUE_NONE + 1; a < VALUES; a++) {
		assert_true(is_stable_name(value_name(a)));
		for (enum value b = a + 1; b < VALUES; b++)
			assert_false(streq(value_name(a), value_name(b)));
	}
}

static bool is_value(const char *name, size_t length)
{
	static const char *const others[] = { "error", "because-fix" };
	for (enum value value = VALUE_NONE + 1; value < VALUES; value++)
		if (strlen(value_name(value)) == length && strncmp(value_name(value), name, length) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strlen(others[i]) == length && strncmp(others[i], name, length) == 0)
			return true;
	return false;
}

static void check_sentence(const struct words *words, const char *sentence)
{
	int depth = 0;
	for (const char *c = sentence; *c; c++) {
		if ((unsigned char)*c < ' ')
			fail_msg("%s: a character that is none", words->name);
		if (*c == '{' && !is_value(c + 1, strcspn(c + 1, "?:/}")))
			fail_msg("%s: %.20s is no value", words->name, c);
		depth += *c == '{';
		depth -= *c == '}';
		if (depth < 0)
			break;
	}
	if (depth != 0)
		fail_msg("%s: the braces do not match: %s", words->name, sentence);
	size_t length = strlen(sentence);
	if (length > 0 && (sentence[0] == ' ' || sentence[length - 1] == '.' || sentence[length - 1] == ' '))
		fail_msg("%s: begins or ends wrongly: '%s'", words->name, sentence);
}

static void sentences_are_sound(void **state)
{
	(void)state;
	for (enum cause cause = CAUSE_NONE + 1; cause < CAUSES; cause++) {
		const struct words *words = words_of(cause);
		if (!words->sentence || !*words->sentence)
			fail_msg("%s: no sentence", words->name);
		check_sentence(words, words->sentence);
		if (words->fix)
			check_sentence(words, words->fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(lists),
		cmocka_unit_test(because),
		cmocka_unit_test(steps),
		cmocka_unit_test(errnos),
		cmocka_unit_test(sizes),
		cmocka_unit_test(every_cause_has_one_row),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(sentences_are_sound),
	};
	return run_group(tests);
}
