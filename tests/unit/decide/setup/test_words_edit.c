// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/setup/words_edit.h"
#include "read/boot/grub_settings.h"

#define VALUE GRUB_EVERYDAY "="
#define ADD   "intel_iommu=on"

static const struct word_change add = { "", ADD };

struct grub_case {
	const char *what;
	const char *main, *dropin;             // etc/default/grub and a drop-in that is read behind it, NULL for none
	const char *old, *new;                 // the change
	const char *main_after, *dropin_after; // NULL: as before
	const char *ours;                      // the name of our own drop-in, NULL for none
	enum words_trouble trouble;
};

static const struct grub_case cases[] = {
	// Adding: a drop-in of our own, and nothing else is touched.
	{ "plain", VALUE "\"quiet\"\n", NULL, "", ADD, NULL, NULL, "zz-gvt-early.cfg", WORDS_FINE },
	{ "no final newline", VALUE "\"quiet\"", NULL, "", ADD, NULL, NULL, "zz-gvt-early.cfg", WORDS_FINE },
	{ "carriage returns", VALUE "\"quiet\"\r\n# x\r\n", NULL, "", ADD, NULL, NULL, "zz-gvt-early.cfg", WORDS_FINE },
	{ "no variable", "# nothing\n", NULL, "", ADD, NULL, NULL, "zz-gvt-early.cfg", WORDS_FINE },
	{ "set anew before ours", VALUE "\"quiet\"\n", VALUE "\"console=ttyS0\"\n", "", ADD, NULL, NULL,
	  "zz-gvt-early.cfg", WORDS_FINE },
	{ "a default", VALUE "\"${MORE:-quiet splash}\"\n", NULL, "", ADD, NULL, NULL, "zz-gvt-early.cfg", WORDS_FINE },
	{ "a substitution elsewhere",
	  "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\n" VALUE "\"quiet\"\n", NULL, "", ADD, NULL,
	  NULL, "zz-gvt-early.cfg", WORDS_FINE },
	// Where a drop-in would come too late: before the "--".
	{ "words for init", VALUE "\"quiet -- single\"\n", NULL, "", ADD, VALUE "\"quiet intel_iommu=on -- single\"\n",
	  NULL, NULL, WORDS_FINE },
	{ "words for init in the other variable", "GRUB_CMDLINE_LINUX='a --'\n" VALUE "quiet\n", NULL, "", ADD,
	  "GRUB_CMDLINE_LINUX='a intel_iommu=on --'\n" VALUE "quiet\n", NULL, NULL, WORDS_FINE },
	// Removing and correcting, in place.
	{ "remove the last", VALUE "\"quiet iommu=off\" # mine\n", NULL, "iommu=off", "", VALUE "\"quiet\" # mine\n",
	  NULL, NULL, WORDS_FINE },
	{ "remove the first", VALUE "'iommu=off  quiet'", NULL, "iommu=off", "", VALUE "'quiet'", NULL, NULL,
	  WORDS_FINE },
	{ "remove in the middle", VALUE "\"a iommu=off b\"\r\n", NULL, "iommu=off", "", VALUE "\"a b\"\r\n", NULL, NULL,
	  WORDS_FINE },
	{ "remove the only one", VALUE "iommu=off\n", NULL, "iommu=off", "", VALUE "\n", NULL, NULL, WORDS_FINE },
	{ "a continued line", VALUE "\"quiet \\\n  iommu=off \\\n  splash\"\n", NULL, "iommu=off", "",
	  VALUE "\"quiet \\\n \\\n  splash\"\n", NULL, NULL, WORDS_FINE },
	{ "exported", "export " VALUE "\"quiet iommu=off\"\n", NULL, "iommu=off", "", "export " VALUE "\"quiet\"\n",
	  NULL, NULL, WORDS_FINE },
	{ "only where it counts", VALUE "\"iommu=off\"\n" VALUE "\"x iommu=off\"\n", NULL, "iommu=off", "",
	  VALUE "\"iommu=off\"\n" VALUE "\"x\"\n", NULL, NULL, WORDS_FINE },
	{ "in both variables", "GRUB_CMDLINE_LINUX=iommu=off\n" VALUE "\"iommu=off a\"\n", NULL, "iommu=off", "",
	  "GRUB_CMDLINE_LINUX=\n" VALUE "\"a\"\n", NULL, NULL, WORDS_FINE },
	{ "in a drop-in that keeps", VALUE "\"quiet\"\n", VALUE "\"$" GRUB_EVERYDAY " iommu=off\"", "iommu=off", "",
	  NULL, VALUE "\"$" GRUB_EVERYDAY "\"", NULL, WORDS_FINE },
	{ "not a longer word", VALUE "\"amd_iommu=off xiommu=off iommu=off,b iommu=off\"\n", NULL, "iommu=off", "",
	  VALUE "\"amd_iommu=off xiommu=off iommu=off,b\"\n", NULL, NULL, WORDS_FINE },
	{ "a comment stays", "# " VALUE "\"iommu=off\"\n" VALUE "\"iommu=off\"\n", NULL, "iommu=off", "",
	  "# " VALUE "\"iommu=off\"\n" VALUE "\"\"\n", NULL, NULL, WORDS_FINE },
	{ "a spelling", VALUE "\"quiet intel-iommu=On splash\"\n", NULL, "intel-iommu=On", ADD,
	  VALUE "\"quiet intel_iommu=on splash\"\n", NULL, NULL, WORDS_FINE },
	{ "several words for one", VALUE "\"quiet intel_iommu  = on\"\n", NULL, "intel_iommu = on", ADD,
	  VALUE "\"quiet intel_iommu=on\"\n", NULL, NULL, WORDS_FINE },
	{ "in a default", VALUE "\"${MORE:-quiet iommu=off}\"\n", NULL, "iommu=off", "", NULL, NULL, NULL,
	  WORDS_NOT_THERE },
	// What is refused, with nothing written.
	{ "it fails", VALUE "\"quiet\n", NULL, "", ADD, NULL, NULL, NULL, WORDS_FAIL },
	{ "bash's", VALUE "quiet\n" GRUB_EVERYDAY "+=\" splash\"\n", NULL, "", ADD, NULL, NULL, NULL, WORDS_FAIL },
	{ "carriage returns alone", VALUE "\"quiet\"\r\n\r\n", NULL, "", ADD, NULL, NULL, NULL, WORDS_FAIL },
	{ "GRUB ends the line", VALUE "\"quiet ; splash\"\n", NULL, "", ADD, NULL, NULL, NULL, WORDS_FAIL },
	{ "two lines", VALUE "\"quiet\nsplash\"\n", NULL, "", ADD, NULL, NULL, NULL, WORDS_LINES },
	{ "not there", VALUE "\"quiet\"\n", NULL, "iommu=off", "", NULL, NULL, NULL, WORDS_NOT_THERE },
	{ "from another variable", "OFF=iommu=off\n" VALUE "\"quiet $OFF\"\n", NULL, "iommu=off", "", NULL, NULL, NULL,
	  WORDS_NOT_THERE },
	{ "the end of all", VALUE "\"quiet\"\n", "exit 0\n", "", ADD, NULL, NULL, NULL, WORDS_FAIL },
};

