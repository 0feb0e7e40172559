// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/overview.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "decide/check/check.h"
#include "read/check_facts.h"
#include "read/config/wanted_sources.h"
#include "read/proxmox/pve.h"
#include "tell/words.h"

#define COMING_LIMIT_US   USEC_PER_SEC // inserting a driver takes some tenths of it
#define INSERTION_POLL_MS 50

static bool is_coming(const struct host *host)
{
	return host->i915_state == MODULE_COMING || host->gvt.kvmgt_state == MODULE_COMING ||
		host->sriov.xe_state == MODULE_COMING;
}

// A driver may hang in its insertion, in its probe, or when it is asked.
static int read_offers(struct overview *look)
{
	struct gpu_list *gpus = &look->host.gpus;
	uint64_t until_us = clock_now_us() + COMING_LIMIT_US;
	while (is_coming(&look->host) && !look->root->path[0] && clock_left_ms(until_us) > 0) {
		(void)poll(NULL, 0, INSERTION_POLL_MS);
		(void)!host_read(&look->host, look->root, HOST_STATE, HOST_UNBOUNDED);
	}
	gpus->hung |= is_coming(&look->host);
	look->offers = calloc(gpus->count + 1, sizeof(*look->offers));
	look->profiles = calloc(gpus->count + 1, sizeof(*look->profiles));
	if (!look->offers || !look->profiles)
		return -ENOMEM;
	for (size_t i = 0; i < gpus->count; i++) {
		struct type_details details;
		type_details_read(&details, look->root, &look->host, &gpus->items[i], clock_now_us() + HOST_LIMIT_US);
		offer_list_make(&look->offers[i], &look->host, &gpus->items[i], &details);
		look->host.gvt.types_hung |= look->offers[i].hung && !gpus->hung;
		sriov_profiles_read(&look->profiles[i], look->root, gpus->items[i].address, &look->host.sriov.gpus[i],
				    clock_now_us() + HOST_LIMIT_US);
		gpus->hung |= look->profiles[i].hung;
	}
	look->hung = gpus->hung || look->host.gvt.types_hung;
	return 0;
}

static void take(struct finding *finding, const struct finding *from)
{
	if (from)
		*finding = *from;
}

static void take_words(struct finding *finding, const struct finding *from)
{
	enum severity severity = finding->severity;
	*finding = *from;
	finding->severity = severity;
}

// Whether GVT-g splits the GPU that is looked at first: then what keeps that from being done says nothing of VFs, which
// are another GPU's.
static bool is_gvt(const struct overview *look)
{
	const struct gpu *gpu = gpu_list_default(&look->host.gpus);
	return gpu && gpu->verdict == GPU_SUPPORTED;
}

// The modules of mediated devices alone; those that may be missing stay.
static void drop_gvt_modules(struct plan *plan)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->module_count; i++)
		if (!plan->modules[i].required || plan->modules[i].for_vfs)
			plan->modules[count++] = plan->modules[i];
	plan->module_count = count;
}

// No VF can be had for a reason that the plan does not know.
static void stop_vfs(struct plan *plan, const struct finding *stop)
{
	for (size_t i = 0; i < plan->vfs.count; i++)
		if (plan->vfs.pfs[i].stance == STANCE_ACT) {
			plan->vfs.pfs[i].stance = STANCE_UNABLE;
			plan->vfs.pfs[i].leave = *stop;
		}
}

// Where "check" knows of something that "apply" will find out only by trying, nothing is promised.
static void take_stop(struct overview *look)
{
	struct plan *plan = &look->plan;
	bool gvt = is_gvt(look), instances = look->config.wanted.count > 0 || plan->removal_count > 0;
	if (!look->stop.name || (gvt && !instances && plan->vfs.count > 0))
		return;
	if (plan->stance == STANCE_ADMIN || plan->stance == STANCE_UNABLE ||
	    (plan->leave.name && streq(plan->leave.name, look->stop.name)))
		take_words(&plan->leave, &look->stop);
	if (plan->stance != STANCE_ACT)
		return;
	plan->leave = look->stop;
	plan->instance_count = plan->removal_count = 0;
	if (gvt && vf_plan_acts(&plan->vfs)) {
		drop_gvt_modules(plan);
		return;
	}
	look->futile = true;
	plan->stance = STANCE_UNABLE;
	plan->module_count = 0;
	stop_vfs(plan, &look->stop);
}

