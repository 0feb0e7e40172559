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
	while (*at < config->claims.count) {
		const struct whole_gpu *claim = &config->claims.items[(*at)++];
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

static void add_owner(const struct whole_gpu *claim, char *ret, size_t size)
{
	if (claim->vmid == 0)
		snprintf(ret, size, "%.100s", claim->source);
	else if (claim->mapping[0])
		snprintf(ret, size, "guest %u, hostpci%u (any of mapping '%.40s')", claim->vmid, claim->index,
			 claim->mapping);
	else
		snprintf(ret, size, "guest %u, hostpci%u", claim->vmid, claim->index);
}

void vf_owners(const struct config *config, const char *address, char ret[static VF_OWNERS_SIZE])
{
	size_t at = 0, count = 0, used = 0;
	ret[0] = '\0';
	for (const struct whole_gpu *claim; (claim = next_claim(config, address, &at)); count++) {
		char one[VF_OWNERS_SIZE / GUESTS_SHOWN - 8]; // "; and N more" fits in what is left
		add_owner(claim, one, sizeof(one));
		if (count < GUESTS_SHOWN)
			used += (size_t)snprintf(ret + used, VF_OWNERS_SIZE - used, "%s%s", count ? "; " : "", one);
	}
	if (count > GUESTS_SHOWN)
		snprintf(ret + used, VF_OWNERS_SIZE - used, "; and %zu more", count - GUESTS_SHOWN);
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
