// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/plan.h"

#include <errno.h>
#include <stdio.h>

#include "decide/gvt_capacity.h"

static void add_module(struct plan *plan, const struct planned_module *module)
{
	if (plan->module_count < ARRAY_SIZE(plan->modules))
		plan->modules[plan->module_count++] = *module;
}

// The driver of a GPU whose VFs are made.
static bool is_driver(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->vfs.count; i++)
		if (plan->vfs.pfs[i].stance == STANCE_ACT && names_equal(plan->vfs.pfs[i].way.driver, name))
			return true;
	return false;
}

static void plan_modules(struct plan *plan, const struct host *host, const struct config *config)
{
	const struct settings *settings = &config->settings;
	for (size_t i = 0; i < settings->module_count; i++)
		if (!names_equal(settings->modules[i], "i915") && !names_equal(settings->modules[i], "kvmgt") &&
		    !is_driver(plan, settings->modules[i]))
			add_module(plan, &(struct planned_module){ .name = settings->modules[i] });
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		if (pf->stance == STANCE_ACT)
			add_module(plan,
				   &(struct planned_module){ .name = pf->way.driver,
							     .options = pf->options[0] ? pf->options : NULL,
							     .required = true,
							     .gpu = host->gpus.items[pf->gpu].address,
							     .for_vfs = true });
	}
	if (!plan_makes_instances(plan))
		return;
	// i915 itself, with the option that counts, before kvmgt pulls it in without.
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	add_module(plan,
		   &(struct planned_module){ .name = "i915",
					     .options = "enable_gvt=1",
					     .required = true,
					     .gpu = gpu ? gpu->address : NULL });
	add_module(plan, &(struct planned_module){ .name = "kvmgt", .required = true });
}

// Begins what is to be said of an instance.
static struct finding *say(struct planned_instance *item, const char *name, enum cause cause)
{
	finding_make(&item->finding, name, SEVERITY_WARNING, cause);
	return &item->finding;
}

static struct finding *hopeless(struct planned_instance *item, const char *name, enum cause cause)
{
	item->step = INSTANCE_HOPELESS;
	return say(item, name, cause);
}

static void explain_unknown_type(struct planned_instance *item, const struct gpu *gpu, const struct type_list *types)
{
	struct capacity_need need;
	unsigned aperture = (unsigned)(gpu->aperture / MIB);
	const char *type = item->wanted->type, *nearest = capacity_nearest(types, type);
	bool small = capacity_is_of(gpu, type) && capacity_of_type(type, &need) &&
		aperture < capacity_min_aperture_mib(&need);
	struct finding *finding = small ? hopeless(item, "aperture-small", CAUSE_TYPE_TOO_LARGE)
					: hopeless(item, "type-unknown", CAUSE_TYPE_UNKNOWN);
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_TYPE, "%s", type);
	finding_value(finding, VALUE_APERTURE, "%u", aperture);
	if (small)
		finding_value(finding, VALUE_NEEDED, "%u", capacity_min_aperture_mib(&need));
	else
		finding_value(finding, VALUE_NEAREST, "%s", nearest ? nearest : "");
	for (size_t i = 0; i < types->count; i++)
		finding_value(finding, VALUE_OFFERED, "%s", types->names[i]);
}

// The GPU that a wanted parent means, or NULL; "" is the one that is found.
static const struct gpu *find_gpu(const struct host *host, const char *parent)
{
	return parent[0] ? gpu_list_device(&host->gpus, parent) : gpu_list_default(&host->gpus);
}

