// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that is read of the host before a decision: plain facts, no judgement.
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/root.h"
#include "base/util.h"
#include "read/host/cmdline.h"
#include "read/host/igpu.h"
#include "read/host/iommu.h"
#include "read/host/made_record.h"
#include "read/host/mdev.h"
#include "read/host/modules.h"

struct host {
	char release[72];  // of the running kernel
	char boot_id[40];
	bool proc_found;   // /proc is mounted: the kernel command line could be read
	struct cmdline cmdline;
	bool xen;          // this kernel runs below Xen, as its host (dom0): VT-x and VT-d are hidden from it
	bool vmcore;       // /proc/vmcore is there: this kernel was started to save a crash dump
	char hibernated[64]; // the device that holds a hibernation image to resume from, "" when there is none
	struct iommu iommu;
	struct gpu_list gpus;

	char modules_trouble[64]; // what is wrong with the indexes of this release's modules, "" when they can be used
	struct module_policy i915_policy, kvmgt_policy, vfio_pci_policy;
	int i915_gvt; // of a foreign i915 (modules.h), whether its file has GVT-g: 1, 0, or a negative errno when that cannot be read

	// What changes while modules are loaded and instances made: host_read_again().
	enum module_state i915_state, kvmgt_state;
	int enable_gvt; // as i915 has it: 1, 0, -ENOENT when i915 is not loaded or was built without GVT-g, or why it cannot be read
	int kvmgt_error; // a negative errno when loading kvmgt failed; not read, but noted by whoever loads it
	struct type_list types[GPUS_MAX]; // of gpus.items
	bool types_hung; // the driver does not answer when it is asked for them (overview.h): it would not make an instance either
	struct instance_list instances;
	struct made_list made; // of them, what this program has made
};

// Reads what costs next to nothing: everything down to vmcore, i915_state and made. The rest stays empty. Returns a negative
// errno only when out of memory; host_free() then and later.
MUST_CHECK int host_read_words(struct host *host, const struct root *root);

// Reads all the rest, after host_read_words(). Returns a negative errno only when out of memory; what is not there is said by the fields. *ret_modules
// is an open libkmod context for this kernel, or NULL when /proc is not mounted.
MUST_CHECK int host_read_rest(struct host *host, const struct root *root, struct modules **ret_modules);

// The part of host_read_rest() that no driver can hold up: the IOMMU, and what the kernel has of modules.
MUST_CHECK int host_read_kernel(struct host *host, const struct root *root, struct modules **ret_modules);

// host_read_words() and host_read_rest(), one after the other.
MUST_CHECK int host_read(struct host *host, const struct root *root, struct modules **ret_modules);

// Both, for a program that must not hang: what a driver may hold up is given up after HOST_LIMIT_US, and missing then
// (gpus.hung).
#define HOST_LIMIT_US (2500 * USEC_PER_MSEC)
MUST_CHECK int host_look(struct host *host, const struct root *root, struct modules **ret_modules);

// Reads the changing part anew, the GPUs' drivers included. Takes no lock of the driver.
void host_read_again(struct host *host, const struct root *root);

// Reads who has the instances open; after host_read_again(). Looks at all processes.
void host_read_users(struct host *host, const struct root *root);

// Makes it the host as its next boot finds it, with the same kernel and kernel command line: nothing is loaded, bound or made yet.
void host_forget_boot(struct host *host);

void host_free(struct host *host);

// The types of the GPU at an address; never NULL, empty when there is no such GPU.
const struct type_list *host_types(const struct host *host, const char *address);
