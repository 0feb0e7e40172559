// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/sriov/sriov_rules.h"

#include <errno.h>

#include "decide/host_rules.h"

static void make(struct finding *finding, const struct gpu *gpu, const char *name, enum cause cause)
{
	finding_make(finding, name, SEVERITY_FAILED, cause);
	finding_value(finding, VALUE_ADDRESS, "%s", gpu->address);
	finding_value(finding, VALUE_DEVICE, "%04x", gpu->device_id);
	finding_value(finding, VALUE_DRIVER, "%s", gpu->driver);
}

static const struct sriov *sriov_of(const struct host *host, const struct gpu *gpu)
{
	return &host->sriov.gpus[gpu - host->gpus.items];
}

static enum module_state state_of(const struct host *host, enum way way)
{
	return way == WAY_XE ? host->sriov.xe_state : host->i915_state;
}

// The module is being inserted, or the GPU does not answer.
static bool judge_hung(struct finding *leave, const struct host *host, const struct gpu *gpu, const struct gpu_way *way)
{
	bool coming = state_of(host, way->way) == MODULE_COMING;
	if (!coming && !host->gpus.hung && sriov_of(host, gpu)->total != -ETIMEDOUT)
		return false;
	finding_make(leave, "sriov-hung", SEVERITY_FAILED, coming ? CAUSE_SRIOV_COMING : CAUSE_SRIOV_UNANSWERED);
	if (coming)
		finding_value(leave, VALUE_MODULE, "%s", way->driver);
	finding_value(leave, VALUE_ADDRESS, "%s", gpu->address);
	return true;
}

// Another driver has the GPU than the one that can split it, or an i915 that cannot.
static bool judge_wrong_driver(struct finding *leave, const struct host *host, const struct gpu *gpu,
			       const struct gpu_way *way)
{
	bool stock = way->way == WAY_I915 && host->sriov.i915_max_vfs < 0;
	if (!gpu->driver[0] || (streq(gpu->driver, way->driver) && !stock))
		return false;
	make(leave, gpu, "sriov-driver-wrong", stock ? CAUSE_I915_STOCK : CAUSE_DRIVER_OTHER);
	finding_value(leave, VALUE_MODULE, "%s", way->driver);
	finding_flag(leave, VALUE_PARAMETER, way->forced);
	return true;
}

enum stance sriov_judge_driver(struct finding *leave, const struct host *host, const struct gpu *gpu,
			       const struct gpu_way *way)
{
	const struct sriov *sriov = sriov_of(host, gpu);
	long max_vfs = way->way == WAY_XE ? host->sriov.xe_max_vfs : host->sriov.i915_max_vfs;
	if (judge_wrong_driver(leave, host, gpu, way))
		return STANCE_UNABLE;
	if (!gpu->driver[0])
		return STANCE_ACT;
	if (!sriov->capable) {
		make(leave, gpu, "sriov-absent", CAUSE_SRIOV_NO_CAPABILITY);
		finding_value(leave, VALUE_MODEL, "%s", gpu->name);
		return STANCE_UNABLE;
	}
	if (sriov->total != 0)
		return STANCE_ACT;
	if (max_vfs == 0)
		make(leave, gpu, "sriov-total", CAUSE_TOTAL_BY_PARAMETER);
	else if (sriov->bars_missing)
		make(leave, gpu, "sriov-room", CAUSE_VFS_NO_ROOM);
	else
		make(leave, gpu, "sriov-total", CAUSE_TOTAL_REFUSED);
	return STANCE_UNABLE;
}

enum stance sriov_judge(struct finding *leave, const struct host *host, const struct gpu *gpu,
			const struct gpu_way *way, const struct sriov_need *need)
{
	if (judge_taken(leave, host, gpu, "xe")) {
		finding_value(leave, VALUE_MODULE, "%s", way->driver);
		return STANCE_ADMIN;
	}
	if (!way_is_sriov(way->way)) {
		*leave = way->finding;
		return way->admin ? STANCE_ADMIN : STANCE_UNABLE;
	}
	if (judge_hung(leave, host, gpu, way))
		return STANCE_UNABLE;
	if (need->guests && !sriov_of(host, gpu)->group[0]) {
		make(leave, gpu, "sriov-iommu", host->iommu.unit[0] ? CAUSE_IOMMU_NOT_OF_GPU : CAUSE_IOMMU_NONE);
		return STANCE_UNABLE;
	}
	if (way->firmware_lacks) {
		struct gpu_way lacking = *way;
		gpu_way_tell_firmware(&lacking, gpu);
		*leave = lacking.finding;
		return STANCE_UNABLE;
	}
	return sriov_judge_driver(leave, host, gpu, way);
}
