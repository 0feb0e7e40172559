// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of what is wanted: room for it, the instances themselves, the guests that use them; and what makes
// them at boot.
#include <errno.h>

#include "base/build.h"
#include "decide/absence.h"
#include "decide/check/check.h"
#include "decide/gvt_capacity.h"
#include "decide/initrd_fit.h"
#include "decide/snapshot_difference.h"
#include "read/config/wanted_sources.h"

#define LINE_SIZE 160 // of the kernel log
#define SHOWN_MAX 3   // of a list

static const unsigned apertures_mib[] = { 256, 512, 1024, 2048 };

// "guest 105 (/etc/pve/...:3)", or the UUID where it is no guest's.
static void add_owner(struct finding *finding, enum value value, const struct wanted *wanted)
{
	unsigned vmid, index;
	bool guest = wanted_is_guest(wanted->uuid, &vmid, &index);
	finding_open(finding, value, guest ? PART_OWNER_GUEST : PART_OWNER_UUID);
	if (guest)
		finding_value(finding, VALUE_VMID, "%u", vmid);
	finding_value(finding, VALUE_UUID, "%s", wanted->uuid);
	finding_value(finding, VALUE_SOURCE, "%s", wanted->source);
	finding_close(finding);
}

// Begins what is told of an instance by what the plan has found of it.
static void begin_planned(struct finding *finding, const struct planned_instance *item, enum cause cause)
{
	*finding = item->finding;
	finding_wrap(finding, item->finding.name, cause);
	finding_value(finding, VALUE_SOURCE, "%s", item->wanted->source);
	add_owner(finding, VALUE_OWNER, item->wanted);
}

// How many vGPUs of a type a GPU would have if its aperture were another.
static unsigned would_give(const struct gpu *gpu, unsigned aperture_mib, const char *type)
{
	struct gpu other = *gpu;
	struct capacity_use use = { .count = 0 };
	other.aperture = aperture_mib * MIB;
	while (capacity_fits(&other, &use, type))
		capacity_take(&use, type);
	return use.count;
}

// How many of the wanted would fit, in their order.
static size_t would_fit(const struct facts *facts, const struct gpu *gpu, unsigned aperture_mib)
{
	struct gpu other = *gpu;
	struct capacity_use use = { .count = 0 };
	size_t fit = 0;
	other.aperture = aperture_mib * MIB;
	for (size_t i = 0; i < facts->config.wanted.count; i++) {
		const char *type = facts->config.wanted.items[i].type;
		struct capacity_need need;
		if (!capacity_of_type(type, &need) || !capacity_fits(&other, &use, type))
			continue;
		capacity_take(&use, type);
		fit++;
	}
	return fit;
}

static void tell_small(struct check *check, const struct gpu *gpu, const struct planned_instance *item)
{
	struct capacity_need need;
	struct finding finding;
	const char *type = item->wanted->type;
	if (!capacity_of_type(type, &need))
		return;
	check_begin(&finding, "aperture-small", CAUSE_APERTURE_SMALL);
	finding_value(&finding, VALUE_TYPE, "%s", type);
	add_owner(&finding, VALUE_OWNER, item->wanted);
	finding_value(&finding, VALUE_NEEDED, "%u", capacity_min_aperture_mib(&need));
	finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(&finding, VALUE_APERTURE, "%u", (unsigned)(gpu->aperture / MIB));
	for (size_t i = 0; i < ARRAY_SIZE(apertures_mib); i++) {
		finding_open(&finding, VALUE_SIZES, PART_SIZE);
		finding_value(&finding, VALUE_APERTURE, "%u", apertures_mib[i]);
		finding_value(&finding, VALUE_COUNT, "%u", would_give(gpu, apertures_mib[i], type));
		finding_close(&finding);
	}
	check_take(check, CHECK_ROOM, &finding);
}

// Whether an instance takes of the GPU's room, is wanted by nobody, and stays there with this plan.
static bool is_in_the_way(const struct facts *facts, const struct plan *plan, const struct gpu *gpu,
			  const struct instance *there)
{
	if (!streq(there->parent, gpu->address))
		return false;
	for (size_t i = 0; i < plan->removal_count; i++)
		if (streq(plan->removals[i].instance.uuid, there->uuid))
			return false;
	for (size_t i = 0; i < facts->config.wanted.count; i++)
		if (streq(facts->config.wanted.items[i].uuid, there->uuid))
			return false;
	return true;
}

