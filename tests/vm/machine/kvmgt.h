/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvmgt's parts: kvmgt.c has the module and its GPUs, vgpu.c what a vGPU takes
 * of one. How the mdev and vfio cores see them is in kvmgt_new.c for Linux 6.1
 * and later, in kvmgt_old.c for Linux 5.10.
 */
#ifndef MACHINE_KVMGT_H
#define MACHINE_KVMGT_H

#include <linux/idr.h>
#include <linux/mutex.h>
#include "gvt.h"
#include "gvt_pool.h"

struct gvt_type {
	const struct gvt_size *size;
	char name[sizeof("GVTg_V5_8")];
};

struct gvt {
	struct igpu *igpu;
	struct mutex lock; /* of the pool and the vGPUs; held throughout a create */
	struct gvt_pool pool;
	struct idr vgpus;
	unsigned int creates;
	struct gvt_type types[GVT_SIZES];
	unsigned int nr_types;
};

struct vgpu {
	struct gvt *gvt;
	const struct gvt_size *size;
	int id;
};

/* kvmgt.c */
int gvt_begin(struct gvt *gvt, struct igpu *igpu);
void gvt_end(struct gvt *gvt);
ssize_t gvt_describe(const struct gvt_size *size, char *buf);

/* vgpu.c */
int vgpu_begin(struct vgpu *vgpu, struct gvt *gvt, const struct gvt_size *size);
void vgpu_end(struct vgpu *vgpu);

/* kvmgt_new.c or kvmgt_old.c: a GPU as an mdev parent, and the driver of its vGPUs. */
int parent_register(struct igpu *igpu);
void parent_unregister(struct igpu *igpu);
int vgpu_driver_register(void);
void vgpu_driver_unregister(void);

#endif
