/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual functions of a planted GPU: its SR-IOV capability, and what each of them answers. */
#ifndef MACHINE_SRIOV_H
#define MACHINE_SRIOV_H

#include "function.h"

#define SRIOV_MOST 7 /* so that all of them stay in the GPU's slot */

/* To a function that has PCI Express: VFS of them, each with a BAR 2 of BAR_MIB. Before function_finish(). */
void sriov_add(struct function *pf, unsigned int vfs, unsigned int bar_mib);

/* The configuration space of each VF of PF, which is filled. */
void sriov_fill_vf(struct function *vf, const struct function *pf);

/* How many VFs are there at this moment. */
unsigned int sriov_enabled(const struct function *pf);

#endif
