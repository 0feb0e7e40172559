// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/sriov/vf_plan.h"

#include <errno.h>
#include <stdio.h>

#include "decide/sriov/sriov_rules.h"

// Its number on one of the host's GPUs, 0 when it is none of its VFs.
static unsigned number_on(const struct host *host, size_t gpu, const struct whole_gpu *claim)
{
	if (!whole_gpu_may_be_vf(claim->address) || gpu_list_at(&host->gpus, claim->address))
		return 0;
	return sriov_vf_number(&host->sriov.gpus[gpu], host->gpus.items[gpu].address, claim->address);
}

const struct gpu *vf_gpu_of(const struct host *host, const struct whole_gpu *claim)
{
	for (size_t i = 0; i < host->gpus.count; i++)
		if (host->gpus.items[i].verdict != GPU_SUPPORTED && number_on(host, i, claim) > 0)
			return &host->gpus.items[i];
	return NULL;
}

bool vf_is_claimed(const struct host *host, const struct whole_gpu *claim)
{
	return vf_gpu_of(host, claim);
}

static const struct whole_gpu *claim_on(const struct config *config, const char *address)
{
	for (size_t i = 0; i < config->claims.count; i++)
		if (streq(config->claims.items[i].address, address))
			return &config->claims.items[i];
	return NULL;
}

// How many VFs are wanted on a GPU, and by whom.
static void count_wanted(struct planned_pf *pf, const struct host *host, const struct config *config,
			 const struct sriov_wish *wish)
{
	pf->wanted = sriov_wish_count(wish);
	if (pf->wanted > 0)
		snprintf(pf->source, sizeof(pf->source), "%s", wish->source);
	for (size_t i = 0; i < config->claims.count; i++) {
		const struct whole_gpu *claim = &config->claims.items[i];
		unsigned number = number_on(host, pf->gpu, claim);
		if (number <= pf->wanted)
			continue;
		pf->wanted = number;
		snprintf(pf->source, sizeof(pf->source), "%s", claim->source);
	}
}

static void say(struct planned_vf *vf, enum vf_step step, const char *name, enum cause cause)
{
	vf->step = step;
	finding_make(&vf->finding, name, SEVERITY_WARNING, cause);
	finding_value(&vf->finding, VALUE_PARENT, "%s", vf->address);
	if (vf->source)
		finding_value(&vf->finding, VALUE_SOURCE, "%s", vf->source);
	if (vf->claim && vf->claim->vmid)
		finding_value(&vf->finding, VALUE_VMID, "%u", vf->claim->vmid);
}

// A VF that is there. One that another driver has is left to it: somebody may use it, and Proxmox VE takes it at the
// guest's start.
static void judge_there(struct planned_vf *vf, const struct vf *there)
{
	vf->step = there->driver[0] ? VF_READY : VF_BIND;
	if (vf->host || !there->group[0] || !there->shared)
		return;
	say(vf, vf->step, "vf-group", CAUSE_VF_GROUP_SHARED);
	finding_value(&vf->finding, VALUE_ITEM, "%s", there->group);
}

static void judge_vf(struct planned_pf *pf, struct planned_vf *vf, const struct host *host)
{
	const struct sriov *sriov = &host->sriov.gpus[pf->gpu];
	const struct vf *there = sriov_vf(sriov, vf->number);
	if (there) {
		judge_there(vf, there);
		return;
	}
	vf->step = VF_MAKE;
	if (sriov->total > 0 && vf->number > (unsigned)sriov->total) {
		say(vf, VF_HOPELESS, "vf-too-many", CAUSE_VFS_MOST);
		finding_value(&vf->finding, VALUE_MOST, "%d", sriov->total);
	} else if (sriov->count > 0) {
		say(vf, VF_LATER, "vf-later", CAUSE_VFS_FEWER);
		finding_value(&vf->finding, VALUE_COUNT, "%u", sriov->count);
	}
	finding_value(&vf->finding, VALUE_ADDRESS, "%s", host->gpus.items[pf->gpu].address);
	finding_value(&vf->finding, VALUE_NEEDED, "%u", pf->wanted);
}

