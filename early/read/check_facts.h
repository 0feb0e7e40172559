// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that "check" reads: the host as all commands read it, and what tells the causes apart. No judgement.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/util.h"
#include "read/boot/booted_initrd.h"
#include "read/boot/bootloader.h"
#include "read/boot/initrd_room.h"
#include "read/boot/next_boot.h"
#include "read/boot/past_run.h"
#include "read/config/config.h"
#include "read/host/host.h"
#include "read/host/kernel_log.h"
#include "read/host/mdevctl.h"
#include "read/host/modprobe_lines.h"
#include "read/host/modules.h"
#include "read/host/tools.h"
#include "read/host/virtual.h"

#define OBSOLETE_MAX 16

// A name in a list of modules that this kernel does not have.
struct obsolete {
	char name[MODULE_NAME_SIZE]; // as it is written there
	char file[152];              // with its '/'
	unsigned line;
};

// A line of such a list with more than one word on it, one of them a module of ours.
struct crowded_line {
	char text[192];
	char place[160]; // FILE:LINE, "" for none
};

struct facts {
	bool borrowed; // host and config are the caller's
	struct host host;
	struct config config;
	struct tools tools;       // that a cure may name
	char hung[160];           // what the driver did not answer in time, "" when it answers
	int available[TYPES_MAX]; // of host_types() of the default GPU: instances that its driver would still make, or
				  // -1
	int enable_guc;           // i915's parameter, or -1
	bool kvm;                 // /dev/kvm is there
	bool vmx;                 // the CPU shows VT-x; read only where that or VT-d is missing
	struct virtual virtual;   // likewise
	char version[32];         // of the kernel's source, "5.19.1", which the release may not tell
	int64_t booted;           // in seconds since 1970, 0 when that is not known
	bool modules_locked;      // /proc/sys/kernel/modules_disabled
	char lockdown[16];        // none, integrity, confidentiality, or "" when that is not known
	struct kernel_log log;    // read only where something is missing
	struct bootloader bootloader;
	struct modprobe_lines modprobe;
	struct obsolete obsolete[OBSOLETE_MAX];
	size_t obsolete_count;
	struct crowded_line crowded;                 // the first one
	char lacking[MODULES_MAX][MODULE_NAME_SIZE]; // of the configured modules: those that this kernel, or the next
						     // one, does not have
	size_t lacking_count;
	struct past_run boot, apply; // of this boot
	bool guest_runs[WANTED_MAX]; // of config.wanted: its guest is running
	struct past_run guest;       // "apply --guest" of one that did not come to an end, if there is such a one
	struct initrd initrd;
	struct initrd_room left_out; // why this boot's initrd has no gvt-early, if its hook wrote it down; else not
				     // grown
	struct mdevctl mdevctl;
	// Only after facts_read_next():
	struct next_boot *next;
	struct obsolete next_obsolete[OBSOLETE_MAX]; // as obsolete, of the first kernel that may boot
	size_t next_obsolete_count;
};

// Reads all of it. What a driver or a file system does not answer is given up in time: all is read until until_us.
// Returns a negative errno only when out of memory; facts_free() then too.
MUST_CHECK int facts_read(struct facts *facts, const struct root *root, uint64_t until_us);
// The same beside a host whose drivers answer and a configuration with its guests, which were read already: both are
// not read again, and belong to the caller; they must outlive facts. What the driver has available is not known then.
MUST_CHECK int facts_read_more(struct facts *facts, const struct root *root, const struct host *host,
			       const struct config *config);
// After facts_read(): reads what the next boot will find, likewise.
MUST_CHECK int facts_read_next(struct facts *facts, const struct root *root, uint64_t until_us);
void facts_free(struct facts *facts);
