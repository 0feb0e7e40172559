/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stand-ins for i915 and kvmgt share: the device as i915 hands it to
 * kvmgt, and the pair of functions by which kvmgt hooks itself in. The real
 * pair is intel_gvt_set_ops()/intel_gvt_clear_ops(), drivers/gpu/drm/i915/
 * intel_gvt.c of Linux 5.19 and later, and before that
 * intel_gvt_register_hypervisor() and its counterpart, gvt/gvt.c; both sides
 * here are ours, so the names differ and the distribution's kvmgt cannot be
 * mixed with our i915.
 */
#ifndef MACHINE_GVT_H
#define MACHINE_GVT_H

#include <linux/list.h>
#include <drm/drm_device.h>
#include "fault.h"

/* PLATFORM_OTHER: i915 drives it, GVT-g refuses it (is_supported_device()). */
enum platform {
	PLATFORM_OTHER,
	PLATFORM_BDW,
	PLATFORM_SKL,
	PLATFORM_KBL,
	PLATFORM_BXT,
	PLATFORM_CFL,
	PLATFORM_CML,
};

struct gvt;

struct igpu {
	struct drm_device drm;
	struct list_head node;
	enum platform platform;
	bool enable_gvt; /* the parameter as it was at probe */
	u64 aperture;    /* bytes the CPU can map: BAR 2 */
	u64 ggtt;        /* bytes of graphics address space */
	struct gvt *gvt; /* set while kvmgt drives this device */
};

struct gvt_ops {
	int (*init)(struct igpu *igpu);
	void (*clean)(struct igpu *igpu);
};

int gvt_set_ops(const struct gvt_ops *ops);
void gvt_clear_ops(const struct gvt_ops *ops);

/* In i915 of the old world, in kvmgt of the new one: GVT-g's initialisation. */
void gvt_load_golden_state(struct device *dev);

#endif
