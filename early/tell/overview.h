// SPDX-License-Identifier: GPL-2.0-or-later
// All that the commands that only look have in common: the host, what is wanted, the plan, and what the driver offers; where it does
// not answer, the plan goes by that. What does not answer is
// given up in time, and the rest is still told: a driver after HOST_LIMIT_US, a process after USAGE_LIMIT_US, both
// together within 5 s; /etc/pve after GUESTS_LIMIT_S.
#pragma once

#include "base/root.h"
#include "base/util.h"
#include "decide/gvt_offer.h"
#include "decide/plan.h"
#include "read/config/config.h"
#include "read/host/host.h"

struct overview {
	const struct root *root;
	struct host host;
	struct config config;
	struct plan plan; // of what "check" knows as well: why nothing is done, and how to mend the IOMMU, are told in its words
	struct finding stop;   // what keeps this host from any vGPU, whoever wants one; no name when nothing does
	bool futile;           // the plan itself would have done something: "apply" tries it, and it will fail for that
	struct finding mapping; // the mapping that the first mistake is of, if it is one of that kind: no line of the guest's mends it; likewise
	struct finding unread; // that the guests cannot be read; likewise
	struct finding kvm;    // that KVM is missing: no guest can use a vGPU; likewise
	struct finding single; // what keeps the first wanted vGPU from being made that there could be; likewise
	struct plan next; // of the next boot, where this one cannot have any and that one can; else empty
	struct offer_list *offers; // of the GPUs, in their order
	bool hung;                 // a driver does not answer, or is being inserted and does not come to an end
};

// Reads and decides. Returns a negative errno only when out of memory; overview_free() then and later.
MUST_CHECK int overview_read(struct overview *look, const struct root *root);
void overview_free(struct overview *look);

// Who an instance is for, for a person: "guest 100, hostpci0", or where it is wanted, or "another program".
#define OWNER_SIZE (SOURCE_SIZE + 16)
void overview_owner(const struct overview *look, const char *uuid, char ret[static OWNER_SIZE]);

// What an instance is called in a list: "guest 100 hostpci0", or its UUID.
void overview_name(const char *uuid, char ret[static UUID_SIZE]);

// The one thing to do next, by the plan alone: the fix of what stands in the way, or the command that creates what is not there;
// "" when there is nothing to do.
void overview_next(const struct overview *look, char ret[static TEXT_SIZE]);

// What keeps what is wanted from being had, or from being used: at most so many. Returns how many there are.
#define OVERVIEW_FINDINGS 4
size_t overview_findings(const struct overview *look, const struct finding *ret[static OVERVIEW_FINDINGS]);
// Whether a requirement is not met, or not known to be: then what is wanted cannot be had, or not be used, whatever is there.
bool overview_is_hindered(const struct overview *look);
// What keeps a guest with a vGPU from starting though instances can be made: the IOMMU or KVM. NULL when nothing does.
const struct finding *overview_guest_stop(const struct overview *look);

// The instances that a command is asked for: one, or all of a guest.
struct overview_choice {
	char uuid[UUID_SIZE]; // "" for those of the guest
	unsigned vmid;
};
// From a UUID or a VM ID. False when the word is neither, which is told.
bool overview_choose(const char *word, struct overview_choice *ret);
bool overview_is_chosen(const struct overview_choice *choice, const char *uuid);
// "instance UUID", or "instance of guest 100".
void overview_choice_name(const struct overview_choice *choice, char ret[static OWNER_SIZE]);

// What is wanted with a UUID, or NULL.
const struct wanted *overview_wanted(const struct overview *look, const char *uuid);
