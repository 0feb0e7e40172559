// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of what is wanted: room for it, the instances themselves, the guests that use them; and what makes them at
// boot.
#include <errno.h>
#include <stdio.h>

#include "base/build.h"
#include "decide/absence.h"
#include "decide/check/check.h"
#include "decide/gvt_capacity.h"
#include "decide/snapshot_difference.h"
#include "read/config/wanted_sources.h"

#define LINE_SIZE 160
#define SHOWN_MAX 3 // of a list

static const unsigned apertures_mib[] = { 256, 512, 1024, 2048 };

// "guest 105 (/etc/pve/...:3)", or the UUID where it is no guest's.
static const char *owner_of(const struct wanted *wanted, char *ret, size_t size)
{
	unsigned vmid, index;
	if (wanted_is_guest(wanted->uuid, &vmid, &index))
		snprintf(ret, size, "guest %u (%s)", vmid, wanted->source);
	else
		snprintf(ret, size, "%s (%s)", wanted->uuid, wanted->source);
	return ret;
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

static void list_apertures(const struct gpu *gpu, const char *type, char *ret, size_t size)
{
	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(apertures_mib); i++)
		check_append(ret, size, "%s%u MiB: %u", i ? ", " : "", apertures_mib[i], would_give(gpu, apertures_mib[i], type));
}

static void tell_small(struct check *check, const struct gpu *gpu, const struct planned_instance *item)
{
	char sizes[128], owner[SOURCE_SIZE + 64];
	struct capacity_need need;
	list_apertures(gpu, item->wanted->type, sizes, sizeof(sizes));
	if (capacity_of_type(item->wanted->type, &need))
		check_find(check, CHECK_ROOM, "aperture-small",
			   "%s for %s needs an aperture of %u MiB, and %s has %u MiB (vGPUs of that type by aperture: %s)" CURE
			   "set the aperture in the firmware setup (Aperture Size, under Graphics or System Agent), or take a smaller type",
			   item->wanted->type, owner_of(item->wanted, owner, sizeof(owner)), capacity_min_aperture_mib(&need),
			   gpu->address, (unsigned)(gpu->aperture / MIB), sizes);
}

// Whether an instance takes of the GPU's room, is wanted by nobody, and stays there with this plan.
static bool is_in_the_way(const struct facts *facts, const struct plan *plan, const struct gpu *gpu, const struct instance *there)
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

// "UUID (i915-GVTg_V5_8, 64 MiB of aperture, not in use)", and how it goes.
static void list_in_the_way(const struct instance *there, char *held, size_t held_size, char *cure, size_t cure_size)
{
	struct capacity_need need = { .low_mib = 0 };
	unsigned vmid = 0, index;
	bool guest = wanted_is_guest(there->uuid, &vmid, &index), sized = capacity_of_type(there->type, &need);
	const char *use = there->use == USE_OPEN ? "used by " : there->use == USE_NONE ? "not in use" : "it is unknown who uses it";
	check_append(held, held_size, "%s%s (%s%s%u MiB of aperture, %s%s)", *held ? ", " : "", there->uuid, sized ? there->type : "",
		     sized ? ", " : "", need.low_mib, use, there->use == USE_OPEN ? there->user : "");
	if (there->use == USE_OPEN && guest)
		check_append(cure, cure_size, "%sshut down guest %u", *cure ? ", " : "", vmid);
	else if (there->use == USE_OPEN)
		check_append(cure, cure_size, "%sstop %s", *cure ? ", " : "", there->user);
	else
		check_append(cure, cure_size, "%s%srun 'echo 1 >/sys/bus/mdev/devices/%s/remove'", *cure ? ", " : "",
			     there->use == USE_NONE ? "" : "once nobody uses it, ", there->uuid);
}

// All that is wanted would fit, but what nobody wants holds the room. False when it is not so.
static bool tell_in_the_way(struct check *check, const struct facts *facts, const struct plan *plan, const struct gpu *gpu,
			    const char *losers)
{
	char held[SHOWN_MAX * 128] = "", cure[SHOWN_MAX * 128 + 64] = "";
	size_t count = 0;
	for (size_t i = 0; i < facts->host.instances.count; i++) {
		const struct instance *there = &facts->host.instances.items[i];
		if (is_in_the_way(facts, plan, gpu, there) && count++ < SHOWN_MAX)
			list_in_the_way(there, held, sizeof(held), cure, sizeof(cure));
	}
	if (count == 0)
		return false;
	check_find(check, CHECK_ROOM, "capacity", "no room for %.160s: %s that nobody wants %s the room: %s%s" CURE "%s, then run 'gvt-early apply'",
		   losers, count == 1 ? "an instance" : "instances", count == 1 ? "holds" : "hold", held, count > SHOWN_MAX ? " and others" : "",
		   cure);
	return true;
}