// Whether the instance can be made on a parent as far as its type is concerned; if not, says why.
static bool judge_parent(struct planned_instance *item, const struct host *host, const char *parent)
{
	const struct gpu *gpu = find_gpu(host, parent);
	if (!gpu) {
		finding_value(hopeless(item, "parent-wrong", CAUSE_PARENT_ABSENT), VALUE_PARENT, "%s", parent);
		return false;
	}
	if (parent[0] && !strchr(parent, '.') && gpu->functions > 1) {
		struct finding *finding = hopeless(item, "parent-wrong", CAUSE_PARENT_FUNCTIONS);
		finding_value(finding, VALUE_PARENT, "%s", parent);
		finding_value(finding, VALUE_COUNT, "%u", gpu->functions);
		finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
		return false;
	}
	if (gpu->verdict != GPU_SUPPORTED) {
		struct finding *finding = hopeless(item, "parent-wrong", CAUSE_PARENT_UNABLE);
		finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
		finding_value(finding, VALUE_DEVICE, "%04x", gpu->device_id);
		return false;
	}
	// Before the driver lists them the types are known by the GPU's generation and aperture.
	const struct type_list *types = host_types(host, gpu->address);
	struct type_list computed;
	if (host->gvt.kvmgt_state != MODULE_LIVE || !types->registered) {
		capacity_types(gpu, &computed);
		types = &computed;
	}
	if (type_list_has(types, item->wanted->type) || gpu->aperture == 0)
		return true;
	explain_unknown_type(item, gpu, types);
	return false;
}

static const char *wanted_parent(const struct wanted *wanted, size_t index)
{
	return index == 0 ? wanted->parent : wanted->others[index - 1];
}

// Whether an instance with the wanted UUID is there as wanted. parent is where it would be made.
static bool is_as_wanted(const struct wanted *wanted, const char *parent, const struct instance *there)
{
	bool at_place = streq(there->parent, parent);
	for (size_t i = 0; i <= wanted->other_count && !at_place; i++)
		at_place = wanted_parent(wanted, i)[0] && wanted_device_has(wanted_parent(wanted, i), there->parent);
	return at_place && streq(there->type, wanted->type);
}

// The instance that stands in the place of the wanted one.
static void add_there(struct finding *finding, const struct instance *there)
{
	finding_value(finding, VALUE_TYPE_THERE, "%s", there->type);
	finding_value(finding, VALUE_PARENT_THERE, "%s", there->parent);
}

static void explain_conflict(struct planned_instance *item, const struct instance *there)
{
	struct finding *finding = say(item, "instance-conflict",
				      !there->ours                     ? CAUSE_CONFLICT_FOREIGN
					      : there->use == USE_OPEN ? CAUSE_CONFLICT_OPEN
								       : CAUSE_CONFLICT_UNKNOWN);
	add_there(finding, there);
	finding_value(finding, VALUE_UUID, "%s", item->wanted->uuid);
	finding_value(finding, VALUE_TYPE, "%s", item->wanted->type);
	finding_value(finding, VALUE_PARENT, "%s", item->parent);
	finding_value(finding, VALUE_USER, "%s", there->use == USE_OPEN ? there->user : "");
}

static void explain_no_room(struct planned_instance *item, const struct gpu *gpu, const struct capacity_use *use)
{
	unsigned vmid, index;
	capacity_explain(&item->finding, gpu, use, item->wanted->type);
	finding_wrap(&item->finding, "capacity", CAUSE_NO_ROOM);
	if (wanted_is_guest(item->wanted->uuid, &vmid, &index))
		finding_value(&item->finding, VALUE_VMID, "%u", vmid);
}

