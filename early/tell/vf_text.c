// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/vf_text.h"

#include <stdio.h>

#include "base/json_text.h"

#define GUESTS_SHOWN 4

const char *vf_step_name(enum vf_step step)
{
	static const char *const names[] = {
		[VF_MAKE] = "create", [VF_BIND] = "bind",       [VF_READY] = "existing",
		[VF_LATER] = "later", [VF_HOPELESS] = "failed",
	};
	return names[step];
}

const char *way_name(enum way way)
{
	static const char *const names[] = {
		[WAY_NONE] = "none",
		[WAY_GVT] = "gvt-g",
		[WAY_XE] = "sriov-xe",
		[WAY_I915] = "sriov-i915",
	};
	return names[way];
}

// The next claim on a VF from a place on; NULL behind the last.
static const struct whole_gpu *next_claim(const struct config *config, const char *address, size_t *at)
{
	const struct whole_gpu_list *claims = config_all_claims(config);
	while (*at < claims->count) {
		const struct whole_gpu *claim = &claims->items[(*at)++];
		if (streq(claim->address, address))
			return claim;
	}
	return NULL;
}

bool vf_is_of_guest(const struct config *config, const char *address, unsigned vmid)
{
	size_t at = 0;
	for (const struct whole_gpu *claim; (claim = next_claim(config, address, &at));)
		if (claim->vmid == vmid)
			return true;
	return false;
}

// Whether a claim's mapping was told with an earlier one on the same VF.
static bool is_told(const struct config *config, const struct whole_gpu *claim)
{
	for (const struct whole_gpu *other = config_all_claims(config)->items; claim->mapping[0] && other < claim;
	     other++)
		if (streq(other->address, claim->address) && streq(other->mapping, claim->mapping))
			return true;
	return false;
}

// "guest 101, 102 or 103, by mapping 'igpu'": any of the guests gets it that name the mapping.
static void name_mapping(const struct config *config, const struct whole_gpu *claim, char *ret, size_t size)
{
	unsigned vmids[GUESTS_SHOWN];
	size_t count = 0, used = 0;
	const struct whole_gpu_list *claims = config_all_claims(config);
	const struct whole_gpu *end = claims->items + claims->count;
	for (const struct whole_gpu *other = claim; other < end; other++)
		if (streq(other->address, claim->address) && streq(other->mapping, claim->mapping) &&
		    count++ < GUESTS_SHOWN)
			vmids[count - 1] = other->vmid;
	size_t shown = count < GUESTS_SHOWN ? count : GUESTS_SHOWN;
	for (size_t i = 0; i < shown; i++)
		used += (size_t)snprintf(ret + used, size - used, "%s%u",
					 i == 0                                     ? "guest "
						 : i + 1 == shown && count == shown ? " or "
										    : ", ",
					 vmids[i]);
	snprintf(ret + used, size - used, "%s, by mapping '%.40s'", count > shown ? " or others" : "", claim->mapping);
}

static void name_owner(const struct config *config, const struct whole_gpu *claim, char *ret, size_t size)
{
	if (claim->vmid == 0)
		snprintf(ret, size, "%.100s", claim->source);
	else if (claim->mapping[0])
		name_mapping(config, claim, ret, size);
	else
		snprintf(ret, size, "guest %u, hostpci%u", claim->vmid, claim->index);
}

void vf_owners(const struct config *config, const char *address, char ret[static VF_OWNERS_SIZE])
{
	size_t at = 0, count = 0, used = 0;
	ret[0] = '\0';
	for (const struct whole_gpu *claim; (claim = next_claim(config, address, &at));) {
		char one[VF_OWNERS_SIZE / GUESTS_SHOWN - 8]; // "; and others" fits in what is left
		if (is_told(config, claim))
			continue;
		name_owner(config, claim, one, sizeof(one));
		if (count++ < GUESTS_SHOWN)
			used += (size_t)snprintf(ret + used, VF_OWNERS_SIZE - used, "%s%s", used ? "; " : "", one);
	}
	if (count > GUESTS_SHOWN)
		snprintf(ret + used, VF_OWNERS_SIZE - used, "; and others");
}

void vf_owners_or_host(const struct config *config, const char *address, const struct planned_vf *planned,
		       char ret[static VF_OWNERS_SIZE])
{
	vf_owners(config, address, ret);
	if (ret[0])
		return;
	if (planned && planned->host)
		snprintf(ret, VF_OWNERS_SIZE, "the host (%s)", planned->source);
	else
		snprintf(ret, VF_OWNERS_SIZE, "no guest yet%s%s", planned && planned->source ? ", wanted by " : "",
			 planned && planned->source ? planned->source : "");
}

void vf_hostpci(const struct whole_gpu *claim, char ret[static VF_LINE_SIZE])
{
	ret[0] = '\0';
	if (claim->vmid == 0)
		return;
	snprintf(ret, VF_LINE_SIZE, "hostpci%u: %s%s", claim->index, claim->mapping[0] ? "mapping=" : "",
		 claim->mapping[0] ? claim->mapping : claim->address);
}

json_t *vf_guests_json(const struct config *config, const char *address)
{
	json_t *guests = json_array();
	size_t at = 0;
	for (const struct whole_gpu *claim; (claim = next_claim(config, address, &at));) {
		char line[VF_LINE_SIZE];
		vf_hostpci(claim, line);
		json_array_append_new(guests,
				      json_pack("{s:o, s:o, s:o, s:o}", "guest",
						claim->vmid ? json_integer(claim->vmid) : json_null(), "hostpci",
						json_text(line), "mapping", json_text(claim->mapping), "source",
						json_text(claim->source)));
	}
	return guests;
}
