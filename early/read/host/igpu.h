// SPDX-License-Identifier: GPL-2.0-or-later
// Intel's display devices among the PCI functions, found with libpci, and what their device ID says of GVT-g.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/config/wanted.h"
#include "read/host/sriov_platform.h"

#define GPUS_MAX 8

enum gpu_verdict {
	GPU_SUPPORTED,
	GPU_TOO_NEW,          // 10th generation Ice Lake, 11th and later: no GVT-g, SR-IOV from the 12th on
	GPU_TOO_OLD,          // before Broadwell
	GPU_UNSUPPORTED_ATOM, // Cherry View, Gemini Lake
	GPU_DISCRETE,
	GPU_UNKNOWN, // not in the list: newer than this program
};

struct gpu {
	char address[PCI_ADDRESS_SIZE]; // "0000:00:02.0"
	unsigned functions;             // of its PCI device, itself included
	uint16_t device_id;
	uint16_t class_id; // 0x0300 or 0x0380
	enum gpu_verdict verdict;
	const char *name;         // of the generation, a constant; "" when unknown
	uint64_t aperture;        // bytes of BAR 2
	uint64_t ggtt;            // bytes of graphics address space, from GMCH_CTRL; 0 when it could not be read
	char driver[32];          // bound driver, "" for none
	char driver_override[32]; // what the admin wants bound, "" for nothing
	const struct sriov_platform *platform; // of SR-IOV; NULL for none
};

struct gpu_list {
	struct gpu items[GPUS_MAX]; // by address
	size_t count;
	char error[160]; // why PCI could not be read, "" when it could
	bool unmounted;  // as there is no /sys/bus/pci: /sys is not mounted
	bool hung;       // a driver did not answer meanwhile: the rest of what it was asked for is missing
};

// Finds every function of vendor 8086 with base class 03 (display) that is not a virtual function. Reads configuration
// space and attributes that take the device's lock, so only before a driver is loaded or under a deadline. What went
// wrong is in list->error.
void gpu_list_read(struct gpu_list *list, const struct root *root);

// The same for a program that must not hang: in a child, until a moment (clock.h). What was found until then is in the
// list.
void gpu_list_read_bounded(struct gpu_list *list, const struct root *root, uint64_t until_us);

// Reads anew which driver is bound; takes no lock.
void gpu_read_driver(struct gpu *gpu, const struct root *root);

// The GPU at an address, or NULL.
const struct gpu *gpu_list_at(const struct gpu_list *list, const char *address);

// The first GPU that is a device of wanted.h, or a function of it; or NULL.
const struct gpu *gpu_list_device(const struct gpu_list *list, const char *device);

// The GPU to use when none is named: the first that is supported, else the first; NULL when there is none.
const struct gpu *gpu_list_default(const struct gpu_list *list);

// The GPU that SR-IOV splits when none is named: the first that only SR-IOV can split; NULL when there is none.
const struct gpu *gpu_list_sriov(const struct gpu_list *list);

// The verdict on a device ID, the generation's name and its platform of SR-IOV, each NULL if it is of no interest.
enum gpu_verdict gpu_judge(uint16_t device_id, const char **ret_name, const struct sriov_platform **ret_platform);

// Whether such a GPU can have SR-IOV at all. What GVT-g knows, or is older than it, has none.
bool gpu_may_have_sriov(enum gpu_verdict verdict);

// The size of the graphics address space in bytes by GMCH_CTRL (configuration space, offset 0x50): GGMS, bits 7:6, is
// the logarithm of the page table's size in MiB, each entry of 8 bytes maps 4 KiB (kernel.md, section 2).
uint64_t gpu_ggtt_bytes(uint16_t gmch_ctrl);
