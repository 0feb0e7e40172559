// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/setup/setup_part.h"
#include "read/boot/grub_settings.h"

#define VALUE  GRUB_EVERYDAY "="
#define ROOT   "root=ZFS=rpool/ROOT/pve-1 boot=zfs"
#define DROPIN "etc/default/grub.d/zz-gvt-early.cfg"
#define OURS   VALUE "\"$" GRUB_EVERYDAY " intel_iommu=on\"\n"
#define LINE   "etc/kernel/cmdline"

struct undo_case {
	const char *what;
	const char *path;
	enum setup_kind kind;
	const char *old, *new;
	const char *before, *after; // what was written
	const char *now;            // what is there, NULL for no file
	const char *undone;         // NULL: nothing is written
	enum words_trouble trouble;
};

static const struct undo_case cases[] = {
	{ "as it was left", DROPIN, SETUP_GRUB, "", "intel_iommu=on", NULL, OURS, OURS, "", WORDS_FINE },
	{ "removed by somebody", DROPIN, SETUP_GRUB, "", "intel_iommu=on", NULL, OURS, NULL, NULL, WORDS_FINE },
	{ "a drop-in of ours with more", DROPIN, SETUP_GRUB, "", "intel_iommu=on", NULL, OURS, OURS "X=1\n", NULL,
	  WORDS_CHANGED },
	{ "never written", GRUB_FILE, SETUP_GRUB, "iommu=off", "", VALUE "\"iommu=off\"\n", VALUE "\"\"\n",
	  VALUE "\"iommu=off\"\n", NULL, WORDS_FINE },
	{ "as it was left, corrected", GRUB_FILE, SETUP_GRUB, "iommu=off", "", VALUE "'iommu=off'\n", VALUE "''\n",
	  VALUE "''\n", VALUE "'iommu=off'\n", WORDS_FINE },
	// As grub-pc's maintainer script writes it, which has evaluated the value.
	{ "rewritten by a package", GRUB_FILE, SETUP_GRUB, "intel-iommu=On", "intel_iommu=on",
	  VALUE "'quiet intel-iommu=On' # x\n", VALUE "'quiet intel_iommu=on' # x\n",
	  VALUE "\"quiet intel_iommu=on\"\nMORE=1\n", VALUE "\"quiet intel-iommu=On\"\nMORE=1\n", WORDS_FINE },
	{ "rewritten, and the word put back", GRUB_FILE, SETUP_GRUB, "iommu=off", "", VALUE "'iommu=off'\n",
	  VALUE "''\n", VALUE "\"quiet\"\n", VALUE "\"quiet iommu=off\"\n", WORDS_FINE },
	{ "the word is gone by itself", GRUB_FILE, SETUP_GRUB, "", "intel_iommu=on", VALUE "''\n",
	  VALUE "'intel_iommu=on'\n", VALUE "\"quiet\"\n", NULL, WORDS_FINE },
	{ "there twice: whose is it?", GRUB_FILE, SETUP_GRUB, "", "intel_iommu=on", VALUE "''\n",
	  VALUE "'intel_iommu=on'\n", VALUE "\"intel_iommu=on intel_iommu=on\"\n", NULL, WORDS_CHANGED },
	{ "it fails now", GRUB_FILE, SETUP_GRUB, "", "intel_iommu=on", VALUE "''\n", VALUE "'intel_iommu=on'\n",
	  VALUE "\"intel_iommu=on\n", NULL, WORDS_CHANGED },
	{ "in a variable of somebody", GRUB_FILE, SETUP_GRUB, "", "intel_iommu=on", VALUE "''\n",
	  VALUE "'intel_iommu=on'\n", "ON=intel_iommu=on\n" VALUE "\"$ON\"\n", NULL, WORDS_CHANGED },
	{ "a line as it was left", LINE, SETUP_LINE, "", "intel_iommu=on", ROOT "\n", ROOT " intel_iommu=on\n",
	  ROOT " intel_iommu=on\n", ROOT "\n", WORDS_FINE },
	{ "a line with more words", LINE, SETUP_LINE, "", "intel_iommu=on", ROOT, ROOT " intel_iommu=on",
	  ROOT " intel_iommu=on quiet", ROOT " quiet", WORDS_FINE },
	{ "a line that lost its root", LINE, SETUP_LINE, "", "intel_iommu=on", ROOT "\n", ROOT " intel_iommu=on\n",
	  "intel_iommu=on\n", NULL, WORDS_CHANGED },
};

static void undo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct undo_case *one = &cases[i];
		struct settings_text texts_of[2] = { { strdup(GRUB_FILE), strdup("") },
						     { strdup(one->path), one->now ? strdup(one->now) : NULL } };
		// GRUB's own file comes first, the one that counts alone otherwise.
		struct settings_texts texts = { .items = streq(one->path, DROPIN) ? texts_of : texts_of + 1,
						.count = streq(one->path, DROPIN) ? 2 : 1 };
		char path[64], before[256], after[256];
		struct text_edit edit = { path, one->before ? before : NULL, after };
		struct setup_part part = { .kind = one->kind, .change_count = 1, .edits = &edit, .edit_count = 1 };
		struct word_change changes[CHANGES_MAX];
		struct words_edit result;
		size_t count;
		snprintf(path, sizeof(path), "%s", one->path);
		snprintf(before, sizeof(before), "%s", one->before ? one->before : "");
		snprintf(after, sizeof(after), "%s", one->after);
		snprintf(part.changes[0].old, WORD_CHANGE_SIZE, "%s", one->old);
		snprintf(part.changes[0].new, WORD_CHANGE_SIZE, "%s", one->new);
		const struct words_task task = { .texts = &texts, .running = "" };
		assert_int_equal(setup_undo(&result, changes, &count, &part, &task), 0);
		const char *undone = result.count ? result.items[0].after ? result.items[0].after : "" : NULL;
		if (result.trouble != one->trouble || !one->undone != !undone ||
		    (undone && !streq(undone, one->undone)))
			fail_msg("%s: trouble %d, '%s'", one->what, (int)result.trouble, undone ? undone : "-");
		words_edit_free(&result);
		for (size_t k = 0; k < ARRAY_SIZE(texts_of); k++) {
			free(texts_of[k].path);
			free(texts_of[k].text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(undo) };
	return run_group(tests);
}