// "UUID (i915-GVTg_V5_8, 64 MiB of aperture, not in use)"
static void add_held(struct finding *finding, const struct instance *there)
{
	static const enum cause uses[] = {
		[USE_NONE] = PART_UNUSED,
		[USE_OPEN] = PART_USED_BY,
		[USE_UNKNOWN] = PART_USE_UNKNOWN,
	};
	struct capacity_need need = { .low_mib = 0 };
	bool sized = capacity_of_type(there->type, &need);
	finding_open(finding, VALUE_HELD, PART_HELD);
	finding_value(finding, VALUE_UUID, "%s", there->uuid);
	finding_value(finding, VALUE_TYPE, "%s", sized ? there->type : "");
	finding_value(finding, VALUE_LOW, "%u", need.low_mib);
	finding_part(finding, VALUE_USE, uses[there->use]);
	finding_value(finding, VALUE_USER, "%s", there->use == USE_OPEN ? there->user : "");
	finding_close(finding);
}

// How it goes.
static void add_removal(struct finding *finding, const struct instance *there)
{
	unsigned vmid = 0, index;
	bool guest = wanted_is_guest(there->uuid, &vmid, &index);
	if (there->use == USE_NONE) {
		fix_run(finding, JOINT_COMMA, "echo 1 >/sys/bus/mdev/devices/%s/remove", there->uuid);
		return;
	}
	finding_open_step(finding, JOINT_COMMA,
			  there->use != USE_OPEN ? FIX_REMOVE_UNUSED
				  : guest        ? FIX_SHUT_DOWN
						 : FIX_STOP_USER);
	finding_value(finding, VALUE_UUID, "%s", there->uuid);
	finding_value(finding, VALUE_VMID, "%u", vmid);
	finding_value(finding, VALUE_USER, "%s", there->use == USE_OPEN ? there->user : "");
	finding_close(finding);
}

static bool has_no_room(const struct planned_instance *item)
{
	return item->finding.name && streq(item->finding.name, "capacity");
}

// Those for which there is no room.
static void add_losers(struct finding *finding, const struct plan *plan)
{
	size_t lost = 0;
	for (size_t i = 0; i < plan->instance_count; i++)
		if (has_no_room(&plan->instances[i]) && lost++ < SHOWN_MAX)
			add_owner(finding, VALUE_LOSERS, plan->instances[i].wanted);
	if (lost > SHOWN_MAX)
		finding_value(finding, VALUE_LOSERS_MORE, "%zu", lost - SHOWN_MAX);
}

// All that is wanted would fit, but what nobody wants holds the room. False when it is not so.
static bool tell_in_the_way(struct check *check, const struct facts *facts, const struct plan *plan,
			    const struct gpu *gpu)
{
	struct finding finding;
	size_t count = 0;
	check_begin(&finding, "capacity", CAUSE_ROOM_HELD);
	add_losers(&finding, plan);
	for (size_t i = 0; i < facts->host.instances.count; i++) {
		const struct instance *there = &facts->host.instances.items[i];
		if (!is_in_the_way(facts, plan, gpu, there) || count++ >= SHOWN_MAX)
			continue;
		add_held(&finding, there);
		add_removal(&finding, there);
	}
	if (count == 0)
		return false;
	fix_run(&finding, JOINT_THEN, "gvt-early apply");
	finding_value(&finding, VALUE_COUNT, "%zu", count);
	finding_flag(&finding, VALUE_MORE, count > SHOWN_MAX);
	check_take(check, CHECK_ROOM, &finding);
	return true;
}

// The smallest aperture with which most of the wanted would fit, and how many; 0 when none is better than what is.
static unsigned best_aperture(const struct facts *facts, const struct gpu *gpu, size_t fit, size_t *ret_fit)
{
	unsigned best = 0;
	*ret_fit = fit;
	for (size_t i = 0; i < ARRAY_SIZE(apertures_mib); i++) {
		size_t there = would_fit(facts, gpu, apertures_mib[i]);
		if (there <= *ret_fit)
			continue;
		*ret_fit = there;
		best = apertures_mib[i];
	}
	return best;
}

static void tell_large(struct check *check, const struct plan *plan, unsigned aperture, unsigned hidden, size_t fit)
{
	struct finding finding;
	check_begin(&finding, "aperture-large", CAUSE_APERTURE_LARGE);
	finding_value(&finding, VALUE_APERTURE, "%u", aperture);
	finding_value(&finding, VALUE_HIGH, "%u", hidden);
	finding_value(&finding, VALUE_HOST_HIGH, "%u", capacity_host.high_mib);
	finding_value(&finding, VALUE_FIT, "%zu", fit);
	finding_value(&finding, VALUE_COUNT, "%zu", plan->instance_count);
	add_losers(&finding, plan);
	check_take(check, CHECK_ROOM, &finding);
}