// What does not fit beside the rest.
static void tell_room(struct check *check, const struct facts *facts, const struct plan *plan)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	struct capacity_use all = { .count = 0 };
	char losers[200] = "", owner[SOURCE_SIZE + 64], cure[200] = "take smaller types or fewer vGPUs";
	unsigned aperture = (unsigned)(gpu->aperture / MIB);
	unsigned hidden = gpu->ggtt > gpu->aperture ? (unsigned)((gpu->ggtt - gpu->aperture) / MIB) : 0;
	size_t lost = 0, fit = would_fit(facts, gpu, aperture), best = fit;
	for (size_t i = 0; i < plan->instance_count; i++) {
		const struct planned_instance *item = &plan->instances[i];
		capacity_take(&all, item->wanted->type);
		if (!item->finding.name || !streq(item->finding.name, "capacity"))
			continue;
		if (lost++ < SHOWN_MAX)
			check_append(losers, sizeof(losers), "%s%s", lost > 1 ? ", " : "", owner_of(item->wanted, owner, sizeof(owner)));
	}
	if (lost > SHOWN_MAX)
		check_append(losers, sizeof(losers), " and %zu more", lost - SHOWN_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(apertures_mib); i++) {
		size_t there = would_fit(facts, gpu, apertures_mib[i]);
		if (there <= best)
			continue;
		best = there;
		snprintf(cure, sizeof(cure), "take smaller types or fewer vGPUs, or set the aperture to %u MiB in the firmware setup: %zu "
					     "of %zu fit then",
			 apertures_mib[i], there, plan->instance_count);
	}
	if (fit == plan->instance_count && tell_in_the_way(check, facts, plan, gpu, losers))
		return;
	if (aperture > 1024 && would_fit(facts, gpu, 1024) > fit)
		check_find(check, CHECK_ROOM, "aperture-large",
			   "an aperture of %u MiB leaves %u MiB of hidden memory, of which the host keeps 384: no room for %s" CURE
			   "set the aperture to 1024 MiB in the firmware setup: %zu of %zu fit then",
			   aperture, hidden, losers, would_fit(facts, gpu, 1024), plan->instance_count);
	else
		check_find(check, CHECK_ROOM, "capacity",
			   "the %zu wanted vGPU%s %u of %u MiB of aperture, %u of %u MiB of hidden memory, %u of 28 fences, and there "
			   "can be 7: no room for %s" CURE "%s",
			   plan->instance_count, plan->instance_count == 1 ? " needs" : "s need", all.taken.low_mib, aperture > 128 ? aperture - 128 : 0, all.taken.high_mib,
			   hidden > 384 ? hidden - 384 : 0, 4 * all.count, losers, cure);
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
		check_skip(check, CHECK_ROOM, "not looked at: it needs types");
		return;
	}
	if (plan_make_room(&plan, host, &facts->config) < 0) {
		check->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < plan.instance_count; i++) {
		const struct planned_instance *item = &plan.instances[i];
		char owner[SOURCE_SIZE + 64];
		if (!item->finding.name || streq(item->finding.name, "instance-conflict"))
			continue;
		owner_of(item->wanted, owner, sizeof(owner));
		if (is_too_small(gpu, item)) {
			tell_small(check, gpu, item);
		} else if (streq(item->finding.name, "type-unknown")) {
			check_find(check, CHECK_ROOM, "type-unknown", "%.130s: %.230s" CURE "write %s at %s", owner, item->finding.text,
				   finding_has(&item->finding, VALUE_NEAREST) ? finding_get(&item->finding, VALUE_NEAREST) : "a type that exists", item->wanted->source);
		} else if (streq(item->finding.name, "parent-wrong")) {
			check_find(check, CHECK_ROOM, "parent-wrong", "%.130s: %.230s" CURE "name %s at %s", owner, item->finding.text, gpu->address,
				   item->wanted->source);
		} else {
			full = true;
		}
	}
	if (full)
		tell_room(check, facts, &plan);
	check_ok(check, CHECK_ROOM, plan.instance_count ? "all that is wanted fits" : "nothing is wanted");
	plan_free(&plan);
}

