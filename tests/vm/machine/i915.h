/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs in i915 between the kernels: i915_new.c has the rules of Linux
 * 5.19 and later, i915_old.c those of Linux 5.10.
 */
#ifndef MACHINE_I915_H
#define MACHINE_I915_H

#include <linux/pci.h>
#include "gvt.h"

// clang-format off
#define I915_ID(id, p) { \
	PCI_DEVICE(PCI_VENDOR_ID_INTEL, id), \
	.class = PCI_BASE_CLASS_DISPLAY << 16, .class_mask = 0xff << 16, \
	.driver_data = p }
// clang-format on

extern const struct pci_device_id i915_ids[];

/* Whether "nomodeset" and the like keep graphics drivers off. */
bool i915_modeset_forbidden(void);

/* The step of probe that is about GVT-g; an error fails the probe. */
int i915_begin_gvt(struct igpu *igpu);
void i915_end_gvt(struct igpu *igpu);

#endif