static unsigned beyond(unsigned total, unsigned host)
{
	return total > host ? total - host : 0;
}

// What does not fit beside the rest.
static void tell_room(struct check *check, const struct facts *facts, const struct plan *plan)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	struct capacity_use all = { .count = 0 };
	struct finding finding;
	unsigned aperture = (unsigned)(gpu->aperture / MIB);
	unsigned hidden = gpu->ggtt > gpu->aperture ? (unsigned)((gpu->ggtt - gpu->aperture) / MIB) : 0;
	size_t fit = would_fit(facts, gpu, aperture), most;
	if (fit == plan->instance_count && tell_in_the_way(check, facts, plan, gpu))
		return;
	if (aperture > 1024 && would_fit(facts, gpu, 1024) > fit) {
		tell_large(check, plan, aperture, hidden, would_fit(facts, gpu, 1024));
		return;
	}
	for (size_t i = 0; i < plan->instance_count; i++)
		capacity_take(&all, plan->instances[i].wanted->type);
	unsigned better = best_aperture(facts, gpu, fit, &most);
	check_begin(&finding, "capacity", CAUSE_WANTED_TOO_MUCH);
	finding_value(&finding, VALUE_COUNT, "%zu", plan->instance_count);
	finding_value(&finding, VALUE_TAKEN_LOW, "%u", all.taken.low_mib);
	finding_value(&finding, VALUE_LOW, "%u", beyond(aperture, capacity_host.low_mib));
	finding_value(&finding, VALUE_TAKEN_HIGH, "%u", all.taken.high_mib);
	finding_value(&finding, VALUE_HIGH, "%u", beyond(hidden, capacity_host.high_mib));
	finding_value(&finding, VALUE_MOST, "%d", CAPACITY_VGPUS_MAX);
	finding_value(&finding, VALUE_FENCES, "%u", 4 * all.count);
	add_losers(&finding, plan);
	if (better)
		finding_value(&finding, VALUE_APERTURE, "%u", better);
	finding_value(&finding, VALUE_FIT, "%zu", most);
	check_take(check, CHECK_ROOM, &finding);
}

static bool is_too_small(const struct gpu *gpu, const struct planned_instance *item)
{
	struct capacity_need need;
	return streq(item->finding.name, "aperture-small") ||
		(streq(item->finding.name, "capacity") && capacity_of_type(item->wanted->type, &need) &&
		 gpu->aperture / MIB < capacity_min_aperture_mib(&need));
}

void check_room(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	struct plan plan;
	bool full = false;
	if (check->items[CHECK_TYPES].status == CHECK_FAILED) {
		finding_value(check_is_skipped(check, CHECK_ROOM, CAUSE_REQUIREMENT_LACKS), VALUE_REQUIREMENT, "%s",
			      check->items[CHECK_TYPES].name);
		return;
	}
	if (plan_make_room(&plan, host, &facts->config) < 0) {
		check->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < plan.instance_count; i++) {
		const struct planned_instance *item = &plan.instances[i];
		struct finding finding;
		if (!item->finding.name || streq(item->finding.name, "instance-conflict"))
			continue;
		if (is_too_small(gpu, item)) {
			tell_small(check, gpu, item);
		} else if (streq(item->finding.name, "type-unknown")) {
			begin_planned(&finding, item, CAUSE_OWNER_TYPE);
			check_take(check, CHECK_ROOM, &finding);
		} else if (streq(item->finding.name, "parent-wrong")) {
			begin_planned(&finding, item, CAUSE_OWNER_PARENT);
			finding_value(&finding, VALUE_GPU, "%s", gpu->address);
			check_take(check, CHECK_ROOM, &finding);
		} else {
			full = true;
		}
	}
	if (full)
		tell_room(check, facts, &plan);
	check_is_ok(check, CHECK_ROOM, plan.instance_count ? CAUSE_ROOM_ENOUGH : CAUSE_ROOM_UNNEEDED);
	plan_free(&plan);
}

// What became of an instance in this boot, by whoever looked last; NULL when nobody did.
static const struct past_run_instance *outcome_of(const struct facts *facts, const char *uuid)
{
	const struct past_run_instance *outcome = past_run_find(&facts->apply, uuid);
	return outcome ? outcome : past_run_find(&facts->boot, uuid);
}