static void put_text(struct settings_texts *texts, const char *path, const char *text)
{
	texts->items = realloc(texts->items, (texts->count + 1) * sizeof(*texts->items));
	assert_non_null(texts->items);
	texts->items[texts->count++] = (struct settings_text){ strdup(path), text ? strdup(text) : NULL };
}

static const char *after_of(const struct words_edit *edit, const char *path)
{
	for (size_t i = 0; i < edit->count; i++)
		if (streq(edit->items[i].path, path))
			return edit->items[i].after;
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? streq(a, b) : a == b;
}

// What sh makes of the files in a tree, as the words of the everyday entry; "" where there is no sh.
static char *sh_words(const struct tree *tree)
{
	char command[1024], value[2][2048] = { "", "" };
	snprintf(
		command, sizeof(command),
		"cd '%s/etc/default' && env -i PATH=/usr/bin:/bin sh -e -c '. ./grub; for f in grub.d/*.cfg; do if [ -e $f ]; then . ./$f; fi; "
		"done; printf \"%%s\\n%%s\\n\" \"$GRUB_CMDLINE_LINUX\" \"$GRUB_CMDLINE_LINUX_DEFAULT\"'",
		tree->path);
	FILE *from = popen(command, "r");
	assert_non_null(from);
	for (size_t i = 0; i < 2 && fgets(value[i], sizeof(value[i]), from); i++)
		value[i][strcspn(value[i], "\n")] = '\0';
	assert_int_equal(pclose(from), 0);
	return words_of_grub(value[0], value[1]);
}

