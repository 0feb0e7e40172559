// SPDX-License-Identifier: GPL-2.0-or-later
// The old way: the fixes of check_fix.c as text.
#include "decide/check/check_fix.h"

#include <stdio.h>

#include "decide/words.h"

static struct finding *none(void)
{
	static _Thread_local struct finding finding;
	finding_make(&finding, "", SEVERITY_OK, CAUSE_XEN);
	return &finding;
}

static const char *text_of(const struct finding *finding, char *ret, size_t size)
{
	ret[0] = '\0';
	return finding_has(finding, VALUE_FIX) ? finding_fix(finding, ret, size) : ret;
}

const char *cure_apply(const struct cure_of *of, char *ret, size_t size)
{
	return cure_apply_behind(of, "", ret, size);
}

const char *cure_apply_behind(const struct cure_of *of, const char *place, char *ret, size_t size)
{
	struct finding *finding = none();
	fix_apply_behind(of, place, finding, JOINT_NONE);
	return text_of(finding, ret, size);
}

const char *cure_add(const struct cure_of *of, const char *what, char *ret, size_t size)
{
	struct finding *finding = none();
	fix_add(of, what, finding, JOINT_NONE);
	return text_of(finding, ret, size);
}

const char *cure_remove(const struct cure_of *of, const struct cmdline_word *word, const char *item, char *ret, size_t size)
{
	struct finding *finding = none();
	fix_remove(of, word, item, finding, JOINT_NONE);
	return text_of(finding, ret, size);
}

const char *cure_write(const struct cure_of *of, const char *right, const struct cmdline_word *word, char *ret, size_t size)
{
	struct finding *finding = none();
	fix_write(of, right, word, finding, JOINT_NONE);
	return text_of(finding, ret, size);
}

const char *cure_modprobe(const struct cure_of *of, const char *command, const char *module, const char *option, const char *item, char *ret,
			  size_t size)
{
	struct finding *finding = none();
	(void)fix_modprobe(of, command, module, option, item, finding, JOINT_NONE);
	return text_of(finding, ret, size);
}

const char *cure_mend(const struct facts *facts, const char *place, char *ret, size_t size)
{
	struct finding *finding = none();
	char text[CURE_SIZE];
	(void)fix_mend(facts, place, finding, JOINT_NONE);
	text_of(finding, text, sizeof(text));
	snprintf(ret, size, "%s%s", text, text[0] ? ", " : "");
	return ret;
}

void cure_say_failure(const struct facts *facts, const struct shell_trouble *failure, char *ret, size_t size)
{
	struct finding *finding = none();
	fix_add_failure(facts, failure, finding, VALUE_REASON);
	finding->cause = PART_FAILURE;
	finding_seen(finding, ret, size);
}