// Who holds the memory that a vGPU would need in one piece.
static void add_holders(struct finding *finding, const struct facts *facts, const struct gpu *gpu)
{
	size_t count = 0;
	for (size_t i = 0; i < facts->host.instances.count; i++) {
		const struct instance *item = &facts->host.instances.items[i];
		unsigned vmid, index;
		if (!streq(item->parent, gpu->address) || count++ >= SHOWN_MAX)
			continue;
		if (!wanted_is_guest(item->uuid, &vmid, &index)) {
			finding_value(finding, VALUE_HOLDERS, "%s", item->uuid);
			continue;
		}
		finding_open(finding, VALUE_HOLDERS, PART_GUEST);
		finding_value(finding, VALUE_VMID, "%u", vmid);
		finding_close(finding);
	}
	if (count > SHOWN_MAX)
		finding_value(finding, VALUE_MORE, "%zu", count - SHOWN_MAX);
}

// Whether the driver has found no room since our own runs have ended, which report what they met themselves: for
// Proxmox VE then.
static bool met_no_room(const struct facts *facts, char ret_line[static LINE_SIZE])
{
	const struct past_run *runs[] = { &facts->boot, &facts->apply };
	uint64_t since_us = 0;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		uint64_t ended_us = runs[i]->finished_us ? runs[i]->finished_us : UINT64_MAX;
		if (runs[i]->json && ended_us > since_us)
			since_us = ended_us;
	}
	return kernel_log_last_since(&facts->log, "gm space from host", since_us, ret_line, LINE_SIZE);
}

bool check_is_fragmented(const struct facts *facts, const struct wanted *wanted, struct finding *finding)
{
	const struct past_run_instance *outcome = outcome_of(facts, wanted->uuid);
	char line[LINE_SIZE];
	bool failed = outcome && streq(outcome->result, "failed");
	if (failed ? !past_run_has_error(&outcome->why, ENOSPC) : !met_no_room(facts, line))
		return false;
	finding->error = failed ? ENOSPC : 0;
	if (failed)
		finding_part(finding, VALUE_SAID, PART_MAKING_FAILED);
	else
		finding_value(finding, VALUE_SAID, "%s", line);
	return true;
}

static bool tell_fragmented(struct check *check, const struct facts *facts, const struct wanted *wanted)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	const struct type_list *types = host_types(&facts->host, gpu->address);
	struct finding finding;
	check_begin(&finding, "gvt-fragmented", CAUSE_FRAGMENTED);
	if (!check_is_fragmented(facts, wanted, &finding))
		return false;
	add_owner(&finding, VALUE_OWNER, wanted);
	for (size_t i = 0; i < types->count; i++)
		if (streq(types->names[i], wanted->type) && facts->available[i] >= 0)
			finding_value(&finding, VALUE_COUNT, "%d", facts->available[i]);
	add_holders(&finding, facts, gpu);
	check_take(check, CHECK_INSTANCES, &finding);
	return true;
}

// An instance that is not there although it could be, and should be.
static void tell_missing(struct check *check, const struct facts *facts, const struct wanted *wanted,
			 const struct past_run_instance *outcome)
{
	struct finding finding;
	bool made = outcome && (streq(outcome->result, "created") || streq(outcome->result, "existing"));
	if (tell_fragmented(check, facts, wanted))
		return;
	check_begin(&finding, "instance-missing",
		    !outcome                     ? CAUSE_INSTANCE_MISSING
			    : made               ? CAUSE_INSTANCE_REMOVED
			    : outcome->detail[0] ? CAUSE_INSTANCE_FAILED
						 : CAUSE_INSTANCE_UNREACHED);
	add_owner(&finding, VALUE_OWNER, wanted);
	finding_value(&finding, VALUE_TYPE, "%s", wanted->type);
	finding_value(&finding, VALUE_DETAIL, "%s", outcome ? outcome->detail : "");
	check_take(check, CHECK_INSTANCES, &finding);
}

// No guest starts with a vGPU without these: the one that keeps any from starting, or NULL.
static const char *kept_off(const struct check *check)
{
	static const enum requirement needed[] = { CHECK_VTD, CHECK_IOMMU, CHECK_KVM };
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (check->items[needed[i]].status == CHECK_FAILED)
			return check->items[needed[i]].name;
	return NULL;
}

// Instances that come when their guests start.
struct awaited {
	struct finding finding;
	size_t count;
};

static void begin_awaited(struct awaited *awaited, enum cause cause)
{
	awaited->count = 0;
	check_begin(&awaited->finding, "instance-missing", cause);
}