// What became of an instance in this boot, by whoever looked last; NULL when nobody did.
static const struct past_run_instance *outcome_of(const struct facts *facts, const char *uuid)
{
	const struct past_run_instance *outcome = past_run_find(&facts->apply, uuid);
	return outcome ? outcome : past_run_find(&facts->boot, uuid);
}

// Who holds the memory that a vGPU would need in one piece.
static void list_holders(const struct facts *facts, const struct gpu *gpu, char *ret, size_t size)
{
	size_t count = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < facts->host.instances.count; i++) {
		const struct instance *item = &facts->host.instances.items[i];
		unsigned vmid, index;
		if (!streq(item->parent, gpu->address) || count++ >= SHOWN_MAX)
			continue;
		if (wanted_is_guest(item->uuid, &vmid, &index))
			check_append(ret, size, "guest %u, ", vmid);
		else
			check_append(ret, size, "%s, ", item->uuid);
	}
	if (count > SHOWN_MAX)
		check_append(ret, size, "%zu more vGPUs, ", count - SHOWN_MAX);
	check_append(ret, size, "the host's own display");
}

// Whether the driver has found no room since our own runs have ended, which report what they met themselves: for Proxmox VE then.
static bool met_no_room(const struct facts *facts, char *ret, size_t size)
{
	const struct past_run *runs[] = { &facts->boot, &facts->apply };
	uint64_t since_us = 0;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		uint64_t ended_us = runs[i]->finished_us ? runs[i]->finished_us : UINT64_MAX;
		if (runs[i]->json && ended_us > since_us)
			since_us = ended_us;
	}
	return kernel_log_last_since(&facts->log, "gm space from host", since_us, ret, size);
}

bool check_is_fragmented(const struct facts *facts, const struct wanted *wanted, char *ret, size_t size)
{
	const struct past_run_instance *outcome = outcome_of(facts, wanted->uuid);
	if (!outcome || !streq(outcome->result, "failed"))
		return met_no_room(facts, ret, size);
	snprintf(ret, size, "making it failed (%s)", strerror(ENOSPC));
	return past_run_has_error(&outcome->why, ENOSPC);
}

static void tell_fragmented(struct check *check, const struct facts *facts, const struct wanted *wanted, const char *said)
{
	const struct gpu *gpu = gpu_list_default(&facts->host.gpus);
	const struct type_list *types = host_types(&facts->host, gpu->address);
	char owner[SOURCE_SIZE + 64], holders[160], available[48] = "";
	for (size_t i = 0; i < types->count; i++)
		if (streq(types->names[i], wanted->type) && facts->available[i] >= 0)
			snprintf(available, sizeof(available), " (the driver counts %d)", facts->available[i]);
	list_holders(facts, gpu, holders, sizeof(holders));
	check_find(check, CHECK_INSTANCES, "gvt-fragmented",
		   "%.160s: there should be room%s, yet %.100s: the GPU's memory is in pieces, held by %s" CURE
		   "shut down the guests with vGPUs and run 'gvt-early apply', or reboot: early in the boot the memory is whole",
		   owner_of(wanted, owner, sizeof(owner)), available, said, holders);
}

// An instance that is not there although it could be, and should be.
static void tell_missing(struct check *check, const struct facts *facts, const struct wanted *wanted, const struct past_run_instance *outcome)
{
	char owner[SOURCE_SIZE + 64], line[LINE_SIZE];
	bool made = outcome && (streq(outcome->result, "created") || streq(outcome->result, "existing"));
	const char *detail = outcome ? outcome->detail : "";
	owner_of(wanted, owner, sizeof(owner));
	if (check_is_fragmented(facts, wanted, line, sizeof(line)))
		tell_fragmented(check, facts, wanted, line);
	else
		check_find(check, CHECK_INSTANCES, "instance-missing", "%.200s: %s is not there%s%.200s" CURE "run 'gvt-early apply'", owner,
			   wanted->type,
			   made	      ? ", though it was made in this boot: somebody removed it"
			   : *detail ? ": "
			   : outcome ? ": this boot's early stage did not come to it"
				     : "",
			   made ? "" : detail);
}

// Instances that come when their guests start.
struct awaited {
	char off[200], running[200]; // of guests that are off, and of guests that run without
	size_t off_count, running_count;
	const char *kept; // the requirement that keeps any guest with a vGPU from starting, or NULL
};

// No guest starts with a vGPU without these.
static const char *kept_off(const struct check *check)
{
	static const enum requirement needed[] = { CHECK_VTD, CHECK_IOMMU, CHECK_KVM };
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (check->items[needed[i]].status == CHECK_FAILED)
			return check->items[needed[i]].name;
	return NULL;
}

