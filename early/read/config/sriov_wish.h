// SPDX-License-Identifier: GPL-2.0-or-later
// What gvt-early.conf says of the virtual functions (VFs) of a GPU that is split by SR-IOV: a section [sriov] or
// [sriov ADDRESS]. Which VFs the guests want is not in it: those are claims (whole_gpu.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "read/config/wanted.h"

#define SRIOV_WISHES_MAX 8  // sections; a host has few GPUs
#define SRIOV_VFS_MAX    64 // the highest number of a VF; the bits of sriov_wish.host

struct sriov_wish {
	char device[PCI_ADDRESS_SIZE]; // full address, or "" for the one GPU that can be split so
	unsigned vfs;                  // at least so many VFs; 0 for as many as the guests want
	uint64_t host;                 // bit N-1: VF N stays with the host's driver, instead of vfio-pci
	bool fair;                // each VF gets the same share of time (sriov.h), instead of the driver's own values
	char source[SOURCE_SIZE]; // FILE:LINE of the section
};

struct sriov_wish_list {
	struct sriov_wish items[SRIOV_WISHES_MAX];
	size_t count;
};

// What counts for a GPU that no section is for.
extern const struct sriov_wish sriov_wish_default;

// The wish for the GPU at an address: the section that names it, else the one that names none if is_default, else
// sriov_wish_default. Never NULL.
const struct sriov_wish *sriov_wish_for(const struct sriov_wish_list *list, const char *address, bool is_default);

// How many VFs it wants, those that stay with the host's driver included; 0 for none.
unsigned sriov_wish_count(const struct sriov_wish *wish);

// Whether VF number N, from 1 on, stays with the host's driver.
bool sriov_wish_keeps(const struct sriov_wish *wish, unsigned number);

// Adds one. -EEXIST when the device has one already (*ret_other is that), -ENOSPC over SRIOV_WISHES_MAX.
MUST_CHECK int sriov_wish_add(struct sriov_wish_list *list, const struct sriov_wish *wish,
			      const struct sriov_wish **ret_other);

// A list of numbers of VFs, blanks or commas between them, as bits. -EINVAL, or -ERANGE outside 1 to SRIOV_VFS_MAX; an
// empty list is 0.
MUST_CHECK int sriov_wish_parse_numbers(const char *text, uint64_t *ret_bits);