// The parents that have room come first. By what is known the kernel refuses the others, but it has the last word.
static void choose_parents(struct planned_instance *item, const struct host *host, struct capacity_use use[])
{
	const struct wanted *wanted = item->wanted;
	const struct gpu *gpus = host->gpus.items;
	size_t roomy[PARENTS_MAX], full[PARENTS_MAX], roomy_count = 0, full_count = 0;
	for (size_t i = 0; i <= wanted->other_count; i++) {
		if (!judge_parent(item, host, wanted_parent(wanted, i)))
			continue;
		size_t gpu = (size_t)(find_gpu(host, wanted_parent(wanted, i)) - gpus);
		if (capacity_fits(&gpus[gpu], &use[gpu], wanted->type))
			roomy[roomy_count++] = gpu;
		else
			full[full_count++] = gpu;
	}
	if (roomy_count + full_count == 0)
		return;

	finding_make(&item->finding, NULL, SEVERITY_OK, CAUSE_NONE);
	item->step = roomy_count > 0 ? INSTANCE_CREATE : INSTANCE_NO_ROOM;
	for (size_t i = 0; i < roomy_count + full_count; i++) {
		size_t gpu = i < roomy_count ? roomy[i] : full[i - roomy_count];
		strcpy(i == 0 ? item->parent : item->others[item->other_count++], gpus[gpu].address);
	}
	if (roomy_count > 0)
		capacity_take(&use[roomy[0]], wanted->type);
	else
		explain_no_room(item, &gpus[full[0]], &use[full[0]]);
}

// later is as use, but of the moment when whatever stands against what is wanted has gone. What is there is not to be
// removed for an instance that cannot be made in its place: that one's own fault is told then.
static void conflict(struct planned_instance *item, const struct host *host, const struct instance *there,
		     struct capacity_use later[])
{
	struct planned_instance wish = *item;
	choose_parents(&wish, host, later);
	item->step = INSTANCE_CONFLICT;
	if (!wish.finding.name) {
		explain_conflict(item, there);
		return;
	}
	item->finding = wish.finding;
	finding_wrap(&item->finding, wish.finding.name, CAUSE_THERE_AND_HOPELESS);
	add_there(&item->finding, there);
}

static const struct wanted *find_wanted(const struct config *config, const char *uuid)
{
	for (size_t i = 0; i < config->wanted.count; i++)
		if (streq(config->wanted.items[i].uuid, uuid))
			return &config->wanted.items[i];
	return NULL;
}

static void resolve_parent(const struct host *host, const struct wanted *wanted,
			   char ret_parent[static PCI_ADDRESS_SIZE])
{
	const struct gpu *gpu = find_gpu(host, wanted->parent);
	strcpy(ret_parent, gpu ? gpu->address : wanted->parent);
}

// Whether any of the parents could take it, if it has room.
static bool is_possible(const struct host *host, const struct wanted *wanted)
{
	struct planned_instance item = { .wanted = wanted };
	for (size_t i = 0; i <= wanted->other_count; i++)
		if (judge_parent(&item, host, wanted_parent(wanted, i)))
			return true;
	return false;
}

// Design rule 8. What nobody wants goes only when it is known what is wanted: a mistake or a source that cannot be read
// may hide somebody.
static bool is_to_go(const struct host *host, const struct config *config, const struct instance *there,
		     const struct wanted *wanted)
{
	char parent[PCI_ADDRESS_SIZE];
	if (!there->ours || there->use != USE_NONE)
		return false;
	if (!wanted)
		return config->whole && config->problem_count == 0;
	resolve_parent(host, wanted, parent);
	return !is_as_wanted(wanted, parent, there) && is_possible(host, wanted);
}

static int plan_removals(struct plan *plan, const struct host *host, const struct config *config)
{
	if (host->made.count == 0)
		return 0;
	plan->removals = calloc(host->instances.count + 1, sizeof(*plan->removals));
	if (!plan->removals)
		return -ENOMEM;
	for (size_t i = 0; i < host->instances.count; i++) {
		const struct instance *there = &host->instances.items[i];
		const struct wanted *wanted = find_wanted(config, there->uuid);
		if (is_to_go(host, config, there, wanted))
			plan->removals[plan->removal_count++] =
				(struct planned_removal){ .instance = *there, .wanted = wanted };
	}
	return 0;
}

static bool is_removed(const struct plan *plan, const struct wanted *wanted)
{
	for (size_t i = 0; i < plan->removal_count; i++)
		if (plan->removals[i].wanted == wanted)
			return true;
	return false;
}