// The shell itself, which evaluates the files before update-grub does, reads the words that were meant.
static void ask_sh(const struct words_edit *edit, const struct words_task *task, const char *what)
{
	struct tree tree;
	const struct word_change *missing;
	tree_make(&tree);
	for (size_t i = 0; i < task->texts->count; i++)
		if (task->texts->items[i].text)
			tree_put(&tree, task->texts->items[i].path, task->texts->items[i].text);
	CLEANUP_FREE char *before = sh_words(&tree);
	for (size_t i = 0; i < edit->count; i++)
		tree_put(&tree, edit->items[i].path, edit->items[i].after);
	CLEANUP_FREE char *after = sh_words(&tree);
	CLEANUP_FREE char *expected = before ? words_change(before, task->changes, task->count, &missing) : NULL;
	if (!after || !expected || !words_are(after, expected, task->changes, task->count))
		fail_msg("%s: sh reads '%s', and before '%s'", what, after ? after : "(none)",
			 before ? before : "(none)");
	tree_remove(&tree);
}

static void grub(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct grub_case *one = &cases[i];
		struct settings_texts texts = { .count = 0 };
		struct words_edit edit;
		struct word_change change;
		char ours[128] = "etc/default/grub.d/";
		size_t count = (one->main_after != NULL) + (one->dropin_after != NULL) + (one->ours != NULL);
		snprintf(change.old, sizeof(change.old), "%s", one->old);
		snprintf(change.new, sizeof(change.new), "%s", one->new);
		put_text(&texts, GRUB_FILE, one->main);
		if (one->dropin)
			put_text(&texts, GRUB_DROPINS "/50-cloudimg-settings.cfg", one->dropin);
		const struct words_task task = { .texts = &texts, .changes = &change, .count = 1, .dropins = true };
		assert_int_equal(words_edit_grub(&edit, &task), 0);
		snprintf(ours + strlen(ours), sizeof(ours) - strlen(ours), "%s", one->ours ? one->ours : "");
		const char *main_after = after_of(&edit, GRUB_FILE);
		const char *dropin_after = after_of(&edit, GRUB_DROPINS "/50-cloudimg-settings.cfg");
		if (edit.trouble != one->trouble || !same(main_after, one->main_after) ||
		    !same(dropin_after, one->dropin_after) || edit.count != count ||
		    (one->ours && !after_of(&edit, ours)))
			fail_msg("%s: trouble %d, %zu edits: '%s' '%s'", one->what, (int)edit.trouble, edit.count,
				 main_after ? main_after : "-", dropin_after ? dropin_after : "-");
		if (edit.trouble == WORDS_FINE) {
			assert_true(!one->new[0] || words_have(edit.words, one->new));
			assert_true(!one->old[0] || !words_have(edit.words, one->old));
			ask_sh(&edit, &task, one->what);
		}
		words_edit_free(&edit);
		settings_texts_free(&texts);
	}
}