static void await(struct awaited *awaited, const struct wanted *wanted, bool runs)
{
	unsigned vmid = 0, index = 0;
	char *list = runs ? awaited->running : awaited->off;
	size_t *count = runs ? &awaited->running_count : &awaited->off_count;
	(void)wanted_is_guest(wanted->uuid, &vmid, &index);
	if ((*count)++ < SHOWN_MAX)
		check_append(list, sizeof(awaited->off), "%sguest %u, hostpci%u", *count > 1 ? "; " : "", vmid, index);
}

static void tell_awaited(struct check *check, const struct awaited *awaited)
{
	const char *more_off = awaited->off_count > SHOWN_MAX ? "; and others" : "";
	const char *more_running = awaited->running_count > SHOWN_MAX ? "; and others" : "";
	if (awaited->off_count > 0 && awaited->kept)
		check_hint(check, CHECK_INSTANCES, "instance-missing",
			   "%zu instance%s not there, as the guest is off (%s%s): it cannot start before %s is mended",
			   awaited->off_count, awaited->off_count == 1 ? " is" : "s are", awaited->off, more_off, awaited->kept);
	else if (awaited->off_count > 0)
		check_hint(check, CHECK_INSTANCES, "instance-missing",
			   "%zu instance%s not there, as the guest is off (%s%s): Proxmox VE creates it when the guest starts",
			   awaited->off_count, awaited->off_count == 1 ? " is" : "s are", awaited->off, more_off);
	if (awaited->running_count > 0)
		check_hint(check, CHECK_INSTANCES, "instance-missing",
			   "%zu instance%s not there, and the guest runs without it (%s%s): Proxmox VE creates it at the guest's next start",
			   awaited->running_count, awaited->running_count == 1 ? " is" : "s are", awaited->running, more_running);
}

