// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/setup_needs.h"

#include <errno.h>
#include <stdio.h>

#include "decide/check/check.h"
#include "decide/check/near_miss.h"
#include "decide/setup/driver_words.h"
#include "decide/iommu_rules.h"
#include "decide/sriov/vf_plan.h"

#define IOMMU_WORD "intel_iommu=on"
#define GVT_NAME   "i915.enable_gvt"

struct search {
	const struct facts *facts;
	struct setup_needs *needs;
	struct facts later; // the host as a boot with these words finds it
	struct cmdline words;
	const char *text; // the same
};

// What a need is put into.
static struct need *new_need(struct search *search, enum need_why why, const char *old)
{
	struct need *need = &search->needs->items[search->needs->count++];
	*need = (struct need){ .why = why };
	snprintf(need->change.old, sizeof(need->change.old), "%s", old);
	return need;
}

static void need_word(struct search *search, enum need_why why, const char *old, const char *new)
{
	struct need *need = new_need(search, why, old);
	snprintf(need->change.new, sizeof(need->change.new), "%s", new);
}

static void put_word(const struct cmdline_word *word, char ret[static WORD_CHANGE_SIZE])
{
	snprintf(ret, WORD_CHANGE_SIZE, "%s%s%s", word->name, word->value ? "=" : "", word->value ? word->value : "");
}

//
// VT-d
//

// Of all kernels that may boot: one that does not counts more than one that is not known, and that more than all
// others.
static void judge_kernels(struct setup_needs *needs, const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	static const int weight[] = { [DEFAULT_OFF] = 2, [DEFAULT_UNKNOWN] = 1, [DEFAULT_ON] = 0 };
	int heaviest = -1;
	for (size_t i = 0; i < next->kernel_count; i++) {
		enum iommu_default by_itself = iommu_default_of(facts, &next->kernels[i]);
		if (weight[by_itself] <= heaviest)
			continue;
		heaviest = weight[by_itself];
		needs->iommu = by_itself;
		needs->iommu_spares = iommu_default_spares(facts, &next->kernels[i]);
		strcpy(needs->kernel, next->kernels[i].release);
	}
	if (heaviest >= 0)
		return;
	snprintf(needs->kernel, sizeof(needs->kernel), "%s", facts->host.release);
	needs->iommu = facts->host.iommu.amd ||
			(facts->host.iommu.unit[0] && !cmdline_last(&facts->host.cmdline, "intel_iommu"))
		? DEFAULT_ON
		: DEFAULT_UNKNOWN;
}

// A list without an item; "" when nothing is left of it.
static void without_item(const struct cmdline_word *word, const char *item, char ret[static WORD_CHANGE_SIZE])
{
	size_t used = 0;
	ret[0] = '\0';
	for (const char *at = word->value ? word->value : ""; *at; at += strcspn(at, ","), at += *at == ',') {
		int length = (int)strcspn(at, ",");
		if ((size_t)length == strlen(item) && strncmp(at, item, (size_t)length) == 0)
			continue;
		if (used == 0)
			used = (size_t)snprintf(ret, WORD_CHANGE_SIZE, "%s=%.*s", word->name, length, at);
		else if (used < WORD_CHANGE_SIZE)
			used += (size_t)snprintf(ret + used, WORD_CHANGE_SIZE - used, ",%.*s", length, at);
	}
}

// "iommu=off" goes; "intel_iommu=off" becomes what is needed, or goes.
static void need_not_off(struct search *search, const struct cmdline_word *word, const char *item, enum need_why why)
{
	struct need *need;
	char old[WORD_CHANGE_SIZE];
	put_word(word, old);
	need = new_need(search, why, old);
	without_item(word, item, need->change.new);
	if (!need->change.new[0] && names_equal(word->name, "intel_iommu") && search->needs->iommu != DEFAULT_ON)
		snprintf(need->change.new, sizeof(need->change.new), IOMMU_WORD);
}

