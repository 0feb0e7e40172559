/* SPDX-License-Identifier: GPL-2.0-or-later */
#define SZ_1M 0x00100000
