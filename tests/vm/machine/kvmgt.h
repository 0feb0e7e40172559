/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GPU as kvmgt's two halves see it: the parent (kvmgt.c) and its vGPUs (vgpu.c). */
#ifndef MACHINE_KVMGT_H
#define MACHINE_KVMGT_H

#include <linux/idr.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include "gvt.h"
#include "gvt_pool.h"

struct gvt_type {
	struct mdev_type mdev;
	const struct gvt_size *size;
	char name[sizeof("GVTg_V5_8")];
};

struct gvt {
	struct igpu *igpu;
	struct mutex lock;	/* taken by create, destroy and available_instances */
	struct gvt_pool pool;
	struct idr vgpus;
	unsigned int creates;
	struct mdev_parent parent;
	struct gvt_type types[GVT_SIZES];
	struct mdev_type *mdev_types[GVT_SIZES];
	unsigned int nr_types;
};

static inline struct gvt_type *to_type(struct mdev_type *mdev)
{
	return container_of(mdev, struct gvt_type, mdev);
}

static inline struct gvt *type_to_gvt(struct mdev_type *mdev)
{
	struct igpu *igpu = dev_get_drvdata(mdev->parent->dev);

	return igpu->gvt;
}

extern const struct attribute_group *vgpu_groups[];
int vgpu_probe(struct mdev_device *mdev);
void vgpu_remove(struct mdev_device *mdev);

#endif
