// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GVT-g in the stand-in for i915, by the rules of Linux 5.10: it is part of i915
 * and starts within its probe. kvmgt comes later and is refused unless a device
 * has GVT-g running; there is no list of devices, the last one counts.
 *
 * The checks, their order and their messages are those of intel_gvt.c and
 * gvt/gvt.c, and the last line of a failed probe is i915_drv.c's. When the
 * device goes while kvmgt drives it, the real i915 leaves types behind that
 * crash the kernel; this one takes them back.
 */
#include <linux/console.h>
#include <linux/i2c-algo-bit.h>
#include <linux/module.h>
#include <acpi/video.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <drm/drm_probe_helper.h>
#include <media/cec.h>
#include "i915.h"
#include "i915_ids.h"

static bool fault_guc;
module_param(fault_guc, bool, 0400);
MODULE_PARM_DESC(fault_guc, "GuC submission is wanted, which fails the probe if GVT-g is wanted too");

const struct pci_device_id i915_ids[] = { I915_IDS(I915_ID), {} };
MODULE_DEVICE_TABLE(pci, i915_ids);

bool i915_modeset_forbidden(void)
{
	return vgacon_text_force();
}

/* The device with GVT-g running, and the kvmgt attached: both by gvt_lock. */
static DEFINE_MUTEX(gvt_lock);
static struct igpu *host;
static const struct gvt_ops *gvt_ops;

int gvt_set_ops(const struct gvt_ops *ops)
{
	int ret = -ENODEV;

	mutex_lock(&gvt_lock);
	if (host && !gvt_ops) {
		ret = ops->init(host);
		if (!ret)
			gvt_ops = ops;
		else if (ret != -ENODEV) /* that is kvmgt.fault_no_types: as if without host */
			pr_err("gvt: Failed to init KVM hypervisor module\n");
	}
	mutex_unlock(&gvt_lock);
	return ret ? -ENODEV : 0;
}
EXPORT_SYMBOL_GPL(gvt_set_ops);

static void detach(void)
{
	if (host && host->gvt)
		gvt_ops->clean(host);
}

void gvt_clear_ops(const struct gvt_ops *ops)
{
	mutex_lock(&gvt_lock);
	if (gvt_ops == ops) {
		detach();
		gvt_ops = NULL;
	}
	mutex_unlock(&gvt_lock);
}
EXPORT_SYMBOL_GPL(gvt_clear_ops);

int i915_begin_gvt(struct igpu *igpu)
{
	if (igpu->enable_gvt && igpu->platform == PLATFORM_OTHER) {
		drm_info(&igpu->drm, "Unsupported device. GVT-g is disabled\n");
		igpu->enable_gvt = false;
	}
	if (!igpu->enable_gvt) {
		drm_dbg(&igpu->drm, "GVT-g is disabled by kernel params\n");
		return 0;
	}
	if (fault_guc) {
		drm_err(&igpu->drm,
			"i915 GVT-g loading failed due to Graphics virtualization is not yet supported with GuC submission\n");
		dev_err(igpu->drm.dev, "Device initialization failed (%d)\n", -EIO);
		return -EIO;
	}

	gvt_load_golden_state(igpu->drm.dev);
	mutex_lock(&gvt_lock);
	if (!gvt_ops)
		host = igpu;
	mutex_unlock(&gvt_lock);
	return 0;
}

void i915_end_gvt(struct igpu *igpu)
{
	mutex_lock(&gvt_lock);
	if (host == igpu) {
		detach();
		host = NULL;
	}
	mutex_unlock(&gvt_lock);
}

/* Never called: they give the module the dependencies of the real one. */
static const void *const needed[] __used = {
	acpi_video_unregister,       /* video */
	cec_received_msg_ts,         /* cec */
	drm_kms_helper_poll_disable, /* drm_kms_helper */
	i2c_bit_add_bus,             /* i2c-algo-bit */
};

MODULE_FIRMWARE("i915/skl_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/skl_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/bxt_huc_2.0.0.bin");
MODULE_FIRMWARE("i915/bxt_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/kbl_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/kbl_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/glk_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/glk_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/cml_huc_4.0.0.bin");
MODULE_FIRMWARE("i915/cml_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/icl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/icl_guc_33.0.0.bin");
MODULE_FIRMWARE("i915/ehl_huc_9.0.0.bin");
MODULE_FIRMWARE("i915/ehl_guc_33.0.4.bin");
MODULE_FIRMWARE("i915/tgl_huc_7.5.0.bin");
MODULE_FIRMWARE("i915/tgl_guc_35.2.0.bin");
MODULE_FIRMWARE("i915/bxt_dmc_ver1_07.bin");
MODULE_FIRMWARE("i915/skl_dmc_ver1_27.bin");
MODULE_FIRMWARE("i915/kbl_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/glk_dmc_ver1_04.bin");
MODULE_FIRMWARE("i915/cnl_dmc_ver1_07.bin");
MODULE_FIRMWARE("i915/icl_dmc_ver1_09.bin");
MODULE_FIRMWARE("i915/tgl_dmc_ver2_08.bin");
MODULE_FIRMWARE("i915/rkl_dmc_ver2_02.bin");
