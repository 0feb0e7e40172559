// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/setup/guest_line.h"

#include <stdio.h>

#include "decide/sriov/vf_share.h"

static void set(struct guest_line *line, enum guest_line_trouble trouble, const char *type, unsigned index)
{
	line->trouble = trouble;
	line->index = index;
	snprintf(line->type, sizeof(line->type), "%.*s", TYPE_NAME_SIZE - 1, type);
}

// A vGPU that the guest has; one of the type that is asked for, before any other.
static bool find_there(struct guest_line *line, const struct guest *guest, const char *type)
{
	bool found = false;
	for (unsigned i = 0; i < GUEST_SLOTS; i++) {
		const struct hostpci *slot = &guest->hostpci[i];
		bool same = !type || streq(slot->mdev, type);
		if (!slot->line || !capacity_size_of(slot->mdev) || (found && !same))
			continue;
		set(line, same ? GUEST_LINE_THERE : GUEST_LINE_OTHER, slot->mdev, i);
		if (same)
			return true;
		found = true;
	}
	return found;
}

static bool is_offered(const struct offer_list *offers, const char *type)
{
	for (size_t i = 0; i < offers->count; i++)
		if (streq(offers->items[i].type, type))
			return true;
	return false;
}

static void name_nearest(struct guest_line *line, const struct offer_list *offers, const char *type)
{
	struct type_list types = { .count = 0 };
	for (size_t i = 0; i < offers->count; i++)
		strcpy(types.names[types.count++], offers->items[i].type);
	const char *nearest = capacity_nearest(&types, type);
	set(line, GUEST_LINE_NO_TYPE, nearest ? nearest : "", 0);
}

// A slot whose line Proxmox VE ignores has a line all the same.
static bool find_slot(const struct guest *guest, unsigned *ret)
{
	for (unsigned i = 0; i < GUEST_SLOTS; i++)
		if (!guest->hostpci[i].line && !guest->faults[i].line) {
			*ret = i;
			return true;
		}
	return false;
}

void guest_line_value(const struct guest_line *line, char ret[static GUEST_LINE_SIZE])
{
	snprintf(ret, GUEST_LINE_SIZE, "%s%s%s", line->address, line->vf ? "" : ",mdev=", line->type);
}

static bool has_vf(struct guest_line *line, unsigned vmid, const struct host *host, const struct gpu *gpu,
		   const struct config *config)
{
	const struct sriov *sriov = &host->sriov.gpus[gpu - host->gpus.items];
	for (size_t i = 0; i < config->claims.count; i++) {
		const struct whole_gpu *claim = &config->claims.items[i];
		unsigned number = claim->vmid == vmid ? sriov_vf_number(sriov, gpu->address, claim->address) : 0;
		if (number == 0 || number > line->most)
			continue;
		set(line, GUEST_LINE_THERE, "", claim->index);
		line->vf = number;
		memcpy(line->address, claim->address, sizeof(line->address));
		return true;
	}
	return false;
}

void guest_line_choose_vf(struct guest_line *line, const struct guest *guest, unsigned vmid, const struct host *host,
			  const struct gpu *gpu, const struct config *config)
{
	unsigned index = 0;
	*line = (struct guest_line){ .most = vf_most(host, gpu) };
	if (guest->template) {
		set(line, GUEST_LINE_TEMPLATE, "", 0);
		return;
	}
	if (has_vf(line, vmid, host, gpu, config))
		return;
	line->vf = vf_next_free(host, gpu, config, 1, line->address);
	if (line->vf == 0)
		set(line, GUEST_LINE_NO_ROOM, "", 0);
	else if (!find_slot(guest, &index))
		set(line, GUEST_LINE_NO_SLOT, "", 0);
	else
		set(line, GUEST_LINE_FINE, "", index);
}

void guest_line_choose(struct guest_line *line, const struct guest *guest, const char *type, const struct gpu *gpu,
		       const struct offer_list *offers, const struct capacity_use *use)
{
	unsigned index = 0;
	*line = (struct guest_line){ .trouble = GUEST_LINE_FINE };
	memcpy(line->address, gpu->address, sizeof(line->address));
	if (guest->template) {
		set(line, GUEST_LINE_TEMPLATE, "", 0);
		return;
	}
	if (find_there(line, guest, type))
		return;
	if (type && !is_offered(offers, type)) {
		name_nearest(line, offers, type);
		return;
	}
	const char *best = type && !offers->taken && capacity_fits(gpu, use, type) ? type : NULL;
	for (size_t i = offers->count; !type && !offers->taken && i-- > 0 && !best;)
		if (capacity_fits(gpu, use, offers->items[i].type))
			best = offers->items[i].type;
	if (!best)
		set(line, GUEST_LINE_NO_ROOM, type ? type : "", 0);
	else if (!find_slot(guest, &index))
		set(line, GUEST_LINE_NO_SLOT, best, 0);
	else
		set(line, GUEST_LINE_FINE, best, index);
}