static void leave_to_next_boot(struct planned_instance *item)
{
	(void)hopeless(item, "gvt-hung", CAUSE_GPU_SILENT);
}

// use is of the host's GPUs: what stays on them, and what is made before this one. later: see conflict().
static void plan_instance(struct plan *plan, struct planned_instance *item, const struct wanted *wanted,
			  const struct host *host, struct capacity_use use[], struct capacity_use later[])
{
	*item = (struct planned_instance){ .wanted = wanted, .step = INSTANCE_CREATE };
	resolve_parent(host, wanted, item->parent);

	const struct instance *there = instance_list_find(&host->instances, wanted->uuid);
	bool removed = there && is_removed(plan, wanted);
	if (there && is_as_wanted(wanted, item->parent, there)) {
		item->step = INSTANCE_EXISTS;
		strcpy(item->parent, there->parent);
	} else if (there && !there->type[0] && host->gvt.types_hung) { // in the making of it, most likely
		leave_to_next_boot(item);
	} else if (there && !removed && !(there->ours && there->use == USE_NONE)) {
		conflict(item, host, there, later);
	} else { // one of ours stays when nothing can be made in its place, and this says why
		choose_parents(item, host, use);
		if (item->step == INSTANCE_CREATE)
			capacity_take(&later[find_gpu(host, item->parent) - host->gpus.items], wanted->type);
		if (removed)
			item->step = INSTANCE_REMAKE;
		if (host->gvt.types_hung && item->step != INSTANCE_HOPELESS)
			leave_to_next_boot(item);
	}
}

// Whether it stands against what is wanted, and is not removed by this plan itself.
static bool is_in_conflict(const struct plan *plan, const struct host *host, const struct config *config,
			   const struct instance *there)
{
	char parent[PCI_ADDRESS_SIZE];
	const struct wanted *wanted = find_wanted(config, there->uuid);
	if (!wanted || is_removed(plan, wanted))
		return false;
	resolve_parent(host, wanted, parent);
	return !is_as_wanted(wanted, parent, there);
}

static int plan_instances(struct plan *plan, const struct host *host, const struct config *config)
{
	struct capacity_use use[GPUS_MAX], later[GPUS_MAX];
	plan->instances = calloc(config->wanted.count + 1, sizeof(*plan->instances));
	if (!plan->instances)
		return -ENOMEM;
	plan->instance_count = config->wanted.count;
	for (size_t i = 0; i < host->gpus.count; i++) {
		capacity_used(&use[i], &host->gpus.items[i], &host->instances);
		for (size_t n = 0; n < plan->removal_count; n++)
			if (streq(plan->removals[n].instance.parent, host->gpus.items[i].address))
				capacity_give(&use[i], plan->removals[n].instance.type);
		later[i] = use[i];
		for (size_t n = 0; n < host->instances.count; n++) {
			const struct instance *there = &host->instances.items[n];
			if (streq(there->parent, host->gpus.items[i].address) &&
			    is_in_conflict(plan, host, config, there))
				capacity_give(&later[i], there->type);
		}
	}
	for (size_t i = 0; i < plan->instance_count; i++)
		plan_instance(plan, &plan->instances[i], &config->wanted.items[i], host, use, later);
	return 0;
}

static void leave_nothing_wanted(struct plan *plan, const struct host *host, const struct config *config)
{
	plan->stance = STANCE_NOTHING_WANTED;
	judge_nothing_wanted(&plan->leave, host, config, config->guests);
}

bool plan_leaves_boot(struct plan *plan, const struct host *host, const struct config *config)
{
	plan->stance = judge_host(REQUIRE_BOOT, host, config, &plan->leave);
	if (plan->stance != STANCE_ACT)
		return true;
	if (config->wanted.count > 0 || (config->whole && host->made.count > 0) || config_may_want_vfs(config))
		return false;
	leave_nothing_wanted(plan, host, config);
	return true;
}

