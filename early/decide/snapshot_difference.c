// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/snapshot_difference.h"

#include "base/util.h"
#include "decide/sriov/vf_plan.h"

#define SHOWN_MAX 4

struct differences {
	struct finding *finding;
	unsigned count;
};

// One that is told with values of its own, unless there are too many: false then.
static bool begin(struct differences *differences, enum cause part)
{
	if (differences->count++ >= SHOWN_MAX)
		return false;
	finding_open(differences->finding, VALUE_DIFFERENCES, part);
	return true;
}

// before and now: "" where the part says neither.
static void differ(struct differences *differences, enum cause part, const struct wanted *item, const char *before,
		   const char *now)
{
	if (!begin(differences, part))
		return;
	finding_value(differences->finding, VALUE_UUID, "%s", item->uuid);
	finding_value(differences->finding, VALUE_SOURCE, "%s", item->source);
	finding_value(differences->finding, VALUE_BEFORE, "%s", before);
	finding_value(differences->finding, VALUE_NOW, "%s", now);
	finding_close(differences->finding);
}

static const struct wanted *find(const struct wanted_list *list, const char *uuid)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].uuid, uuid))
			return &list->items[i];
	return NULL;
}

static bool same_parents(const struct wanted *one, const struct wanted *other)
{
	if (!streq(one->parent, other->parent) || one->other_count != other->other_count)
		return false;
	for (size_t i = 0; i < one->other_count; i++)
		if (!streq(one->others[i], other->others[i]))
			return false;
	return true;
}

static bool same_modules(const struct settings *one, const struct settings *other)
{
	if (one->module_count != other->module_count)
		return false;
	for (size_t i = 0; i < one->module_count; i++)
		if (!streq(one->modules[i], other->modules[i]))
			return false;
	return true;
}

static void compare_wanted(struct differences *differences, const struct wanted_list *had,
			   const struct wanted_list *today)
{
	for (size_t i = 0; i < today->count; i++) {
		const struct wanted *item = &today->items[i], *old = find(had, item->uuid);
		if (!old)
			differ(differences, PART_WANTED_ADDED, item, "", "");
		else if (!streq(old->type, item->type))
			differ(differences, PART_WANTED_OTHER_TYPE, item, old->type, item->type);
		else if (!same_parents(old, item))
			differ(differences, PART_WANTED_OTHER_PARENT, item, "", "");
	}
	for (size_t i = 0; i < had->count; i++)
		if (!find(today, had->items[i].uuid))
			differ(differences, PART_WANTED_REMOVED, &had->items[i], "", "");
}

static void compare_settings(struct differences *differences, const struct settings *had, const struct settings *today)
{
	if (had->deadline_s != today->deadline_s && begin(differences, PART_OTHER_DEADLINE)) {
		finding_value(differences->finding, VALUE_BEFORE, "%u", had->deadline_s);
		finding_value(differences->finding, VALUE_NOW, "%u", today->deadline_s);
		finding_close(differences->finding);
	}
	if (!same_modules(had, today) && begin(differences, PART_OTHER_MODULES))
		finding_close(differences->finding);
}

static bool is_claimed(const struct whole_gpu_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (streq(list->items[i].address, address))
			return true;
	return false;
}

// VFs that guests did not want yet. One that nobody wants any more does no harm.
static void compare_vfs(struct differences *differences, const struct host *host, const struct whole_gpu_list *had,
			const struct whole_gpu_list *today)
{
	for (size_t i = 0; i < today->count; i++) {
		const struct whole_gpu *claim = &today->items[i];
		if (!vf_is_claimed(host, claim) || is_claimed(had, claim->address) ||
		    !begin(differences, PART_VF_ADDED))
			continue;
		finding_value(differences->finding, VALUE_ADDRESS, "%s", claim->address);
		finding_value(differences->finding, VALUE_SOURCE, "%s", claim->source);
		finding_close(differences->finding);
	}
}

static bool same_wishes(const struct sriov_wish_list *one, const struct sriov_wish_list *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (!streq(one->items[i].device, other->items[i].device) || one->items[i].vfs != other->items[i].vfs ||
		    one->items[i].host != other->items[i].host || one->items[i].fair != other->items[i].fair)
			return false;
	return true;
}

unsigned snapshot_difference(const struct config *had, const struct config *today, const struct host *host,
			     struct finding *finding)
{
	struct differences differences = { .finding = finding };
	compare_wanted(&differences, &had->wanted, &today->wanted);
	compare_vfs(&differences, host, &had->claims, &today->claims);
	if (!same_wishes(&had->sriov, &today->sriov) && begin(&differences, PART_OTHER_SRIOV))
		finding_close(finding);
	compare_settings(&differences, &had->settings, &today->settings);
	if (differences.count > SHOWN_MAX)
		finding_value(finding, VALUE_MORE, "%u", differences.count - SHOWN_MAX);
	return differences.count;
}
