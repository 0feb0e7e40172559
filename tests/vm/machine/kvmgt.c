// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for kvmgt: registers every GPU that i915 lets it have as an mdev
 * parent with the types that fit.
 *
 * Modelled on drivers/gpu/drm/i915/gvt: kvmgt.c (order of registration) and
 * vgpu.c (types). The mdev core is the kernel's own.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <drm/drm_drv.h>
#include "kvmgt.h"

static unsigned int fault_init_errno;
module_param(fault_init_errno, uint, 0400);
MODULE_PARM_DESC(fault_init_errno, "loading fails with this errno, as with 19 (ENODEV) before 5.19");

static bool fault_no_types;
module_param(fault_no_types, bool, 0400);
MODULE_PARM_DESC(fault_no_types, "GVT-g's initialisation fails, silently");

static unsigned int fault_window_ms;
module_param(fault_window_ms, uint, 0400);
MODULE_PARM_DESC(fault_window_ms, "time from announcing the types to registering their driver");

static bool fault_fragmented;
module_param(fault_fragmented, bool, 0400);
MODULE_PARM_DESC(fault_fragmented, "no create finds memory, though the counts say otherwise");

ssize_t gvt_describe(const struct gvt_size *size, char *buf)
{
	return sysfs_emit(buf,
			  "low_gm_size: %uMB\nhigh_gm_size: %uMB\nfence: %u\n"
			  "resolution: %s\nweight: %u\n",
			  size->low >> 20, size->high >> 20, size->fences, size->resolution, size->weight);
}

static void init_types(struct gvt *gvt)
{
	int generation = gvt->igpu->platform == PLATFORM_BDW ? 4 : 5;
	unsigned int i;

	for (i = 0; i < GVT_SIZES && gvt_pool_offers(&gvt->pool, &gvt_sizes[i]); i++) {
		struct gvt_type *type = &gvt->types[i];

		type->size = &gvt_sizes[i];
		snprintf(type->name, sizeof(type->name), "GVTg_V%d_%s", generation, type->size->name);
	}
	gvt->nr_types = i;
}

int gvt_begin(struct gvt *gvt, struct igpu *igpu)
{
	if (fault_no_types)
		return -ENODEV;
	gvt->igpu = igpu;
	mutex_init(&gvt->lock);
	idr_init(&gvt->vgpus);
	gvt->pool.aperture = igpu->aperture;
	gvt->pool.hidden = igpu->ggtt - igpu->aperture;
	gvt->pool.fragmented = fault_fragmented;
	init_types(gvt);
	igpu->gvt = gvt;
	drm_dev_get(&igpu->drm);
	return 0;
}

void gvt_end(struct gvt *gvt)
{
	idr_destroy(&gvt->vgpus);
	gvt->igpu->gvt = NULL;
	drm_dev_put(&gvt->igpu->drm);
}

static const struct gvt_ops ops = { .init = parent_register, .clean = parent_unregister };

/* In this order, unsafe as it is, the real one announces and then registers. */
static int __init kvmgt_init(void)
{
	int ret;

	if (fault_init_errno)
		return -(int)fault_init_errno;
	ret = gvt_set_ops(&ops);
	if (ret)
		return ret;
	if (fault_window_ms)
		msleep(fault_window_ms);
	ret = vgpu_driver_register();
	if (ret)
		gvt_clear_ops(&ops);
	return ret;
}

static void __exit kvmgt_exit(void)
{
	vgpu_driver_unregister();
	gvt_clear_ops(&ops);
}

module_init(kvmgt_init);
module_exit(kvmgt_exit);

MODULE_DESCRIPTION("Test machine: stands in for the mediated pass-through of Intel GPUs");
MODULE_LICENSE("GPL");