static int plan_vfs(struct planned_pf *pf, const struct host *host, const struct config *config,
		    const struct sriov_wish *wish)
{
	const struct gpu *gpu = &host->gpus.items[pf->gpu];
	const struct sriov *sriov = &host->sriov.gpus[pf->gpu];
	pf->vfs = calloc(pf->wanted, sizeof(*pf->vfs));
	if (!pf->vfs)
		return -ENOMEM;
	for (unsigned number = 1; number <= pf->wanted; number++) {
		struct planned_vf *vf = &pf->vfs[pf->vf_count];
		vf->number = number;
		if (sriov_vf_address(sriov, gpu->address, number, vf->address) < 0)
			continue;
		vf->claim = claim_on(config, vf->address);
		vf->host = sriov_wish_keeps(wish, number) && !vf->claim;
		vf->source = vf->claim ? vf->claim->source : number <= sriov_wish_count(wish) ? wish->source : NULL;
		judge_vf(pf, vf, host);
		pf->vf_count++;
		if (vf->step == VF_MAKE)
			pf->enable = number;
	}
	return 0;
}

static bool is_for_guests(const struct planned_pf *pf)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		if (!pf->vfs[i].host)
			return true;
	return false;
}

// The driver's options. i915 has no VFs without max_vfs, and can be given more at no later time: all that there can be.
// xe allows all by itself.
static void choose_options(struct planned_pf *pf, const struct host *host)
{
	const struct gpu *gpu = &host->gpus.items[pf->gpu];
	const struct sriov *sriov = &host->sriov.gpus[pf->gpu];
	if (pf->way.way == WAY_I915)
		snprintf(pf->options, sizeof(pf->options), "enable_guc=3 max_vfs=%d",
			 sriov->total > 0 ? sriov->total : (int)pf->wanted);
	else if (pf->way.forced)
		snprintf(pf->options, sizeof(pf->options), "force_probe=%04x", gpu->device_id);
}

static int plan_pf(struct vf_plan *plan, const struct host *host, const struct config *config, size_t index)
{
	const struct gpu *gpu = &host->gpus.items[index];
	const struct sriov_wish *wish =
		sriov_wish_for(&config->sriov, gpu->address, gpu_list_sriov(&host->gpus) == gpu);
	struct planned_pf *pf = &plan->pfs[plan->count];
	pf->gpu = index;
	pf->fair = wish->fair;
	count_wanted(pf, host, config, wish);
	if (pf->wanted == 0 || gpu->verdict == GPU_SUPPORTED)
		return 0;
	plan->count++;
	gpu_way_choose(&pf->way, host, gpu);
	int r = plan_vfs(pf, host, config, wish);
	if (r < 0)
		return r;
	choose_options(pf, host);
	pf->stance = sriov_judge(&pf->leave, host, gpu, &pf->way,
				 &(struct sriov_need){ .count = pf->wanted, .guests = is_for_guests(pf) });
	return 0;
}

unsigned vf_plan_wanted(const struct host *host, const struct config *config, const struct gpu *gpu)
{
	struct planned_pf pf = { .gpu = (size_t)(gpu - host->gpus.items) };
	if (gpu->verdict != GPU_SUPPORTED)
		count_wanted(&pf, host, config,
			     sriov_wish_for(&config->sriov, gpu->address, gpu_list_sriov(&host->gpus) == gpu));
	return pf.wanted;
}

const struct gpu *vf_plan_gpu(const struct host *host, const struct config *config)
{
	const struct gpu *first = gpu_list_sriov(&host->gpus);
	for (size_t i = 0; i < host->gpus.count; i++)
		if (vf_plan_wanted(host, config, &host->gpus.items[i]) > 0)
			return &host->gpus.items[i];
	return first;
}

int vf_plan_make(struct vf_plan *plan, const struct host *host, const struct config *config)
{
	*plan = (struct vf_plan){ 0 };
	if (host->gpus.count == 0 || !config_may_want_vfs(config))
		return 0;
	plan->pfs = calloc(host->gpus.count, sizeof(*plan->pfs));
	if (!plan->pfs)
		return -ENOMEM;
	int r = 0;
	for (size_t i = 0; r == 0 && i < host->gpus.count; i++)
		r = plan_pf(plan, host, config, i);
	return r;
}

void vf_plan_free(struct vf_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->pfs[i].vfs);
	free(plan->pfs);
	*plan = (struct vf_plan){ 0 };
}

bool vf_plan_acts(const struct vf_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->pfs[i].stance == STANCE_ACT)
			return true;
	return false;
}

bool planned_pf_is_met(const struct planned_pf *pf)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		if (pf->vfs[i].step != VF_READY)
			return false;
	return true;
}

bool vf_plan_is_met(const struct vf_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!planned_pf_is_met(&plan->pfs[i]))
			return false;
	return true;
}
