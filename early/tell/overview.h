// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands that only read have in common: the host, what is wanted, the plan, and what the driver offers. If
// the driver does not answer, the plan takes that into account. Reads time out, and the rest is still shown: a driver
// after HOST_LIMIT_US, a process after USAGE_LIMIT_US, both together within 5 s; /etc/pve after GUESTS_LIMIT_S.
#pragma once

#include "base/root.h"
#include "base/util.h"
#include "decide/gvt_offer.h"
#include "decide/plan.h"
#include "read/boot/gate_record.h"
#include "read/config/config.h"
#include "read/host/host.h"
#include "read/host/sriov_profiles.h"

struct overview {
	const struct root *root;
	struct host host;
	struct config config;
	struct plan plan;    // why nothing is done, and how to fix the IOMMU, are findings of "check"
	struct finding stop; // what prevents every vGPU on this host; without a name if nothing does
	bool futile;         // the plan itself would act: "apply" tries, and will fail for this reason
	struct finding
		mapping;       // if the first mistake is in a mapping: no change of the guest's line fixes it; likewise
	struct finding unread; // that the guests cannot be read; likewise
	struct finding kvm;    // that KVM is missing: no guest can use a vGPU; likewise
	struct finding trap;   // a guest's line that takes the VFs from the others, asks for one where there can be
			       // none, or keeps a guest with VFs from starting; likewise
	struct finding single; // what prevents the first wanted vGPU that this host could have; likewise
	struct plan next;      // of the next boot, if this boot cannot have any vGPU and the next boot can; else empty
	struct offer_list *offers;       // of the GPUs, in their order
	struct sriov_profiles *profiles; // likewise
	struct gate_record gate;         // what was said of the next boot
	bool hung;                       // a driver does not answer, or its insertion does not return
};

// Reads and decides. Returns a negative errno only when out of memory; overview_free() then and later.
MUST_CHECK int overview_read(struct overview *look, const struct root *root);
void overview_free(struct overview *look);

// Who an instance is for, for a person: "guest 100, hostpci0", or where it is wanted, or "another program".
#define OWNER_SIZE (SOURCE_SIZE + 16)
void overview_owner(const struct overview *look, const char *uuid, char ret[static OWNER_SIZE]);

// What an instance is called in a list: "guest 100 hostpci0", or its UUID.
void overview_name(const char *uuid, char ret[static UUID_SIZE]);

// The one thing to do next, by the plan alone: the fix of what prevents vGPUs, or the command that creates what is
// missing;
// "" when there is nothing to do.
void overview_next(const struct overview *look, char ret[static TEXT_SIZE]);

// The findings that prevent wanted vGPUs, or their use: at most so many. Returns their number.
#define OVERVIEW_FINDINGS 5
size_t overview_findings(const struct overview *look, const struct finding *ret[static OVERVIEW_FINDINGS]);
// Whether a requirement is not met, or unknown: then the wanted vGPUs cannot be created, or not be used.
bool overview_is_hindered(const struct overview *look);
// What prevents the start of a guest with a vGPU although instances can be created: the IOMMU or KVM. NULL if nothing
// does.
const struct finding *overview_guest_stop(const struct overview *look);

// The instances that a command line names: one, or all of a guest.
struct overview_choice {
	char uuid[UUID_SIZE]; // "" for those of the guest
	unsigned vmid;
};
// Parses a UUID or a VM ID. If the word is neither, reports that and returns false.
bool overview_choose(const char *word, struct overview_choice *ret);
bool overview_is_chosen(const struct overview_choice *choice, const char *uuid);
// "instance UUID", or "instance of guest 100".
void overview_choice_name(const struct overview_choice *choice, char ret[static OWNER_SIZE]);

// What is wanted with a UUID, or NULL.
const struct wanted *overview_wanted(const struct overview *look, const char *uuid);