static void await(struct awaited *awaited, const struct wanted *wanted)
{
	unsigned vmid = 0, index = 0;
	(void)wanted_is_guest(wanted->uuid, &vmid, &index);
	if (awaited->count++ >= SHOWN_MAX)
		return;
	finding_open(&awaited->finding, VALUE_GUESTS, PART_SLOT);
	finding_value(&awaited->finding, VALUE_VMID, "%u", vmid);
	finding_value(&awaited->finding, VALUE_SLOT, "%u", index);
	finding_close(&awaited->finding);
}

static void take_awaited(struct check *check, struct awaited *awaited)
{
	if (awaited->count == 0)
		return;
	finding_value(&awaited->finding, VALUE_COUNT, "%zu", awaited->count);
	finding_flag(&awaited->finding, VALUE_MORE, awaited->count > SHOWN_MAX);
	check_take_hint(check, CHECK_INSTANCES, &awaited->finding);
}

// How many instances are what.
struct instance_counts {
	size_t there, stopped, unfit;
};

static void tell_counts(struct check *check, const struct instance_counts *counts, size_t wanted)
{
	struct finding *said = check_is_ok(check, CHECK_INSTANCES,
					   wanted == 0                   ? CAUSE_INSTANCES_NONE
						   : counts->unfit > 0   ? CAUSE_INSTANCES_UNFIT
						   : counts->stopped > 0 ? CAUSE_INSTANCES_STOPPED
									 : CAUSE_INSTANCES_THERE);
	finding_value(said, VALUE_THERE, "%zu", counts->there);
	finding_value(said, VALUE_COUNT, "%zu", wanted);
	finding_value(said, VALUE_STOPPED, "%zu", counts->stopped);
}

static void tell_conflict(struct check *check, const struct planned_instance *item)
{
	struct finding finding;
	if (item->step == INSTANCE_CONFLICT) {
		begin_planned(&finding, item, CAUSE_OWNER_CONFLICT);
	} else {
		check_begin(&finding, "instance-conflict", CAUSE_INSTANCE_OTHERWISE);
		add_owner(&finding, VALUE_OWNER, item->wanted);
	}
	check_take(check, CHECK_INSTANCES, &finding);
}

void check_instances(struct check *check, const struct facts *facts)
{
	struct plan plan;
	struct awaited off, running;
	struct instance_counts counts = { .there = 0 };
	const char *kept = kept_off(check);
	char line[LINE_SIZE];
	bool unmade = met_no_room(facts, line);
	if (plan_make(&plan, &facts->host, &facts->config) < 0) {
		check->error = -ENOMEM;
		return;
	}
	if (plan.stance != STANCE_ACT && facts->config.wanted.count > 0) {
		finding_value(check_is_skipped(check, CHECK_INSTANCES, CAUSE_BOOT_LEFT), VALUE_NAME, "%s",
			      plan.leave.name);
		plan_free(&plan);
		return;
	}
	begin_awaited(&off, kept ? CAUSE_AWAITED_KEPT : CAUSE_AWAITED_OFF);
	finding_value(&off.finding, VALUE_REQUIREMENT, "%s", kept ? kept : "");
	begin_awaited(&running, CAUSE_AWAITED_RUNNING);
	for (size_t i = 0; i < plan.instance_count; i++) {
		const struct planned_instance *item = &plan.instances[i];
		const struct past_run_instance *outcome = outcome_of(facts, item->wanted->uuid);
		enum absence absence = absence_judge(item->wanted, outcome ? outcome->result : NULL);
		if (item->step == INSTANCE_EXISTS)
			counts.there++;
		else if (item->step == INSTANCE_CONFLICT && !streq(item->finding.name, "instance-conflict"))
			counts.unfit++; // told with the room: to remove what is there would gain nothing
		else if (item->step == INSTANCE_CONFLICT || item->step == INSTANCE_REMAKE)
			tell_conflict(check, item);
		else if (item->step == INSTANCE_CREATE && absence == ABSENT_SINCE_STOP && !unmade)
			counts.stopped++;
		else if (item->step == INSTANCE_CREATE && absence == ABSENT_UNTIL_START && !unmade)
			await(facts->guest_runs[item->wanted - facts->config.wanted.items] ? &running : &off,
			      item->wanted);
		else if (item->step == INSTANCE_CREATE)
			tell_missing(check, facts, item->wanted, outcome);
	}
	take_awaited(check, &off);
	take_awaited(check, &running);
	tell_counts(check, &counts, plan.instance_count);
	plan_free(&plan);
}