// Why a GPU has no VFs is mended as "check" says.
static void take_vf_fixes(struct overview *look, const struct facts *facts)
{
	struct plan *plan = &look->plan;
	for (size_t i = 0; i < plan->vfs.count; i++) {
		struct planned_pf *pf = &plan->vfs.pfs[i];
		bool same = pf->stance != STANCE_ACT && finding_equal(&pf->leave, &plan->leave);
		bool gpu = pf->stance != STANCE_ACT && finding_equal(&pf->leave, &plan->gpu);
		if (pf->stance != STANCE_ACT)
			check_fix_sriov(facts, &pf->leave);
		if (same)
			take_words(&plan->leave, &pf->leave);
		if (gpu)
			take_words(&plan->gpu, &pf->leave);
	}
}

static void take_fragments(struct overview *look, const struct facts *facts)
{
	for (size_t i = 0; i < look->plan.instance_count; i++) {
		struct planned_instance *item = &look->plan.instances[i];
		struct finding finding;
		finding_make(&finding, "gvt-fragmented", SEVERITY_WARNING, CAUSE_MEMORY_IN_PIECES);
		if (item->step != INSTANCE_CREATE || !check_is_fragmented(facts, item->wanted, &finding))
			continue;
		item->step = INSTANCE_NO_ROOM;
		item->finding = finding;
	}
}

// The first mistake may be told as one of a mapping, of which "check" knows the fix; what is wrong with one is told of
// one guest alone.
static void take_mapping(struct overview *look, const struct check_item *guests)
{
	const struct config *config = &look->config;
	size_t number = config->problem_count > 0 && config->guests ? config->problems[0].entry : 0;
	const struct guest_entry *entry = number > 0 ? &config->guests->entries[number - 1] : NULL;
	if (!entry || entry->trouble != TROUBLE_MAPPING || !entry->lacking[0])
		return;
	for (size_t i = 0; i < guests->count && !look->mapping.name; i++)
		if (streq(guests->findings[i].name, "mapping-wrong") &&
		    streq(finding_get(&guests->findings[i], VALUE_LACKING), entry->lacking))
			look->mapping = guests->findings[i];
}

static void take_trap(struct overview *look, const struct check_item *item, enum cause cause)
{
	for (size_t i = 0; i < item->count && !look->trap.name; i++)
		if (item->findings[i].cause == cause)
			look->trap = item->findings[i];
}

static void take_causes(struct overview *look, const struct facts *facts, const struct check *check)
{
	static const enum requirement iommu[] = { CHECK_VTD, CHECK_IOMMU };
	static const enum cause refusals[] = { CAUSE_GUEST_REFUSED, CAUSE_MAPPING_ABSENT, CAUSE_MAPPING_FILE,
					       CAUSE_MAPPING_NODE,  CAUSE_MAPPING_DEVICE, CAUSE_VF_TWICE,
					       CAUSE_VF_POOL_EMPTY };
	const struct check_item *kvm = &check->items[CHECK_KVM];
	take(&look->stop, check_stop(check, look->plan.stance == STANCE_ACT));
	take(&look->single, check_single(check));
	take_trap(look, &check->items[CHECK_VFS], CAUSE_VF_PREFIX);
	take_trap(look, &check->items[CHECK_GUESTS], CAUSE_VF_OF_GVT);
	// What keeps a guest with an mdev from starting is a problem of the configuration already.
	for (size_t i = 0; look->config.problem_count == 0 && i < ARRAY_SIZE(refusals); i++)
		take_trap(look, &check->items[CHECK_GUESTS], refusals[i]);
	take(&look->kvm, kvm->status == CHECK_FAILED ? &kvm->findings[0] : NULL);
	for (size_t i = 0; i < ARRAY_SIZE(iommu) && look->plan.iommu.severity >= SEVERITY_WARNING; i++)
		if (check->items[iommu[i]].count > 0)
			take_words(&look->plan.iommu, &check->items[iommu[i]].findings[0]);
	take_mapping(look, &check->items[CHECK_GUESTS]);
	take_vf_fixes(look, facts);
	take_stop(look);
	take_fragments(look, facts);
}

// The kernel log alone may say that this is Xen's host.
static int plan_below_xen(struct overview *look)
{
	look->host.xen = true;
	plan_free(&look->plan);
	return plan_make(&look->plan, &look->host, &look->config);
}

// "check" knows more of the causes, and has the one place of their fixes: whatever keeps this host from a vGPU is said
// in its words.
static int explain(struct overview *look)
{
	if (look->hung)
		return 0; // it is not asked once more
	struct facts *facts = malloc(sizeof(*facts));
	struct check check = { .error = 0 };
	if (!facts)
		return -ENOMEM;
	int r = facts_read_more(facts, look->root, &look->host, &look->config);
	if (r == 0)
		r = check_make(&check, facts);
	if (r == 0 && facts->host.xen && !look->host.xen)
		r = plan_below_xen(look);
	if (r == 0)
		take_causes(look, facts, &check);
	check_free(&check);
	facts_free(facts);
	free(facts);
	return r;
}

