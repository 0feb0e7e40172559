// SPDX-License-Identifier: GPL-2.0-or-later
// Which way a GPU can be split: by GVT-g into mediated devices, or by SR-IOV into virtual functions (VFs), and then by
// which driver. Pure.
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "read/host/host.h"

enum way {
	WAY_NONE,
	WAY_GVT,
	WAY_XE,   // SR-IOV by xe: the kernel's own, or the one of i915-sriov-dkms
	WAY_I915, // SR-IOV by the i915 of i915-sriov-dkms
};

struct gpu_way {
	enum way way;
	const char *driver;   // the module: "i915" or "xe", "" for none
	bool forced;          // the module takes the GPU only with force_probe
	bool admin;           // it is the admin's word that there is no way
	const char *file;     // the firmware it needs, the one that lacks first; NULL when none is known
	bool firmware_lacks;  // it is not there, and the driver will ask for it: it must not be loaded
	bool firmware_packed; // likewise: it is there, compressed in a way that the kernel cannot decompress
	// How it can be split, or why it cannot. SEVERITY_OK where there is a way; what is wrong with it is
	// sriov_rules.h's.
	struct finding finding;
};

// The way of a GPU of host->gpus. Live facts come first: a bound driver that offers VFs needs no other proof. Needs
// HOST_GPUS and HOST_KERNEL, and the state if a driver may be bound.
void gpu_way_choose(struct gpu_way *ret, const struct host *host, const struct gpu *gpu);

// Makes the finding of a way whose driver lacks its firmware say so.
void gpu_way_tell_firmware(struct gpu_way *way, const struct gpu *gpu);

// Which way, without a finding.
enum way gpu_way_of(const struct host *host, const struct gpu *gpu);

// Whether the admin keeps a way's driver from the GPU, or its VFs off.
bool gpu_is_barred(const struct host *host, const struct gpu *gpu, enum way way);

// Whether the admin tells xe to take the GPU, by force_probe. *ret_word is the word of the kernel command line that
// does, NULL where modprobe.d does.
bool gpu_is_forced(const struct host *host, const struct gpu *gpu, const struct cmdline_word **ret_word);

// Whether VFs are what the GPU is split into.
bool way_is_sriov(enum way way);
