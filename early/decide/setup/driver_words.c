// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/driver_words.h"

#include <stdio.h>

#include "decide/sriov/vf_plan.h"

#define TOTAL_USUAL 7 // VFs of every integrated GPU, the only ones that i915 splits

struct search {
	const struct host *host;
	struct word_change *items;
	size_t count;
};

static struct word_change *add(struct search *search, const struct cmdline_word *instead)
{
	struct word_change *change = &search->items[search->count++];
	*change = (struct word_change){ .old = "" };
	if (instead)
		snprintf(change->old, sizeof(change->old), "%s%s%s", instead->name, instead->value ? "=" : "",
			 instead->value ? instead->value : "");
	return change;
}

// i915's option as the boot has it, which the kernel command line says, or else modprobe.d; -1 where neither does, or
// what is said is no number.
static long option_of(const struct search *search, const char *word, const struct cmdline_word **ret_word)
{
	size_t length = 0;
	*ret_word = cmdline_last(&search->host->cmdline, word);
	const char *option = module_option_value(search->host->i915_policy.options, strchr(word, '.') + 1, &length);
	const char *value = *ret_word ? (*ret_word)->value : option;
	char *end;
	long number = value ? strtol(value, &end, 0) : -1;
	return value && end > value ? number : -1;
}

// i915 of the package makes no VFs without the GuC's submission (bit 0), and not more than max_vfs. max_vfs=0 is the
// admin's no.
static void find_options(struct search *search, const struct gpu *gpu, unsigned wanted)
{
	const struct cmdline_word *said;
	int total = search->host->sriov.gpus[gpu - search->host->gpus.items].total;
	unsigned most = total > TOTAL_USUAL ? (unsigned)total : TOTAL_USUAL; // max_vfs lowers what it says
	long guc = option_of(search, "i915.enable_guc", &said);
	if (guc < 0 || !(guc & 1))
		strcpy(add(search, said)->new, "i915.enable_guc=3");
	long vfs = option_of(search, "i915.max_vfs", &said);
	if (vfs < 0 || (unsigned long)vfs < wanted) {
		struct word_change *change = add(search, said);
		snprintf(change->new, sizeof(change->new), "i915.max_vfs=%u", most > wanted ? most : wanted);
	}
}

// One more item of a list, after those that are said.
static void add_item(struct search *search, const char *name, const char *item)
{
	const struct cmdline_word *said = cmdline_last(&search->host->cmdline, name);
	struct word_change *change = add(search, said);
	if (said && said->value && *said->value)
		snprintf(change->new, sizeof(change->new), "%.120s,%.16s", change->old, item);
	else
		snprintf(change->new, sizeof(change->new), "%.120s=%.16s", name, item);
}

// xe takes the GPU only if it is told to, and i915 takes it before.
static void find_probe(struct search *search, const struct gpu *gpu)
{
	const struct cmdline_word *said;
	char item[16];
	if (!gpu_is_forced(search->host, gpu, &said)) {
		snprintf(item, sizeof(item), "%04x", gpu->device_id);
		add_item(search, "xe.force_probe", item);
	}
	if (!gpu_is_barred(search->host, gpu, WAY_I915)) {
		snprintf(item, sizeof(item), "!%04x", gpu->device_id);
		add_item(search, "i915.force_probe", item);
	}
}

size_t driver_words_lacking(struct word_change ret[static DRIVER_WORDS_MAX], const struct host *host,
			    const struct config *config, const struct gpu *gpu, const struct gpu_way *way)
{
	struct search search = { .host = host, .items = ret };
	if (way->way == WAY_I915)
		find_options(&search, gpu, vf_plan_wanted(host, config, gpu));
	else if (way->way == WAY_XE && way->forced)
		find_probe(&search, gpu);
	return search.count;
}