// Names of drop-ins that would be read behind ours.
static void dropin_names(void **state)
{
	(void)state;
	static const struct {
		const char *there, *ours;
	} names[] = {
		{ "init-select.cfg", "zz-gvt-early.cfg" },
		{ "zz-top.cfg", "zzz-gvt-early.cfg" },
		{ "zzzz.cfg", "zzzzz-gvt-early.cfg" },
		{ "zz-gvt-early.cfg", NULL },
		{ "~.cfg", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct settings_texts texts = { .count = 0 };
		struct words_edit edit;
		char path[128], ours[128];
		snprintf(path, sizeof(path), GRUB_DROPINS "/%s", names[i].there);
		snprintf(ours, sizeof(ours), GRUB_DROPINS "/%s", names[i].ours ? names[i].ours : "");
		put_text(&texts, GRUB_FILE, VALUE "\"quiet\"\n");
		put_text(&texts, path, VALUE "\"anew\"\n");
		const struct words_task task = { .texts = &texts, .changes = &add, .count = 1, .dropins = true };
		assert_int_equal(words_edit_grub(&edit, &task), 0);
		assert_equal(edit.trouble, WORDS_FINE);
		assert_int_equal(edit.count, 1);
		assert_string_equal(edit.items[0].path, names[i].ours ? ours : path);
		assert_string_equal(
			edit.items[0].after,
			names[i].ours ? "# Written by 'gvt-early setup'; 'gvt-early setup --undo' removes it.\n" VALUE
					"\"$" GRUB_EVERYDAY " intel_iommu=on\"\n"
				      : VALUE "\"anew intel_iommu=on\"\n");
		ask_sh(&edit, &task, names[i].there);
		words_edit_free(&edit);
		settings_texts_free(&texts);
	}
}

// Without drop-ins: in the file itself, whatever its quotes are.
static void in_place(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
	} texts_of[] = {
		{ VALUE "\"quiet\"\n", VALUE "\"quiet intel_iommu=on\"\n" },
		{ VALUE "'quiet'", VALUE "'quiet intel_iommu=on'" },
		{ VALUE "\"\"\n", VALUE "\"intel_iommu=on\"\n" },
		{ VALUE "\"quiet \"\n", VALUE "\"quiet intel_iommu=on\"\n" },
		{ VALUE "quiet # x\n", VALUE "\"quiet intel_iommu=on\" # x\n" },
		{ VALUE "\n", VALUE "\"intel_iommu=on\"\n" },
		{ VALUE "\"quiet\"\\ splash\n", VALUE "\"quiet\"\\ splash\" intel_iommu=on\"\n" },
		{ VALUE "\"a\\\"\"\n", NULL }, // GRUB does not take it
		{ VALUE "\"quiet\"\n" VALUE "\"$" GRUB_EVERYDAY " more\"\n",
		  VALUE "\"quiet\"\n" VALUE "\"$" GRUB_EVERYDAY " more intel_iommu=on\"\n" },
		{ "true && " VALUE "\"quiet\"\n", NULL },
		{ "A=1; export B=2 " VALUE "\"quiet\"; C=3\n",
		  "A=1; export B=2 " VALUE "\"quiet intel_iommu=on\"; C=3\n" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts_of); i++) {
		struct settings_texts texts = { .count = 0 };
		struct words_edit edit;
		put_text(&texts, GRUB_FILE, texts_of[i].before);
		const struct words_task task = { .texts = &texts, .changes = &add, .count = 1 };
		assert_int_equal(words_edit_grub(&edit, &task), 0);
		const char *after = after_of(&edit, GRUB_FILE);
		if (!same(after, texts_of[i].after))
			fail_msg("%s: '%s', trouble %d", texts_of[i].before, after ? after : "-", (int)edit.trouble);
		assert_int_equal(edit.count, texts_of[i].after != NULL);
		if (after)
			ask_sh(&edit, &task, texts_of[i].before);
		words_edit_free(&edit);
		settings_texts_free(&texts);
	}
}

#define ROOT "root=ZFS=rpool/ROOT/pve-1 boot=zfs"

