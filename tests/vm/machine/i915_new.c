// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GVT-g in the stand-in for i915, by the rules of Linux 5.19 and later: kvmgt
 * holds all of it, and i915 hands it each device, whichever of the two came
 * first. The checks, their order and their messages are intel_gvt.c's; the
 * dependencies and the firmware's names are those of 6.1.
 */
#include <linux/i2c-algo-bit.h>
#include <linux/module.h>
#include <linux/version.h>
#include <acpi/video.h>
#include <drm/display/drm_dp_helper.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include "i915.h"
#include "i915_ids.h"

/* Since 6.13 the name of a symbol namespace is written as a string. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define GVT_NAMESPACE "I915_GVT"
#else
#define GVT_NAMESPACE I915_GVT
#endif

static bool fault_guc;
module_param(fault_guc, bool, 0400);
MODULE_PARM_DESC(fault_guc, "GuC submission is wanted, which keeps GVT-g off");

const struct pci_device_id i915_ids[] = { I915_IDS(I915_ID), I915_IDS_LATER(I915_ID), {} };
MODULE_DEVICE_TABLE(pci, i915_ids);

bool i915_modeset_forbidden(void)
{
	return drm_firmware_drivers_only();
}

/* The devices probed and the one kvmgt that may be attached: both by gvt_lock. */
static DEFINE_MUTEX(gvt_lock);
static LIST_HEAD(igpus);
static const struct gvt_ops *gvt_ops;

static void gvt_init_device(struct igpu *igpu)
{
	if (!igpu->enable_gvt) {
		drm_dbg(&igpu->drm, "GVT-g is disabled by kernel params\n");
		return;
	}
	if (igpu->platform == PLATFORM_OTHER) {
		drm_info(&igpu->drm, "Unsupported device. GVT-g is disabled\n");
		return;
	}
	if (fault_guc) {
		drm_err(&igpu->drm, "Graphics virtualization is not yet supported with GuC submission\n");
		return;
	}
	if (gvt_ops->init(igpu))
		drm_dbg(&igpu->drm, "Fail to init GVT device\n");
}

static void gvt_clean_device(struct igpu *igpu)
{
	if (igpu->gvt)
		gvt_ops->clean(igpu);
}

/* Never fails because of a device: that kvmgt loaded says nothing about GVT-g. */
int gvt_set_ops(const struct gvt_ops *ops)
{
	struct igpu *igpu;
	int ret = -EINVAL;

	mutex_lock(&gvt_lock);
	if (!gvt_ops) {
		gvt_ops = ops;
		list_for_each_entry(igpu, &igpus, node) gvt_init_device(igpu);
		ret = 0;
	}
	mutex_unlock(&gvt_lock);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(gvt_set_ops, GVT_NAMESPACE);

void gvt_clear_ops(const struct gvt_ops *ops)
{
	struct igpu *igpu;

	mutex_lock(&gvt_lock);
	if (gvt_ops == ops) {
		list_for_each_entry(igpu, &igpus, node) gvt_clean_device(igpu);
		gvt_ops = NULL;
	}
	mutex_unlock(&gvt_lock);
}
EXPORT_SYMBOL_NS_GPL(gvt_clear_ops, GVT_NAMESPACE);

int i915_begin_gvt(struct igpu *igpu)
{
	mutex_lock(&gvt_lock);
	list_add_tail(&igpu->node, &igpus);
	if (gvt_ops)
		gvt_init_device(igpu);
	mutex_unlock(&gvt_lock);
	return 0;
}

void i915_end_gvt(struct igpu *igpu)
{
	mutex_lock(&gvt_lock);
	gvt_clean_device(igpu);
	list_del(&igpu->node);
	mutex_unlock(&gvt_lock);
}

/* Never called: they give the module the dependencies of the real one. */
static const void *const needed[] __used = {
	acpi_video_unregister,       /* video */
	drm_dp_channel_eq_ok,        /* drm_display_helper, and cec by it */
	drm_kms_helper_poll_disable, /* drm_kms_helper */
	i2c_bit_add_bus,             /* i2c-algo-bit */
};

MODULE_FIRMWARE("i915/skl_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/bxt_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/kbl_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/glk_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/cml_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/icl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/ehl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/tgl_huc_7.9.3.bin");
MODULE_FIRMWARE("i915/dg1_huc.bin");
MODULE_FIRMWARE("i915/skl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/bxt_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/kbl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/glk_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/cml_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/icl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/ehl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/tgl_guc_70.1.1.bin");
MODULE_FIRMWARE("i915/adlp_guc_70.bin");
MODULE_FIRMWARE("i915/dg2_guc_70.bin");
MODULE_FIRMWARE("i915/bxt_dmc_ver1_07.bin");
MODULE_FIRMWARE("i915/skl_dmc_ver1_27.bin");
MODULE_FIRMWARE("i915/kbl_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/glk_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/icl_dmc_ver1_09.bin");
MODULE_FIRMWARE("i915/tgl_dmc_ver2_12.bin");
MODULE_FIRMWARE("i915/rkl_dmc_ver2_03.bin");
MODULE_FIRMWARE("i915/dg1_dmc_ver2_02.bin");
MODULE_FIRMWARE("i915/adls_dmc_ver2_01.bin");
MODULE_FIRMWARE("i915/adlp_dmc_ver2_16.bin");
MODULE_FIRMWARE("i915/dg2_dmc_ver2_07.bin");
