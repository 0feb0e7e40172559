/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resources that all vGPUs of a GPU share, and the sizes they come in. */
#ifndef MACHINE_GVT_POOL_H
#define MACHINE_GVT_POOL_H

#include <linux/types.h>

#define GVT_SIZES 4

struct gvt_size {
	unsigned int low;  /* bytes of aperture */
	unsigned int high; /* bytes of hidden graphics memory */
	unsigned int fences;
	unsigned int weight;
	const char *resolution;
	const char *name; /* what follows "GVTg_V5_" */
};

extern const struct gvt_size gvt_sizes[GVT_SIZES];

/* All in bytes, but for the fences. */
struct gvt_pool {
	u64 aperture;
	u64 hidden;
	u64 low_taken;
	u64 high_taken;
	unsigned int fences_taken;
	bool fragmented; /* fault: whatever the counts say, nothing fits */
};

bool gvt_pool_offers(const struct gvt_pool *pool, const struct gvt_size *size);
/* How many fit, by memory alone and by fences too. */
unsigned int gvt_pool_room(const struct gvt_pool *pool, const struct gvt_size *size);
unsigned int gvt_pool_available(const struct gvt_pool *pool, const struct gvt_size *size);
int gvt_pool_take(struct gvt_pool *pool, const struct gvt_size *size);
void gvt_pool_give(struct gvt_pool *pool, const struct gvt_size *size);

#endif
