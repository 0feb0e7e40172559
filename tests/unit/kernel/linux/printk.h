/* SPDX-License-Identifier: GPL-2.0-or-later */
#define pr_err(...) snprintf(pool_said, sizeof(pool_said), __VA_ARGS__)