// What keeps mediated devices from being made, whatever is wanted; true when nothing does.
static bool may_make_instances(struct plan *plan, const struct host *host, const struct config *config)
{
	for (enum host_requirement i = REQUIRE_GPU; i < REQUIREMENTS; i++) {
		plan->stance = judge_host(i, host, config, &plan->leave);
		if (plan->stance == STANCE_ACT)
			continue;
		plan->removal_count = 0;
		return false;
	}
	return true;
}

// VFs alone are wanted, or nothing but they can be had.
static void plan_vfs_alone(struct plan *plan, const struct host *host, const struct config *config)
{
	plan->stance = STANCE_ACT;
	if (vf_plan_acts(&plan->vfs)) {
		plan_modules(plan, host, config);
	} else {
		plan->stance = plan->vfs.pfs[0].stance;
		plan->leave = plan->vfs.pfs[0].leave;
	}
}

int plan_make(struct plan *plan, const struct host *host, const struct config *config)
{
	*plan = (struct plan){ .stance = STANCE_ACT };
	judge_iommu(&plan->iommu, host, config);
	if (plan_leaves_boot(plan, host, config))
		return 0;
	int r = vf_plan_make(&plan->vfs, host, config);
	if (r == 0)
		r = plan_removals(plan, host, config);
	if (r < 0)
		return r;
	bool instances = config->wanted.count > 0 || plan->removal_count > 0;
	if (!instances && plan->vfs.count == 0) {
		leave_nothing_wanted(plan, host, config);
		return 0;
	}
	if (!instances) {
		plan->gpu = plan->vfs.pfs[0].way.finding;
		plan_vfs_alone(plan, host, config);
		return 0;
	}
	judge_gpus(&plan->gpu, &host->gpus);
	if (may_make_instances(plan, host, config)) {
		r = plan_instances(plan, host, config);
		plan_modules(plan, host, config);
		return r;
	}
	if (vf_plan_acts(&plan->vfs))
		plan_vfs_alone(plan, host, config);
	return 0;
}

bool plan_makes_instances(const struct plan *plan)
{
	return plan->stance == STANCE_ACT && (plan->instance_count > 0 || plan->removal_count > 0);
}

int plan_make_room(struct plan *plan, const struct host *host, const struct config *config)
{
	*plan = (struct plan){ .stance = STANCE_ACT };
	int r = plan_removals(plan, host, config);
	return r < 0 ? r : plan_instances(plan, host, config);
}

const struct instance *plan_find(const struct planned_instance *item, const struct host *host)
{
	const struct instance *there = instance_list_find(&host->instances, item->wanted->uuid);
	return there && is_as_wanted(item->wanted, item->parent, there) ? there : NULL;
}

bool plan_is_offered(const struct host *host, const struct wanted *wanted)
{
	for (size_t i = 0; i <= wanted->other_count; i++) {
		const struct gpu *gpu = find_gpu(host, wanted_parent(wanted, i));
		if (gpu && type_list_has(host_types(host, gpu->address), wanted->type))
			return true;
	}
	return false;
}

bool plan_may_start(const struct host *host, const struct config *config)
{
	for (size_t i = 0; i < config->wanted.count; i++) {
		const struct wanted *wanted = &config->wanted.items[i];
		struct planned_instance item = { .wanted = wanted };
		resolve_parent(host, wanted, item.parent);
		if (!plan_find(&item, host) && (wanted->keep || !plan_is_offered(host, wanted)))
			return false;
	}
	return true;
}

bool plan_next_parent(struct planned_instance *item)
{
	if (item->other_count == 0)
		return false;
	strcpy(item->parent, item->others[0]);
	item->other_count--;
	memmove(item->others, item->others + 1, item->other_count * sizeof(item->others[0]));
	return true;
}

void plan_free(struct plan *plan)
{
	free(plan->instances);
	free(plan->removals);
	vf_plan_free(&plan->vfs);
	*plan = (struct plan){ 0 };
}
