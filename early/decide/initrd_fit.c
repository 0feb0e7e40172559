// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/initrd_fit.h"

#include <stdio.h>

#include "decide/fix.h"

// For directories, clusters that are not full, and what an estimate may be wrong by.
static uint64_t with_spare(uint64_t need)
{
	uint64_t spare = 64 * 1024 + need / 8;
	return need == 0 ? 0 : need + (spare < MIB ? spare : MIB);
}

// The initrd's size, gvt-early in it. A first one is about as large as those of the other kernels.
static uint64_t size_of(const struct initrd_room *room)
{
	uint64_t there = room->places[0].there;
	if (there == 0)
		there = room->other;
	return there ? there + room->growth.bytes : 0;
}

static uint64_t more_than(uint64_t size, uint64_t there)
{
	return size > there ? size - there : 0;
}

// What a place has to have free, 0 for nothing.
static uint64_t needs(const struct initrd_room *room, const struct room_place *place)
{
	uint64_t size = size_of(room), need;
	if (place->esp[0]) {
		need = more_than(size ? size : room->growth.bytes, place->there);
		if (need == 0 || (!place->there && !room->on_esps))
			return 0;
		need += place->pending;
	} else if (size && (room->beside || !place->there)) {
		need = size + (room->copies ? place->there : 0);
	} else {
		need = room->growth.bytes;
	}
	return with_spare(need);
}

void initrd_fit_judge(struct initrd_fit *fit, const struct initrd_room *room)
{
	*fit = (struct initrd_fit){ .lacking = NULL };
	if (!room->grown)
		return;
	fit->size = size_of(room);
	for (size_t i = 0; i < room->place_count; i++) {
		const struct room_place *place = &room->places[i];
		uint64_t need = needs(room, place);
		if (!place->known || need <= place->free)
			continue;
		fit->lacking = place;
		fit->needed = need;
		return;
	}
}

struct initrd_fit_all initrd_fit_all(const struct initrd_room *room)
{
	struct initrd_fit_all all = { .count = UINT32_MAX };
	const uint64_t growth = room->growth.bytes;
	for (size_t i = 0; room->grown && growth > 0 && i < room->place_count; i++) {
		const struct room_place *place = &room->places[i];
		// One new initrd at a time is written beside the old ones.
		uint64_t first = needs(room, place), other = more_than(first, growth);
		uint64_t count = more_than(place->free, other) / growth;
		if (!place->known || first == 0 || count >= place->initrds || count >= all.count)
			continue;
		all.count = (unsigned)count;
		all.place = place;
	}
	return all;
}

const char *initrd_fit_size(uint64_t bytes, char ret[static FIT_SIZE])
{
	double mib = (double)bytes / (double)MIB;
	if (mib < 10240)
		snprintf(ret, FIT_SIZE, "%.1f MiB", mib);
	else
		snprintf(ret, FIT_SIZE, "%.0f GiB", mib / 1024);
	return ret;
}

// Sizes are told with one decimal: what lacks little must not look as if it were enough.
static uint64_t told_down(uint64_t bytes)
{
	return bytes * 10 / MIB * MIB / 10;
}

static uint64_t told_up(uint64_t bytes)
{
	return (bytes * 10 + MIB - 1) / MIB * MIB / 10;
}

static void add_size(struct finding *finding, enum value value, uint64_t bytes)
{
	char text[FIT_SIZE];
	finding_value(finding, value, "%s", initrd_fit_size(bytes, text));
}

void initrd_fit_grows(struct finding *finding, const struct initrd_room *room)
{
	if (!room->grown || room->growth.bytes == 0)
		return;
	add_size(finding, VALUE_GROWTH, room->growth.bytes);
	finding_flag(finding, VALUE_AT_MOST, room->growth.at_most);
}

void initrd_fit_tell(const struct initrd_fit *fit, const struct initrd_room *room, struct finding *finding)
{
	const struct room_place *place = fit->lacking;
	finding_value(finding, VALUE_RELEASE, "%s", room->release);
	finding_value(finding, VALUE_ESP, "%s", place->esp);
	add_size(finding, VALUE_FREE, told_down(place->free));
	add_size(finding, VALUE_NEEDED, told_up(fit->needed));
	initrd_fit_grows(finding, room);
	finding_flag(finding, VALUE_BESIDE, !place->esp[0] && room->beside && place->there);
}

void initrd_fit_tell_all(const struct initrd_fit_all *all, const struct initrd_room *room, struct finding *finding)
{
	finding_value(finding, VALUE_ESP, "%s", all->place->esp);
	add_size(finding, VALUE_FREE, told_down(all->place->free));
	finding_value(finding, VALUE_FIT, "%u", all->count);
	finding_value(finding, VALUE_COUNT, "%u", all->place->initrds);
	initrd_fit_grows(finding, room);
}

void initrd_fit_mend(struct finding *finding, enum joint joint, const struct initrd_fit *fit,
		     const struct initrd_room *room, const struct tools *tools)
{
	finding_open_step(finding, joint, FIX_MAKE_ROOM);
	finding_value(finding, VALUE_ESP, "%s", fit->lacking->esp);
	finding_value(finding, VALUE_COMMAND, "%s", tools->has[TOOL_APT] ? "apt autoremove --purge" : "");
	finding_close(finding);
	fix_renew_initrd(finding, JOINT_THEN, tools, room->release);
}