static int plan_next_boot(struct overview *look)
{
	const struct host *now = &look->host;
	// And so would be the next one, if it is the same.
	bool without = now->i915_state == MODULE_LIVE && now->gvt.enable_gvt == -ENOENT;
	if (look->plan.stance != STANCE_UNABLE || (without && !(now->i915_policy.foreign && now->gvt.i915_gvt > 0)))
		return 0;
	if (look->plan.leave.cause == CAUSE_TOTAL_REFUSED || look->plan.leave.cause == CAUSE_VFS_NO_ROOM)
		return 0; // likewise
	struct host *host = malloc(sizeof(*host));
	if (!host)
		return -ENOMEM;
	*host = look->host;
	host_forget_boot(host);
	int r = plan_make(&look->next, host, &look->config);
	if (look->next.stance != STANCE_ACT)
		plan_free(&look->next);
	free(host);
	return r;
}

int overview_read(struct overview *look, const struct root *root)
{
	*look = (struct overview){ .root = root };
	config_init(&look->config);
	gate_record_read(&look->gate, root);
	int r = host_read(&look->host, root, HOST_WORDS | HOST_GPUS | HOST_KERNEL | HOST_STATE, HOST_LIMIT_US);
	if (r == 0)
		r = read_offers(look);
	if (r == 0)
		r = config_read(&look->config, root, false);
	if (r == 0)
		r = sources_add_guests(&look->config, root, UINT64_MAX, false);
	if (r < 0)
		return r;
	if (look->config.guests_unread[0])
		judge_unread(&look->unread, &look->config);
	r = host_read(&look->host, root, HOST_USERS, HOST_UNBOUNDED);
	if (r == 0)
		r = plan_make(&look->plan, &look->host, &look->config);
	if (r == 0)
		r = plan_next_boot(
			look); // of what the plan itself found: what "check" adds is not known to go with this boot
	return r < 0 ? r : explain(look);
}

void overview_free(struct overview *look)
{
	free(look->offers);
	free(look->profiles);
	plan_free(&look->next);
	plan_free(&look->plan);
	config_free(&look->config);
	host_free(&look->host);
}

const struct wanted *overview_wanted(const struct overview *look, const char *uuid)
{
	for (size_t i = 0; i < look->config.wanted.count; i++)
		if (streq(look->config.wanted.items[i].uuid, uuid))
			return &look->config.wanted.items[i];
	return NULL;
}

void overview_owner(const struct overview *look, const char *uuid, char ret[static OWNER_SIZE])
{
	unsigned vmid, index;
	const struct wanted *wanted = overview_wanted(look, uuid);
	if (wanted_is_guest(uuid, &vmid, &index))
		snprintf(ret, OWNER_SIZE, "guest %u, hostpci%u", vmid, index);
	else
		snprintf(ret, OWNER_SIZE, "%s", wanted ? wanted->source : "another program");
}

void overview_name(const char *uuid, char ret[static UUID_SIZE])
{
	unsigned vmid, index;
	if (wanted_is_guest(uuid, &vmid, &index))
		snprintf(ret, UUID_SIZE, "guest %u hostpci%u", vmid, index);
	else
		snprintf(ret, UUID_SIZE, "%s", uuid);
}

const struct finding *overview_guest_stop(const struct overview *look)
{
	return look->plan.iommu.severity >= SEVERITY_WARNING ? &look->plan.iommu : look->kvm.name ? &look->kvm : NULL;
}

// The first GPU whose VFs are wanted and cannot be had, by why; NULL when there is none.
static const struct finding *vf_hindrance(const struct overview *look)
{
	const struct vf_plan *vfs = &look->plan.vfs;
	for (size_t i = 0; i < vfs->count; i++)
		if (vfs->pfs[i].stance != STANCE_ACT)
			return &vfs->pfs[i].leave;
	return NULL;
}

