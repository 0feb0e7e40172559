// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that is read of the host before a decision: plain facts, no judgement.
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/root.h"
#include "base/util.h"
#include "read/host/cmdline.h"
#include "read/host/igpu.h"
#include "read/host/instance_users.h"
#include "read/host/iommu.h"
#include "read/host/made_record.h"
#include "read/host/mdev.h"
#include "read/host/modules.h"
#include "read/host/sriov.h"
#include "read/host/sriov_drivers.h"

// What can be read by itself. What costs little and cannot hang comes first.
enum host_part {
	// Everything down to vmcore, i915_state and made: next to nothing.
	HOST_WORDS = 1 << 0,
	// gpus: a driver may hold it up.
	HOST_GPUS = 1 << 1,
	// iommu, and what this kernel has of modules.
	HOST_KERNEL = 1 << 2,
	// What changes while modules are loaded and instances created, the drivers of gpus included; it takes no lock
	// of a driver.
	HOST_STATE = 1 << 3,
	// users, and with it who has the instances open: looks at all processes for up to USAGE_LIMIT_US.
	HOST_USERS = 1 << 4,
	// modules_trouble by all of the indexes, which takes longer than all the rest; for whoever judges the kernel.
	// Needs
	// HOST_KERNEL.
	HOST_INDEXES = 1 << 5,
};

// What GVT-g alone needs.
struct host_gvt {
	// By HOST_KERNEL:
	struct module_policy kvmgt_policy;
	int i915_gvt; // of a foreign i915 (modules.h), whether its file has GVT-g: 1, 0, or a negative errno
	// By HOST_STATE:
	enum module_state kvmgt_state;
	int enable_gvt; // as i915 has it: 1, 0, a negative errno; -ENOENT when i915 is not loaded or was built without
			// GVT-g
	struct type_list types[GPUS_MAX]; // of gpus.items

	int kvmgt_error; // a negative errno if loading kvmgt failed; not read, but set by the code that loads it
	bool types_hung; // likewise: the driver does not answer when asked for the types; it would make no instance
			 // either
};

// What SR-IOV alone needs. Nothing of this is read on a host whose GPUs have no SR-IOV for certain:
// host_may_have_sriov().
struct host_sriov {
	// By HOST_KERNEL:
	struct sriov_drivers drivers; // of this kernel
	// By HOST_STATE:
	struct sriov gpus[GPUS_MAX]; // of gpus.items
	enum module_state xe_state;
	long xe_max_vfs, i915_max_vfs; // the parameter of the loaded driver, or a negative errno; -ENOENT when it is
				       // not loaded or has none
};

struct host {
	unsigned read;    // the parts that were read: host_was_read()
	char release[72]; // of the running kernel
	char boot_id[40];
	bool proc_found; // /proc is mounted: the kernel command line could be read
	struct cmdline cmdline;
	bool xen;            // this kernel runs below Xen, as its host (dom0): VT-x and VT-d are hidden from it
	bool vmcore;         // /proc/vmcore is there: this kernel was started to save a crash dump
	char hibernated[64]; // the device that holds a hibernation image to resume from, "" when there is none
	struct iommu iommu;
	struct gpu_list gpus;

	struct modules *modules;  // an open libkmod context for this kernel, or NULL when /proc is not mounted
	char modules_trouble[64]; // what is wrong with the indexes of this release's modules, "" when they can be used
	struct module_policy i915_policy, vfio_pci_policy;

	// What changes while modules are loaded and instances made.
	enum module_state i915_state;
	struct instance_list instances;
	struct made_list made; // of them, what this program has made
	struct usage users;    // of instances

	struct host_gvt gvt;
	struct host_sriov sriov;
};

// Reads parts of the host, in the order of their numbers, whether they were read before or not: HOST_WORDS begins with
// an empty host, which has to be freed or zero before. What is not there is said by the fields. limit_us is for
// HOST_GPUS alone: what a driver holds up for longer is given up, and missing then (gpus.hung); HOST_UNBOUNDED waits
// for ever. Returns a negative errno only when out of memory, and never for HOST_STATE and HOST_USERS; host_free() then
// and later.
MUST_CHECK int host_read(struct host *host, const struct root *root, unsigned parts, uint64_t limit_us);

#define HOST_UNBOUNDED 0
#define HOST_LIMIT_US  (2500 * USEC_PER_MSEC) // for a program that must not hang

// Reads again what HOST_STATE has of a single instance: one that was created just now changes nothing else.
void host_read_instance(struct host *host, const struct root *root, const char *uuid);

// Whether all of these parts were read, to their end. Without it a part's fields are empty, which says nothing of the
// host.
bool host_was_read(const struct host *host, unsigned parts);

// Makes it the host as its next boot finds it, with the same kernel and kernel command line: nothing is loaded, bound
// or made yet.
void host_forget_boot(struct host *host);

void host_free(struct host *host);

// Whether a GPU may have SR-IOV: gpu_may_have_sriov().
bool host_may_have_sriov(const struct host *host);

// SR-IOV of the GPU at an address; never NULL, without the capability when there is no such GPU.
const struct sriov *host_sriov_of(const struct host *host, const char *address);

// The types of the GPU at an address; never NULL, empty when there is no such GPU.
const struct type_list *host_types(const struct host *host, const char *address);
