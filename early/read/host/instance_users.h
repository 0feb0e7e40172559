// SPDX-License-Identifier: GPL-2.0-or-later
// Who uses the instances and the virtual functions (VFs): which guests of Proxmox VE run, and which processes have one
// of them open.
//
// A program that uses an instance or a VF has its VFIO group open, /dev/vfio/N, for as long, or its own device,
// /dev/vfio/devices/vfioN.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/root.h"
#include "base/util.h"
#include "read/host/igpu.h"
#include "read/host/mdev.h"
#include "read/host/sriov.h"

#define RUNNING_MAX    128
#define USAGE_LIMIT_US (2 * USEC_PER_SEC) // for a look at all processes; it takes some milliseconds

// A process of a guest, "kvm -id VMID", or another one that has an instance open.
struct process {
	pid_t pid;
	unsigned vmid;       // 0 for one that is no guest of Proxmox VE
	char name[16];       // of the program
	uint64_t started_us; // since the kernel started
};

struct usage {
	struct process processes[RUNNING_MAX];
	size_t count;
	int holders[INSTANCES_MAX];        // of the instance with the same index: a process, or -1
	int vf_holders[GPUS_MAX][VFS_MAX]; // likewise of the VFs of each GPU
	int stray;  // a process that was handed an open device, which says nothing of its name: it may be any; or -1
	bool blind; // not all processes can be looked into: an instance without a holder may have one
	bool hung;  // a process does not answer: what is there may be incomplete
};

// Reads them until a moment (clock.h). Looking into a process can block as well, where that one hangs in the kernel.
// gpus has the VFs of as many GPUs.
void usage_read(struct usage *usage, const struct root *root, const struct instance_list *instances,
		const struct sriov *gpus, size_t gpu_count, uint64_t until_us);

// Sets the fields "use" and "user" of the instances that were read for.
void usage_mark(const struct usage *usage, struct instance_list *instances);

// The process that has an instance open, or NULL.
const struct process *usage_holder(const struct usage *usage, size_t instance);

// The process that has a VF open, by the place of its GPU and its own in struct sriov; or NULL.
const struct process *usage_vf_holder(const struct usage *usage, size_t gpu, size_t vf);

// For an instance or a VF without a known user: whether it is certain that no process has it open.
bool usage_is_whole(const struct usage *usage);

// The guest that was started first of those that run, or NULL.
const struct process *usage_first_guest(const struct usage *usage);

// The process of a guest, or NULL when it does not run.
const struct process *usage_guest(const struct usage *usage, unsigned vmid);