size_t overview_findings(const struct overview *look, const struct finding *ret[static OVERVIEW_FINDINGS])
{
	const struct plan *plan = &look->plan;
	size_t count = 0;
	if (plan->stance != STANCE_ACT || plan->leave.name)
		ret[count++] = &plan->leave;
	else if (vf_hindrance(look))
		ret[count++] = vf_hindrance(look);
	if (look->unread.name && (count == 0 || !streq(plan->leave.name, look->unread.name)))
		ret[count++] = &look->unread;
	if (plan->stance != STANCE_NOTHING_WANTED && plan->iommu.severity == SEVERITY_WARNING)
		ret[count++] = &plan->iommu;
	if (plan->stance != STANCE_NOTHING_WANTED && look->kvm.name)
		ret[count++] = &look->kvm;
	if (look->trap.name)
		ret[count++] = &look->trap;
	return count;
}

// The finding that comes first of those that keep what is wanted from being had, or used; NULL when there is none.
static const struct finding *hindrance(const struct overview *look)
{
	const struct plan *plan = &look->plan;
	const struct finding *unread = look->unread.name ? &look->unread : NULL;
	const struct finding *trap = look->trap.name ? &look->trap : NULL, *last = unread ? unread : trap;
	if (plan->stance != STANCE_ACT)
		return plan->leave.severity >= SEVERITY_WARNING ? &plan->leave : last;
	const struct finding *const order[] = { unread, overview_guest_stop(look),
						plan->leave.name ? &plan->leave : NULL, vf_hindrance(look), trap };
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (order[i])
			return order[i];
	return NULL;
}

bool overview_is_hindered(const struct overview *look)
{
	return hindrance(look);
}

// A mistake in a line is told with what is wrong there.
static void say_problem(const struct message *problem, char ret[static TEXT_SIZE])
{
	if (problem->fix[0])
		snprintf(ret, TEXT_SIZE, "%s", problem->fix);
	else
		snprintf(ret, TEXT_SIZE, "correct %.400s", problem->text);
}

static bool has_fix(const struct finding *finding)
{
	char fix[SENTENCE_SIZE];
	return finding->name && *finding_fix(finding, fix, sizeof(fix));
}

static bool vfs_are_due(const struct plan *plan)
{
	for (size_t i = 0; i < plan->vfs.count; i++)
		for (size_t n = 0; n < plan->vfs.pfs[i].vf_count && plan->vfs.pfs[i].stance == STANCE_ACT; n++)
			if (plan->vfs.pfs[i].vfs[n].step == VF_MAKE || plan->vfs.pfs[i].vfs[n].step == VF_BIND)
				return true;
	return false;
}

void overview_next(const struct overview *look, char ret[static TEXT_SIZE])
{
	const struct plan *plan = &look->plan;
	const struct finding *wrong = plan->stance == STANCE_ACT || look->trap.name ? hindrance(look) : &plan->leave;
	bool due = plan->removal_count > 0;
	for (size_t i = 0; i < plan->instance_count; i++)
		due |= plan->instances[i].step == INSTANCE_CREATE || plan->instances[i].step == INSTANCE_REMAKE;
	due |= vfs_are_due(plan);
	if (!wrong && has_fix(&look->single) && plan->stance == STANCE_ACT)
		wrong = &look->single;
	if (look->mapping.name)
		finding_fix(&look->mapping, ret, TEXT_SIZE);
	else if (look->config.problem_count > 0)
		say_problem(&look->config.problems[0], ret);
	else if (look->hung)
		snprintf(ret, TEXT_SIZE, "reboot: only a reboot ends a driver that hangs");
	else if (wrong && has_fix(wrong))
		finding_fix(wrong, ret, TEXT_SIZE);
	else
		snprintf(ret, TEXT_SIZE, "%s", due ? "run 'gvt-early apply'" : "");
}

bool overview_choose(const char *word, struct overview_choice *ret)
{
	*ret = (struct overview_choice){ .vmid = 0 };
	if (wanted_parse_uuid(word, ret->uuid) == 0)
		return true;
	ret->uuid[0] = '\0';
	if (pve_parse_number(word, VMID_MIN, VMID_MAX, &ret->vmid) == 0)
		return true;
	log_line(LOG_ERR, "'%.60s' is neither a UUID nor a VM ID", word);
	return false;
}

bool overview_is_chosen(const struct overview_choice *choice, const char *uuid)
{
	unsigned vmid, index;
	if (choice->uuid[0])
		return streq(choice->uuid, uuid);
	return wanted_is_guest(uuid, &vmid, &index) && vmid == choice->vmid;
}

void overview_choice_name(const struct overview_choice *choice, char ret[static OWNER_SIZE])
{
	if (choice->uuid[0])
		snprintf(ret, OWNER_SIZE, "instance %s", choice->uuid);
	else
		snprintf(ret, OWNER_SIZE, "instance of guest %u", choice->vmid);
}