// Whether another guest has told it: what is wrong with a mapping is wrong for all.
static bool is_told(const struct guest_list *guests, size_t index)
{
	const struct guest_entry *entry = &guests->entries[index];
	for (size_t i = 0; i < index && entry->trouble == TROUBLE_MAPPING && entry->lacking[0]; i++)
		if (guests->entries[i].trouble == TROUBLE_MAPPING && streq(guests->entries[i].lacking, entry->lacking))
			return true;
	return guests_repeats(guests, index);
}

// What is wrong with a mapping that lacks something.
static enum cause lack_cause(enum mapping_lack lack)
{
	switch (lack) {
	case MAPPING_NO_FILE:
	case MAPPING_UNKNOWN:
		return CAUSE_MAPPING_ABSENT;
	case MAPPING_UNUSED:
		return CAUSE_MAPPING_FILE;
	case MAPPING_NO_ENTRY:
		return CAUSE_MAPPING_NODE;
	case MAPPING_UNREAD:
	case MAPPING_IS_THERE:
		break;
	}
	return CAUSE_MAPPING_DEVICE;
}

// What is wrong with a mapping; of which one it is to be told, beside the one that lacks something.
static enum cause mapping_cause(const struct tools *tools, const struct guest_entry *entry, const char **ret_mapping)
{
	*ret_mapping = entry->lacking;
	if (entry->lack != MAPPING_IS_THERE)
		return lack_cause(entry->lack);
	if (entry->unmarked && tools->has[TOOL_PVESH])
		return CAUSE_MAPPING_UNMARKED;
	*ret_mapping = entry->mapping;
	return entry->unmarked ? CAUSE_MAPPING_UNMARKED_BY_HAND : CAUSE_MAPPING_DEVICE;
}

// Begins what is told of a guest's line.
static void begin_entry(struct finding *finding, const char *name, enum cause cause, const struct guest_entry *entry)
{
	check_begin(finding, name, cause);
	finding_value(finding, VALUE_VMID, "%u", entry->vmid);
	finding_value(finding, VALUE_SOURCE, "%s", entry->item.source);
	finding_value(finding, VALUE_PROBLEM, "%s", entry->problem);
}

static void tell_mapping(struct check *check, const struct tools *tools, const struct guest_entry *entry)
{
	struct finding finding;
	const char *mapping;
	enum cause cause = mapping_cause(tools, entry, &mapping);
	begin_entry(&finding, "mapping-wrong", cause, entry);
	finding_value(&finding, VALUE_MAPPING, "%s", mapping);
	finding_value(&finding, VALUE_LACKING, "%s", entry->lacking);
	check_take(check, CHECK_GUESTS, &finding);
}

// What keeps a guest from starting is told of those whose vGPUs are wanted.
static void tell_trouble(struct check *check, const struct facts *facts, const struct guest_entry *entry)
{
	struct finding finding;
	bool wanted = sources_want(&facts->config.settings, entry);
	switch (entry->trouble) {
	case TROUBLE_NONE:
		return;
	case TROUBLE_MAPPING:
		tell_mapping(check, &facts->tools, entry);
		return;
	case TROUBLE_LINE_IGNORED:
		begin_entry(&finding, "hostpci-ignored", CAUSE_HOSTPCI_IGNORED, entry);
		break;
	case TROUBLE_LOCKED:
		if (!wanted)
			return;
		begin_entry(&finding, "guest-locked", CAUSE_GUEST_LOCKED, entry);
		finding_flag(&finding, VALUE_QM, facts->tools.has[TOOL_QM]);
		break;
	case TROUBLE_REFUSED:
		if (!wanted)
			return;
		begin_entry(&finding, "guest-refused", CAUSE_GUEST_REFUSED, entry);
		break;
	}
	check_take(check, CHECK_GUESTS, &finding);
}

