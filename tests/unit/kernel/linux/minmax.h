/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests/vm/machine/gvt_pool.c takes of the kernel, for test_pool.c. */
#define min(a, b) ((a) < (b) ? (a) : (b))