static void line(void **state)
{
	(void)state;
	static const struct {
		const char *before, *old, *new, *after;
		enum words_trouble trouble;
	} lines[] = {
		{ ROOT "\n", "", ADD, ROOT " intel_iommu=on\n", WORDS_FINE },
		{ ROOT, "", ADD, ROOT " intel_iommu=on", WORDS_FINE },
		{ ROOT "\r\n", "", ADD, ROOT " intel_iommu=on\r\n", WORDS_FINE },
		{ ROOT "  \nsecond line\n", "", ADD, ROOT " intel_iommu=on  \nsecond line\n", WORDS_FINE },
		{ ROOT " -- single\n", "", ADD, ROOT " intel_iommu=on -- single\n", WORDS_FINE },
		{ ROOT " iommu=off quiet\n", "iommu=off", "", ROOT " quiet\n", WORDS_FINE },
		{ "iommu=off " ROOT "\n", "iommu=off", "", ROOT "\n", WORDS_FINE },
		{ ROOT " iommu=off\r\n", "iommu=off", "", ROOT "\r\n", WORDS_FINE },
		{ ROOT " intel_iommu = on\tx\n", "intel_iommu = on", ADD, ROOT " intel_iommu=on\tx\n", WORDS_FINE },
		{ ROOT " dyndbg=\"file x +p\"\n", "", ADD, ROOT " dyndbg=\"file x +p\" intel_iommu=on\n", WORDS_FINE },
		{ NULL, "", ADD, "root=/dev/sda1 quiet intel_iommu=on\n", WORDS_FINE },
		{ "quiet\n", "", ADD, NULL, WORDS_NO_ROOT },
		{ "\n" ROOT "\n", "", ADD, NULL, WORDS_NO_ROOT },
		{ "# " ROOT "\n", "root=ZFS=rpool/ROOT/pve-1", "", NULL, WORDS_NO_WAY },
		{ "\"" ROOT "\"\n", "", ADD, NULL, WORDS_NO_ROOT },
		{ "\xef\xbb\xbf" ROOT "\n", "", ADD, NULL, WORDS_NO_ROOT },
		{ "quiet -- " ROOT "\n", "", ADD, NULL, WORDS_NO_ROOT },
		{ ROOT "\n", "iommu=off", "", NULL, WORDS_NOT_THERE },
		{ ROOT " \"iommu=off\"\n", "iommu=off", "", NULL, WORDS_NOT_THERE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct settings_texts texts = { .count = 0 };
		struct words_edit edit;
		struct word_change change;
		snprintf(change.old, sizeof(change.old), "%s", lines[i].old);
		snprintf(change.new, sizeof(change.new), "%s", lines[i].new);
		put_text(&texts, "etc/kernel/cmdline", lines[i].before);
		const struct words_task task = {
			.texts = &texts, .changes = &change, .count = 1, .running = "root=/dev/sda1 quiet"
		};
		assert_int_equal(words_edit_line(&edit, &task), 0);
		const char *after = after_of(&edit, "etc/kernel/cmdline");
		if (edit.trouble != lines[i].trouble || !same(after, lines[i].after))
			fail_msg("'%s': '%s', trouble %d", lines[i].before ? lines[i].before : "-", after ? after : "-",
				 (int)edit.trouble);
		words_edit_free(&edit);
		settings_texts_free(&texts);
	}
}

// A command line that the kernel would cut.
static void too_long(void **state)
{
	(void)state;
	char text[2100] = "root=/dev/sda1 ";
	struct settings_texts texts = { .count = 0 };
	struct words_edit edit;
	memset(text + strlen(text), 'x', 2030);
	put_text(&texts, "etc/kernel/cmdline", text);
	const struct words_task task = { .texts = &texts, .changes = &add, .count = 1, .running = "" };
	assert_int_equal(words_edit_line(&edit, &task), 0);
	assert_equal(edit.trouble, WORDS_TOO_LONG);
	assert_int_equal(edit.count, 0);
	words_edit_free(&edit);
	settings_texts_free(&texts);
}

static void words(void **state)
{
	(void)state;
	const struct word_change *missing;
	static const struct word_change changes[] = { { "a b", "c" }, { "", "new" } };
	CLEANUP_FREE char *before = words_of_line("x a b a b=\"q r\" -- a b new");
	assert_string_equal(before, "x\na\nb\na\nb=q r\n--\na\nb\nnew\n");
	assert_true(words_have(before, "a b"));
	assert_false(words_have(before, "new"));
	CLEANUP_FREE char *after = words_change(before, changes, 2, &missing);
	assert_string_equal(after, "x\nc\na\nb=q r\n--\nc\nnew\n");
	assert_null(missing);
	assert_true(words_are("x\nc\na\nnew\nb=q r\n--\nc\nnew\n", after, changes, 2));
	assert_false(words_are("x\nc\na\nb=q r\n--\nc\nnew\nnew\n", after, changes, 2));
	assert_false(words_are("x\nc\na\nnew\n--\nc\nnew\n", after, changes, 2));
	assert_false(words_are(after, after, changes, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grub), cmocka_unit_test(dropin_names), cmocka_unit_test(in_place),
		cmocka_unit_test(line), cmocka_unit_test(too_long),     cmocka_unit_test(words),
	};
	return run_group(tests);
}