static bool find_iommu(struct search *search)
{
	const char *item;
	const bool amd = search->facts->host.iommu.amd;
	const struct iommu off = { .dmar_table = !amd, .amd = amd, .ivrs_table = amd, .sysfs_found = true };
	struct finding finding;
	struct near_miss miss;
	char right[WORD_CHANGE_SIZE];
	enum iommu_state state = iommu_judge(&finding, &off, &search->words);
	search->needs->iommu_said = state == IOMMU_REFUSED && !amd; // though asked for
	if (!search->needs->iommu_wanted)
		return false;
	const struct cmdline_word *excluding =
		check_is_sriov(search->facts) ? iommu_excludes_gpu(&search->words, &item) : NULL;
	if (excluding) {
		need_not_off(search, excluding, item, NEED_NOT_FOR_GPU);
		return true;
	}
	if (state == IOMMU_OFF_BY_PARAMETER && finding.word) {
		need_not_off(search, finding.word, "off", NEED_NOT_OFF);
		return true;
	}
	if (state == IOMMU_REFUSED || search->needs->iommu == DEFAULT_ON)
		return false;
	if (near_miss_find(&miss, &search->words, "intel_iommu", "on") &&
	    near_miss_right(&miss, IOMMU_WORD, right, sizeof(right)))
		need_word(search, NEED_SPELLING, miss.word, right);
	else
		need_word(search,
			  search->needs->iommu_spares                   ? NEED_IOMMU_GPU
				  : search->needs->iommu == DEFAULT_OFF ? NEED_IOMMU
									: NEED_IOMMU_UNKNOWN,
			  "", IOMMU_WORD);
	return true;
}

//
// GVT-g
//

// Where gvt-early loads the driver from the initrd it sets its options by itself.
static bool is_early(const struct facts *facts)
{
	const struct next_boot *next = facts->next;
	return check_boots_early(facts, next->kernel_count > 0 ? &next->kernels[0] : NULL);
}

static bool find_gvt(struct search *search)
{
	size_t length;
	struct near_miss miss;
	char right[WORD_CHANGE_SIZE];
	const struct cmdline_word *word = cmdline_last(&search->words, GVT_NAME);
	const char *option = module_option_value(search->later.host.i915_policy.options, "enable_gvt", &length);
	const struct host *host = &search->later.host;
	if (search->needs->way.way != WAY_GVT)
		return false;
	bool without = host->i915_policy.foreign && host->gvt.i915_gvt == 0; // it has no GVT-g to be switched on
	if (is_early(search->facts) || without || (word && kernel_bool(word->value) == 1) ||
	    (!word && option && kernel_bool(option) == 1))
		return false;
	if (word && kernel_bool(word->value) == 0)
		return false; // it forbids it
	if (near_miss_find(&miss, &search->words, GVT_NAME, "1") &&
	    near_miss_right(&miss, GVT_NAME "=1", right, sizeof(right)))
		need_word(search, NEED_SPELLING, miss.word, right);
	else
		need_word(search, NEED_GVT, "", GVT_NAME "=1");
	return true;
}

static void leave(struct search *search, const struct finding *finding)
{
	struct setup_needs *needs = search->needs;
	for (size_t i = 0; i < needs->left_count; i++)
		if (streq(needs->left[i].name, finding->name))
			return;
	if (needs->left_count < LEFT_MAX) {
		needs->left[needs->left_count] = *finding;
		needs->left[needs->left_count++].word = NULL; // it goes with the words
	}
}

//
// SR-IOV
//

static const struct gpu *sriov_gpu(const struct search *search)
{
	return vf_plan_gpu(&search->later.host, &search->later.config);
}

// What udev's drivers have to be told, where the initrd does not have gvt-early before them.
static bool find_driver(struct search *search)
{
	const struct gpu *gpu = sriov_gpu(search);
	const struct gpu_way *way = &search->needs->way;
	struct word_change changes[DRIVER_WORDS_MAX];
	if (is_early(search->facts) || !way_is_sriov(way->way))
		return false;
	const struct sriov_needs *needs = sriov_driver_needs(&search->later.host.sriov.drivers, way->way == WAY_XE,
							     (size_t)(gpu - search->later.host.gpus.items));
	if (needs->there <= 0 && needs->file) { // it would give the GPU up
		struct gpu_way lacking = *way;
		gpu_way_tell_firmware(&lacking, gpu);
		leave(search, &lacking.finding);
		return false;
	}
	if (driver_words_lacking(changes, &search->later.host, &search->later.config, gpu, way) == 0)
		return false;
	need_word(search, NEED_DRIVER, changes[0].old, changes[0].new); // the others are found with that one there
	return true;
}

//
// What stands against it
//