void check_instances(struct check *check, const struct facts *facts)
{
	struct plan plan;
	struct awaited awaited = { .off_count = 0, .kept = kept_off(check) };
	size_t there = 0, stopped = 0, unfit = 0;
	if (plan_make(&plan, &facts->host, &facts->config) < 0) {
		check->error = -ENOMEM;
		return;
	}
	if (plan.stance != STANCE_ACT && facts->config.wanted.count > 0) {
		check_skip(check, CHECK_INSTANCES, "not looked at: this boot is left alone (%s)", plan.leave.name);
		plan_free(&plan);
		return;
	}
	for (size_t i = 0; i < plan.instance_count; i++) {
		const struct planned_instance *item = &plan.instances[i];
		char owner[SOURCE_SIZE + 64];
		const struct past_run_instance *outcome = outcome_of(facts, item->wanted->uuid);
		enum absence absence = absence_judge(item->wanted, outcome ? outcome->result : NULL);
		bool unmade = met_no_room(facts, owner, sizeof(owner));
		if (item->step == INSTANCE_EXISTS)
			there++;
		else if (item->step == INSTANCE_CONFLICT && !streq(item->finding.name, "instance-conflict"))
			unfit++; // told with the room: to remove what is there would gain nothing
		else if (item->step == INSTANCE_CONFLICT)
			check_find(check, CHECK_INSTANCES, "instance-conflict", "%.160s: %.280s" CURE
				   "once nobody uses it: echo 1 >/sys/bus/mdev/devices/%s/remove",
				   owner_of(item->wanted, owner, sizeof(owner)), item->finding.text, item->wanted->uuid);
		else if (item->step == INSTANCE_REMAKE)
			check_find(check, CHECK_INSTANCES, "instance-conflict", "%.160s: it is there with another type or parent than is wanted "
				   "now; gvt-early made it in this boot, and nobody has it open" CURE "run 'gvt-early apply', which makes it anew",
				   owner_of(item->wanted, owner, sizeof(owner)));
		else if (item->step == INSTANCE_CREATE && absence == ABSENT_SINCE_STOP && !unmade)
			stopped++;
		else if (item->step == INSTANCE_CREATE && absence == ABSENT_UNTIL_START && !unmade)
			await(&awaited, item->wanted, facts->runs[item->wanted - facts->config.wanted.items]);
		else if (item->step == INSTANCE_CREATE)
			tell_missing(check, facts, item->wanted, outcome);
	}
	tell_awaited(check, &awaited);
	if (plan.instance_count == 0)
		check_ok(check, CHECK_INSTANCES, "none is wanted");
	else if (unfit > 0)
		check_ok(check, CHECK_INSTANCES, "%zu of %zu are there as wanted; see room", there, plan.instance_count);
	else if (stopped > 0)
		check_ok(check, CHECK_INSTANCES, "%zu of %zu are there; %zu went when their guests stopped, Proxmox VE makes them anew", there,
			 plan.instance_count, stopped);
	else
		check_ok(check, CHECK_INSTANCES, "%zu of %zu are there", there, plan.instance_count);
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

static void tell_mapping(struct check *check, const struct tools *tools, const struct guest_entry *entry)
{
	char cure[80 + PVE_ID_SIZE + SOURCE_SIZE];
	snprintf(cure, sizeof(cure), "choose the device of the mapping '%.60s' anew under Datacenter > Resource Mappings", entry->mapping);
	if (entry->lack == MAPPING_NO_FILE || entry->lack == MAPPING_UNKNOWN)
		snprintf(cure, sizeof(cure), "add a mapping '%.60s' under Datacenter > Resource Mappings, or correct the name at %s", entry->lacking,
			 entry->item.source);
	else if (entry->lack == MAPPING_UNUSED)
		snprintf(cure, sizeof(cure), "correct what is told of /" MAPPING_FILE);
	else if (entry->lack == MAPPING_NO_ENTRY)
		snprintf(cure, sizeof(cure), "add this node to the mapping '%.60s' under Datacenter > Resource Mappings", entry->lacking);
	else if (entry->lack == MAPPING_UNREAD)
		snprintf(cure, sizeof(cure), "choose the device of the mapping '%.60s' anew under Datacenter > Resource Mappings", entry->lacking);
	else if (entry->unmarked && tools->has[TOOL_PVESH])
		snprintf(cure, sizeof(cure), "pvesh set /cluster/mapping/pci/%s --mdev 1", entry->lacking);
	else if (entry->unmarked)
		snprintf(cure, sizeof(cure), "mark the mapping '%.60s' under Datacenter > Resource Mappings (Use with Mediated Devices)", entry->mapping);
	check_find(check, CHECK_GUESTS, "mapping-wrong", "%s: %s" CURE "%s", entry->item.source, entry->problem, cure);
}

static void tell_lock(struct check *check, const struct tools *tools, const struct guest_entry *entry)
{
	char unlock[64] = "";
	if (tools->has[TOOL_QM])
		snprintf(unlock, sizeof(unlock), "; if there is no such task: qm unlock %u", entry->vmid);
	check_find(check, CHECK_GUESTS, "guest-locked", "%s: %s" CURE "wait for the task that locked guest %u%s", entry->item.source,
		   entry->problem, entry->vmid, unlock);
}

// What keeps a guest from starting is told of those whose vGPUs are wanted.
static void tell_trouble(struct check *check, const struct facts *facts, const struct guest_entry *entry)
{
	bool wanted = sources_want(&facts->config.settings, entry);
	switch (entry->trouble) {
	case TROUBLE_NONE:
		break;
	case TROUBLE_MAPPING:
		tell_mapping(check, &facts->tools, entry);
		break;
	case TROUBLE_LINE_IGNORED:
		check_find(check, CHECK_GUESTS, "hostpci-ignored",
			   "%s: %s; guest %u starts without that device" CURE "correct %s", entry->item.source, entry->problem,
			   entry->vmid, entry->item.source);
		break;
	case TROUBLE_LOCKED:
		if (wanted)
			tell_lock(check, &facts->tools, entry);
		break;
	case TROUBLE_REFUSED:
		if (wanted)
			check_find(check, CHECK_GUESTS, "guest-refused", "%s: %s" CURE "correct the hardware of guest %u",
				   entry->item.source, entry->problem, entry->vmid);
		break;
	}
}

void check_guests(struct check *check, const struct facts *facts)
{
	const struct guest_list *guests = facts->config.guests;
	size_t count = guests ? guests->count : 0;
	for (size_t i = 0; i < count; i++) {
		const struct guest_entry *entry = &guests->entries[i];
		if (!is_told(guests, i))
			tell_trouble(check, facts, entry);
		if (entry->primary)
			check_find(check, CHECK_GUESTS, "guest-console",
				   "guest %u has its vGPU as primary GPU (x-vga=1, %s): the console of Proxmox VE stays dark" CURE
				   "fine if you reach it otherwise (RDP, SSH); else leave x-vga out",
				   entry->vmid, entry->item.source);
	}
	if (facts->config.settings.proxmox || count > 0)
		check_ok(check, CHECK_GUESTS, "%zu vGPU%s in guests of Proxmox VE", count, count == 1 ? "" : "s");
	else
		check_ok(check, CHECK_GUESTS, "no host of Proxmox VE");
}

void check_initrd(struct check *check, const struct facts *facts)
{
	const struct initrd *initrd = &facts->initrd;
	char text[300], renew[TOOL_TEXT_SIZE];
	bool other_build = initrd->ran && !streq(initrd->build_id, build_id());
	if (facts->config.wanted.count == 0 && !initrd->ran) {
		check_ok(check, CHECK_INITRD, "nothing is wanted, so nothing is in it");
		return;
	}
	if (!facts->config.settings.early && !initrd->ran) {
		check_ok(check, CHECK_INITRD, "nothing is in it, as 'early = no' has it: gvt-early.service does the job");
		return;
	}
	if (facts->boot.damaged) { // it may have run, or not
		if (facts->boot.foreign)
			check_unknown(check, CHECK_INITRD, "not checked: the report of the early stage is of version %lld, which this gvt-early "
				      "does not know", facts->boot.foreign);
		else
			check_unknown(check, CHECK_INITRD, "not checked: the report of the early stage, /run/gvt-early/report.json, cannot be read");
		return;
	}
	tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew));
	if (!initrd->ran && facts->tools.seen && !tools_make_early(&facts->tools)) {
		check_find(check, CHECK_INITRD, "initrd-missing",
			   "gvt-early did not run from the initrd of this boot: it has hooks for initramfs-tools and dracut, and this "
			   "host has neither" CURE "write 'early = no' under [settings] in /etc/gvt-early/gvt-early.conf: gvt-early.service does the "
			   "job, later in the boot");
		return;
	}
	if (!initrd->ran) {
		check_find(check, CHECK_INITRD, "initrd-missing",
			   "gvt-early did not run from the initrd of this boot: it is not in it, or it was made before a vGPU was wanted" CURE
			   "%s and reboot",
			   renew);
		return;
	}
	if (other_build)
		check_find(check, CHECK_INITRD, "initrd-stale",
			   "the gvt-early in this boot's initrd is another build than the installed one (%.12s, installed %.12s)" CURE
			   "%s and reboot",
			   initrd->build_id, build_id(), renew);
	bool known = initrd->snapshot_found && (!facts->config.guests_unread[0] || facts->config.guests);
	if (known && snapshot_difference(&initrd->snapshot, &facts->config, text, sizeof(text)) > 0)
		check_find(check, CHECK_INITRD, "initrd-stale",
			   "the snapshot in this boot's initrd is old: %s" CURE
			   "run 'gvt-early apply' for now; for the next boot %s",
			   text, renew);
	if (!known)
		check_unknown(check, CHECK_INITRD, "what its snapshot wanted cannot be compared with what is wanted today: %s",
			      initrd->snapshot_found ? "the guests cannot be read" : "/run/gvt-early/snapshot.conf is not that boot's");
	else
		check_ok(check, CHECK_INITRD, "it had this gvt-early, and what is wanted today");
}

