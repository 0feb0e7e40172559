// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel's initrd needs beside the binary and the snapshot: modules, and the firmware that this host's GPU asks
// for.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "read/host/host.h"
#include "read/host/modules.h"
#include "read/host/sriov_platform.h"

enum content_kind {
	CONTENT_FILE, // a module's file, to be copied as it is: i915 and xe ask for the firmware of all GPUs there are
	CONTENT_MODULE,   // a module, to be added as the generator adds modules
	CONTENT_FIRMWARE, // a file below /lib/firmware, if it is there
	CONTENT_MODPROBE, // a line for modprobe.d
};

struct initrd_content {
	enum content_kind kind;
	char name[512]; // a module's, a firmware file's such as i915/kbl_dmc_ver1_04.bin, or the line
	char path[300]; // of a module's file, with the directory of --root; "" for others
};

struct initrd_contents {
	struct initrd_content *items;
	size_t count;
	bool oom; // something is not in it
};

// Each is there once. path may be NULL.
void initrd_contents_add(struct initrd_contents *contents, enum content_kind kind, const char *name, const char *path);
// A module with all that it depends on. As module_closure().
MUST_CHECK int initrd_contents_add_module(struct initrd_contents *contents, struct modules *modules, const char *name);
// What GVT-g needs: kvmgt, i915 and its firmware. host needs HOST_WORDS, HOST_KERNEL and, for the firmware of one GPU
// alone, HOST_GPUS. Returns -ENOENT when this kernel has no kvmgt, another negative errno when the modules cannot be
// read. *ret_firmware is 0, or why the names of the firmware cannot be read.
MUST_CHECK int initrd_contents_add_gvt(struct initrd_contents *contents, struct modules *modules,
				       const struct host *host, int *ret_firmware);
// What SR-IOV needs on a platform: xe, or else i915, and as much of its firmware as there is for a kernel of a release.
// Returns -ENOENT when this kernel has no such module, another negative errno when the modules cannot be read;
// *ret_firmware is as above.
MUST_CHECK int initrd_contents_add_sriov(struct initrd_contents *contents, struct modules *modules,
					 const struct root *root, const char *release,
					 const struct sriov_platform *platform, bool xe, int *ret_firmware);
void initrd_contents_free(struct initrd_contents *contents);
