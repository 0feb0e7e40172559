// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sizes (intel_vgpu_configs) and the counting (vgpu.c), the shares of the
 * host and the refusals (aperture_gm.c) of drivers/gpu/drm/i915/gvt; the
 * numbers are the same in Linux 5.10 to 7.3. The counting is in 32 bits and
 * the taking in 64, so that an aperture as large as the whole address space
 * wraps around to the nonsense that the real driver tells: types with bogus
 * counts, whose creation fails. The caller holds the lock of the GPU.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include "gvt_pool.h"

#define HOST_LOW    (128 * SZ_1M)
#define HOST_HIGH   (384 * SZ_1M)
#define HOST_FENCES 4
#define FENCES      32

const struct gvt_size gvt_sizes[GVT_SIZES] = {
	{ 64 * SZ_1M, 384 * SZ_1M, 4, 2, "1024x768", "8" },
	{ 128 * SZ_1M, 512 * SZ_1M, 4, 4, "1920x1200", "4" },
	{ 256 * SZ_1M, 1024 * SZ_1M, 4, 8, "1920x1200", "2" },
	{ 512 * SZ_1M, 2048U * SZ_1M, 4, 16, "1920x1200", "1" },
};

/* The list of types ends at the first size that could never fit. */
bool gvt_pool_offers(const struct gvt_pool *pool, const struct gvt_size *size)
{
	unsigned int low = pool->aperture - HOST_LOW;

	return low / size->low != 0;
}

unsigned int gvt_pool_room(const struct gvt_pool *pool, const struct gvt_size *size)
{
	unsigned int low = pool->aperture - HOST_LOW - pool->low_taken;
	unsigned int high = pool->hidden - HOST_HIGH - pool->high_taken;

	return min(low / size->low, high / size->high);
}

unsigned int gvt_pool_available(const struct gvt_pool *pool, const struct gvt_size *size)
{
	unsigned int fences = FENCES - HOST_FENCES - pool->fences_taken;

	return min(gvt_pool_room(pool, size), fences / size->fences);
}

/* Fences too are told as if they were bytes, as the real driver does. */
static bool fits(const char *item, u64 request, u64 max, u64 taken)
{
	u64 avail = max - taken;

	if (request <= avail)
		return true;
	pr_err("gvt: fail to allocate resource %s\n", item);
	pr_err("gvt: request %lluMB avail %lluMB max %lluMB taken %lluMB\n", request / SZ_1M, avail / SZ_1M,
	       max / SZ_1M, taken / SZ_1M);
	return false;
}

/* After the counts agree, the memory itself has still to be found. */
static bool found(const char *item, bool there)
{
	if (!there)
		pr_err("gvt: fail to alloc %s gm space from host\n", item);
	return there;
}

int gvt_pool_take(struct gvt_pool *pool, const struct gvt_size *size)
{
	if (!fits("low GM space", size->low, pool->aperture - HOST_LOW, pool->low_taken) ||
	    !fits("high GM space", size->high, pool->hidden - HOST_HIGH, pool->high_taken) ||
	    !fits("fence", size->fences, FENCES - HOST_FENCES, pool->fences_taken))
		return -ENOSPC;
	if (!found("low", !pool->fragmented) || !found("high", pool->high_taken + size->high <= pool->hidden))
		return -ENOSPC;

	pool->low_taken += size->low;
	pool->high_taken += size->high;
	pool->fences_taken += size->fences;
	return 0;
}

void gvt_pool_give(struct gvt_pool *pool, const struct gvt_size *size)
{
	pool->low_taken -= size->low;
	pool->high_taken -= size->high;
	pool->fences_taken -= size->fences;
}
