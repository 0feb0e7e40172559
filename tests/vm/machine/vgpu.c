// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A vGPU of the kvmgt stand-in: it takes its share of the GPU, but it does not
 * run.
 *
 * Modelled on drivers/gpu/drm/i915/gvt/vgpu.c (IDs and the lock), where nothing
 * of this has changed from Linux 5.10 to 7.3.
 */
#include <linux/module.h>
#include "kvmgt.h"

#define FIRST_VGPU_ID 1 /* 0 is the idle vGPU */
#define END_VGPU_ID   8 /* GVT_MAX_VGPU: so there are 7 at most */

static unsigned int fault_create_hang;
module_param(fault_create_hang, uint, 0400);
MODULE_PARM_DESC(fault_create_hang, "the Nth create from 1 hangs, holding the GPU's lock");

static unsigned int fault_create_hang_ms;
module_param(fault_create_hang_ms, uint, 0400);
MODULE_PARM_DESC(fault_create_hang_ms, "how long fault_create_hang hangs; 0 = for ever (default)");

static unsigned int fault_create_errno;
module_param(fault_create_errno, uint, 0400);
MODULE_PARM_DESC(fault_create_errno, "create fails with this errno");

static unsigned int fault_create_nth;
module_param(fault_create_nth, uint, 0400);
MODULE_PARM_DESC(fault_create_nth, "fault_create_errno hits the Nth create only; 0 = each (default)");

static int create_fault(struct gvt *gvt)
{
	unsigned int nth = ++gvt->creates;

	if (nth == fault_create_hang)
		fault_hang_for(fault_create_hang_ms);
	if (!fault_create_nth || nth == fault_create_nth)
		return -(int)fault_create_errno;
	return 0;
}

int vgpu_begin(struct vgpu *vgpu, struct gvt *gvt, const struct gvt_size *size)
{
	int ret;

	vgpu->gvt = gvt;
	vgpu->size = size;
	mutex_lock(&gvt->lock);
	ret = create_fault(gvt);
	if (ret)
		goto out;
	ret = idr_alloc(&gvt->vgpus, vgpu, FIRST_VGPU_ID, END_VGPU_ID, GFP_KERNEL);
	if (ret < 0)
		goto out;
	vgpu->id = ret;

	ret = gvt_pool_take(&gvt->pool, vgpu->size);
	if (ret)
		idr_remove(&gvt->vgpus, vgpu->id);
out:
	mutex_unlock(&gvt->lock);
	return ret;
}

void vgpu_end(struct vgpu *vgpu)
{
	struct gvt *gvt = vgpu->gvt;

	mutex_lock(&gvt->lock);
	idr_remove(&gvt->vgpus, vgpu->id);
	gvt_pool_give(&gvt->pool, vgpu->size);
	mutex_unlock(&gvt->lock);
}