// Words that may be changed: the others tell what their admin wants with this host, or with this GPU.
static bool is_ours(const char *name)
{
	static const char *const names[] = { "nomodeset",        "i915.modeset",       "i915.enable_gvt",
					     "module_blacklist", "modprobe.blacklist", "rd.driver.blacklist" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names_equal(name, names[i]))
			return true;
	return false;
}

// Returns false of what is left as it is.
static bool need_without(struct search *search, const struct finding *finding)
{
	char old[WORD_CHANGE_SIZE];
	if (!finding->word || !is_ours(finding->word->name)) {
		leave(search, finding);
		return false;
	}
	put_word(finding->word, old);
	struct need *need = new_need(search, NEED_NOT_FORBIDDEN, old);
	if (finding->item[0])
		without_item(finding->word, finding->item, need->change.new);
	return true;
}

static bool find_forbidding(struct search *search)
{
	struct gpu_way *way = &search->needs->way;
	struct finding finding;
	for (enum host_requirement i = REQUIRE_BOOT; check_forbids(&search->later, &i, &finding); i++)
		if (need_without(search, &finding))
			return true;
	*way = (struct gpu_way){ .way = WAY_GVT };
	if (!check_is_sriov(search->facts))
		return false;
	gpu_way_choose(way, &search->later.host, sriov_gpu(search));
	bool found = way->admin && need_without(search, &way->finding);
	way->finding.word = NULL; // it goes with the words
	return found;
}

//
// All of it
//

// The words as a line again, for who reads such lines.
static char *line_of(const char *words)
{
	size_t length;
	char *text = NULL;
	FILE *to = open_memstream(&text, &length);
	for (const char *at = words; to && *at; at += strcspn(at, "\n") + 1) {
		int n = (int)strcspn(at, "\n"), name = (int)strcspn(at, "=\n") + 1;
		if (!memchr(at, ' ', (size_t)n) || n < name)
			fprintf(to, "%.*s ", n, at);
		else
			fprintf(to, "%.*s\"%.*s\" ", name, at, n - name, at + name);
	}
	if (!to || fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

// One more need of a host with these words. Returns 1, 0 when there is none, or a negative errno.
static int find_next(struct search *search)
{
	const struct next_boot *next = search->facts->next;
	CLEANUP_FREE char *line = line_of(search->text);
	if (!line || cmdline_parse(&search->words, line) < 0)
		return -ENOMEM;
	check_take_later(&search->later, search->facts, next->kernel_count > 0 ? &next->kernels[0] : NULL,
			 &search->words);
	search->needs->left_count = 0;
	int found = search->needs->count < NEEDS_MAX &&
		(find_forbidding(search) || find_iommu(search) || find_gvt(search) || find_driver(search));
	cmdline_free(&search->words);
	return found;
}

// With what was found.
static char *with_need(const char *words, const struct word_change *change)
{
	const struct word_change *missing;
	char *text = words_change(words, change, 1, &missing), *more = NULL;
	if (!text || change->old[0])
		return text;
	// Before the words for init, if there are any.
	size_t kernel = words_kernel_part(text);
	if (asprintf(&more, "%.*s%s\n%s", (int)kernel, text, change->new, text + kernel) < 0)
		more = NULL;
	free(text);
	return more;
}

int setup_needs_find(struct setup_needs *needs, const struct facts *facts, const char *words)
{
	CLEANUP_FREE struct search *search = calloc(1, sizeof(*search));
	char *text = strdup(words);
	int r = search && text ? 1 : -ENOMEM;
	*needs = (struct setup_needs){ .iommu_wanted = judge_needs_iommu(&facts->config) || facts->next->esps.found ||
					       check_is_sriov(facts) };
	judge_kernels(needs, facts);
	while (r > 0) {
		search->facts = facts;
		search->needs = needs;
		search->text = text;
		r = find_next(search);
		if (r <= 0)
			break;
		char *more = with_need(text, &needs->items[needs->count - 1].change);
		bool same = more && streq(more, text);
		free(text);
		text = more;
		if (!more)
			r = -ENOMEM;
		else if (same)
			break; // a word that cannot be taken out here
	}
	free(text);
	return r < 0 ? r : 0;
}

bool setup_needs_met(const char *words, const struct word_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((changes[i].new[0] && !words_have(words, changes[i].new)) ||
		    (changes[i].old[0] && words_have(words, changes[i].old)))
			return false;
	return true;
}