// A function of a GPU's device that is not there, and that GVT-g cannot make.
static void tell_vf_of_gvt(struct check *check, const struct facts *facts, const struct whole_gpu *claim)
{
	const struct gpu_list *gpus = &facts->host.gpus;
	for (size_t i = 0; i < gpus->count; i++) {
		const struct gpu *gpu = &gpus->items[i];
		size_t device = (size_t)(strchr(gpu->address, '.') - gpu->address) + 1;
		char type[TYPE_NAME_SIZE];
		struct finding finding;
		if (gpu->verdict != GPU_SUPPORTED || gpu->functions > 1 || streq(claim->address, gpu->address) ||
		    strncmp(claim->address, gpu->address, device) != 0)
			continue;
		capacity_example(gpu, type);
		check_begin(&finding, "vf-of-gvt", CAUSE_VF_OF_GVT);
		finding_value(&finding, VALUE_SOURCE, "%s", claim->source);
		finding_value(&finding, VALUE_PATH, "%s", claim->address);
		finding_value(&finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(&finding, VALUE_DEVICE, "%04x", gpu->device_id);
		finding_value(&finding, VALUE_MODEL, "%s", gpu->name);
		if (claim->vmid)
			finding_value(&finding, VALUE_VMID, "%u", claim->vmid);
		finding_value(&finding, VALUE_SLOT, "%u", claim->index);
		finding_value(&finding, VALUE_TYPE, "%s", type);
		finding_flag(&finding, VALUE_QM, facts->tools.has[TOOL_QM]);
		check_take(check, CHECK_GUESTS, &finding);
	}
}

// Whether a slot of a guest names a virtual function that is wanted, of the plan.
static bool is_planned(const struct facts *facts, const struct vf_plan *plan, const struct guest_vf *vf)
{
	const struct whole_gpu_list *claims = &facts->config.claims;
	for (size_t i = 0; i < claims->count; i++) {
		if (claims->items[i].vmid != vf->vmid || claims->items[i].index != vf->index)
			continue;
		for (size_t p = 0; p < plan->count; p++)
			for (size_t n = 0; n < plan->pfs[p].vf_count; n++)
				if (streq(plan->pfs[p].vfs[n].address, claims->items[i].address))
					return true;
	}
	return false;
}

// What keeps a guest with virtual functions from starting, apart from those that are not there yet: these are told as
// virtual functions. Returns how many there are in guests.
static size_t check_guest_vfs(struct check *check, const struct facts *facts)
{
	const struct guest_list *guests = facts->config.guests;
	struct vf_plan plan;
	size_t count = 0;
	if (vf_plan_make(&plan, &facts->host, &facts->config) < 0)
		check->error = -ENOMEM;
	for (size_t i = 0; guests && i < guests->vf_count; i++) {
		const struct guest_vf *vf = &guests->vfs[i];
		if (!is_planned(facts, &plan, vf))
			continue;
		count++;
		if (vf->absent[0] || !facts->host.iommu.unit[0]) // told as what they are
			continue;
		struct finding finding;
		switch (vf->trouble) {
		case TROUBLE_NONE:
		case TROUBLE_LINE_IGNORED:
			continue;
		case TROUBLE_MAPPING:
			check_begin(&finding, "mapping-wrong", lack_cause(vf->lack));
			break;
		case TROUBLE_LOCKED:
			check_begin(&finding, "guest-locked", CAUSE_GUEST_LOCKED);
			finding_flag(&finding, VALUE_QM, facts->tools.has[TOOL_QM]);
			break;
		case TROUBLE_REFUSED:
			check_begin(&finding, "guest-refused", CAUSE_GUEST_REFUSED);
			break;
		}
		finding_value(&finding, VALUE_VMID, "%u", vf->vmid);
		finding_value(&finding, VALUE_SOURCE, "%s", vf->source);
		finding_value(&finding, VALUE_PROBLEM, "%s", vf->problem);
		finding_value(&finding, VALUE_MAPPING, "%s", vf->lacking);
		finding_value(&finding, VALUE_LACKING, "%s", vf->lacking);
		check_take(check, CHECK_GUESTS, &finding);
	}
	check_vf_clashes(check, facts);
	for (size_t i = 0; i < facts->config.claims.count; i++)
		tell_vf_of_gvt(check, facts, &facts->config.claims.items[i]);
	vf_plan_free(&plan);
	return count;
}

void check_guests(struct check *check, const struct facts *facts)
{
	const struct guest_list *guests = facts->config.guests;
	size_t count = guests ? guests->count : 0;
	for (size_t i = 0; i < count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		if (!is_told(guests, i))
			tell_trouble(check, facts, entry);
		if (entry->primary) {
			struct finding finding;
			begin_entry(&finding, "guest-console", CAUSE_GUEST_CONSOLE, entry);
			check_take(check, CHECK_GUESTS, &finding);
		}
	}
	bool proxmox = facts->config.settings.proxmox || count > 0;
	size_t vfs = check_guest_vfs(check, facts);
	struct finding *said = check_is_ok(check, CHECK_GUESTS, proxmox ? CAUSE_GUESTS_COUNTED : CAUSE_PROXMOX_ABSENT);
	if (count > 0 || vfs == 0)
		finding_value(said, VALUE_COUNT, "%zu", count);
	if (vfs > 0)
		finding_value(said, VALUE_TOTAL, "%zu", vfs);
}

// Of a boot whose early stage did not run.
static void tell_no_early(struct check *check, const struct facts *facts)
{
	struct finding finding;
	struct initrd_fit fit;
	initrd_fit_judge(&fit, &facts->left_out);
	if (facts->tools.seen && !tools_make_early(&facts->tools)) {
		check_begin(&finding, "initrd-missing", CAUSE_INITRD_UNHOOKED);
	} else if (fit.lacking) {
		check_begin(&finding, "initrd-room", CAUSE_LEFT_OUT);
		initrd_fit_tell(&fit, &facts->left_out, &finding);
		initrd_fit_mend(&finding, JOINT_NONE, &fit, &facts->left_out, &facts->tools);
		fix_reboot(&finding, JOINT_AND);
	} else {
		check_begin(&finding, "initrd-missing", CAUSE_INITRD_WITHOUT);
		fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, NULL);
		fix_reboot(&finding, JOINT_AND);
	}
	check_take(check, CHECK_INITRD, &finding);
}