void check_mdevctl(struct check *check, const struct facts *facts)
{
	const struct mdevctl *mdevctl = &facts->mdevctl;
	if (mdevctl->program[0] && !mdevctl->program_found && mdevctl->automatic == 0 && mdevctl->unread[0]) {
		check_unknown(check, CHECK_MDEVCTL, "not looked at: %s", mdevctl->unread);
		return;
	}
	if (!mdevctl->program[0] || mdevctl->program_found || mdevctl->automatic == 0) {
		check_ok(check, CHECK_MDEVCTL, mdevctl->automatic ? "its autostart works" : "nothing is left to its autostart");
		return;
	}
	check_find(check, CHECK_MDEVCTL, "mdevctl-dead",
		   "%s calls %s, which is not there: the %u instance%s that mdevctl should start (%s) never start%s; what gvt-early wants "
		   "does not depend on it" CURE "%s%s%s%s",
		   mdevctl->rule, mdevctl->program, mdevctl->automatic, mdevctl->automatic == 1 ? "" : "s", mdevctl->first,
		   mdevctl->automatic == 1 ? "s" : "", mdevctl->elsewhere[0] ? "ln -s " : "install mdevctl anew, or name the instances in "
		   "/etc/gvt-early/gvt-early.conf", mdevctl->elsewhere, mdevctl->elsewhere[0] ? " " : "",
		   mdevctl->elsewhere[0] ? mdevctl->program : "");
}