static void tell_other_build(struct check *check, const struct facts *facts)
{
	struct finding finding;
	check_begin(&finding, "initrd-stale", CAUSE_INITRD_BUILD);
	finding_value(&finding, VALUE_BUILD, "%.12s", facts->initrd.build_id);
	finding_value(&finding, VALUE_INSTALLED, "%.12s", build_id());
	fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, NULL);
	fix_reboot(&finding, JOINT_AND);
	check_take(check, CHECK_INITRD, &finding);
}

void check_initrd(struct check *check, const struct facts *facts)
{
	const struct initrd *initrd = &facts->initrd;
	struct finding finding;
	if (!check_wants_any(facts) && !initrd->ran) {
		check_is_ok(check, CHECK_INITRD, CAUSE_INITRD_UNNEEDED);
		return;
	}
	if (!facts->config.settings.early && !initrd->ran) {
		check_is_ok(check, CHECK_INITRD, CAUSE_INITRD_UNWANTED);
		return;
	}
	if (facts->boot.damaged) { // it may have run, or not
		enum cause cause = facts->boot.foreign ? CAUSE_REPORT_VERSION : CAUSE_REPORT_UNREADABLE;
		finding_value(check_is_unknown(check, CHECK_INITRD, cause), VALUE_VERSION, "%lld", facts->boot.foreign);
		return;
	}
	if (!initrd->ran) {
		tell_no_early(check, facts);
		return;
	}
	if (!streq(initrd->build_id, build_id()))
		tell_other_build(check, facts);
	bool known = initrd->snapshot_found && (!facts->config.guests_unread[0] || facts->config.guests);
	check_begin(&finding, "initrd-stale", CAUSE_SNAPSHOT_OLD);
	if (known && snapshot_difference(&initrd->snapshot, &facts->config, &facts->host, &finding) > 0) {
		fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, NULL);
		check_take(check, CHECK_INITRD, &finding);
	}
	if (known)
		check_is_ok(check, CHECK_INITRD, CAUSE_INITRD_CURRENT);
	else
		check_is_unknown(check, CHECK_INITRD,
				 initrd->snapshot_found ? CAUSE_GUESTS_UNCOMPARED : CAUSE_SNAPSHOT_FOREIGN);
}

void check_mdevctl(struct check *check, const struct facts *facts)
{
	const struct mdevctl *mdevctl = &facts->mdevctl;
	if (mdevctl->program[0] && !mdevctl->program_found && mdevctl->automatic == 0 && mdevctl->unread[0]) {
		finding_value(check_is_unknown(check, CHECK_MDEVCTL, CAUSE_MDEVCTL_UNREAD), VALUE_REASON, "%s",
			      mdevctl->unread);
		return;
	}
	if (!mdevctl->program[0] || mdevctl->program_found || mdevctl->automatic == 0) {
		check_is_ok(check, CHECK_MDEVCTL, mdevctl->automatic ? CAUSE_MDEVCTL_WORKS : CAUSE_MDEVCTL_UNUSED);
		return;
	}
	struct finding finding;
	check_begin(&finding, "mdevctl-dead", CAUSE_MDEVCTL_DEAD);
	finding_value(&finding, VALUE_RULE, "%s", mdevctl->rule);
	finding_value(&finding, VALUE_PROGRAM, "%s", mdevctl->program);
	finding_value(&finding, VALUE_ELSEWHERE, "%s", mdevctl->elsewhere);
	finding_value(&finding, VALUE_COUNT, "%u", mdevctl->automatic);
	finding_value(&finding, VALUE_FILE, "%s", mdevctl->first);
	check_take(check, CHECK_MDEVCTL, &finding);
}
