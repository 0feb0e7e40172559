// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/initrd_room.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/file.h"
#include "base/recording.h"
#include "base/replay.h"
#include "base/version.h"
#include "read/boot/esp.h"

#define HEAD        "gvt-early room 1\n"
#define CAPTURED    "boot/gvt-early-room-%s" // in a capture: what the figures were
#define NAME        "initrd.img-"
#define INITRD      "boot/" NAME
#define COPIED_MOST 2 // proxmox-boot-tool copies the newest of Proxmox VE's kernels, so many

//
// /boot
//

static bool is_proxmox(const char *release)
{
	size_t length = strlen(release);
	return length > 4 && streq(release + length - 4, "-pve");
}

// Which kernels proxmox-boot-tool copies: the running one, the newest of its own, and the one that is being installed.
// Those that were added by hand or pinned are on the ESPs.
static bool is_copied(const struct initrd_room *room, const struct room_query *query, char *const *names, int count)
{
	struct boot_entry other;
	int newer = 0;
	if (streq(room->release, query->running) || !room->places[0].there)
		return true;
	for (int i = 0; i < count; i++) {
		boot_entry_set_kernel(&other, names[i]);
		newer += is_proxmox(other.release) && version_compare(other.release, room->release) > 0;
	}
	return is_proxmox(room->release) && newer < COPIED_MOST;
}

// ret_other: the name of the largest initrd of another kernel.
static void look_at_boot(struct initrd_room *room, const struct room_query *query, char *ret_other, size_t size)
{
	CLEANUP_FREE char **names = NULL;
	struct room_place *place = &room->places[0];
	char path[sizeof(INITRD) + RELEASE_SIZE + 64];
	int r = disk_free(query->root->fs, "boot", &place->free, &room->copies);
	place->known = r == 0;
	if (r < 0)
		snprintf(place->reason, sizeof(place->reason), "%s", r == -ENODATA ? "it does not say" : strerror(-r));
	int count = dir_names(query->root->fs, "boot", &names);
	for (int i = 0; i < count; i++) {
		uint64_t bytes;
		if (!starts_with(names[i], NAME) ||
		    snprintf(path, sizeof(path), "boot/%s", names[i]) >= (int)sizeof(path) ||
		    disk_size(query->root->fs, path, &bytes) < 0)
			continue;
		const char *release = names[i] + strlen(NAME);
		struct boot_entry entry = { .release = "" };
		// Not initrd.img-RELEASE.new, .bak and the like.
		if (!boot_entry_set_release(&entry, release) ||
		    !file_existsf(query->root->fs, "boot/vmlinuz-%s", release))
			continue;
		place->initrds++;
		if (streq(release, room->release)) {
			place->there = bytes;
		} else if (bytes > room->other) {
			room->other = bytes;
			snprintf(ret_other, size, "%s", path);
		}
	}
	room->on_esps = is_copied(room, query, names, count < 0 ? 0 : count);
	room->place_count = 1;
}

//
// The ESPs
//

static void look_at_esps(struct initrd_room *room, const struct room_query *query)
{
	struct esp_query esps = { .root = query->root, .room_for = room->release, .until_us = query->until_us };
	struct esp_list list;
	int r = esp_list_read(&list, &esps);
	for (size_t i = 0; r == 0 && i < list.count && room->place_count < ROOM_PLACES_MAX; i++) {
		const struct esp *esp = &list.items[i];
		struct room_place *place = &room->places[room->place_count];
		if (esp->fault == ESP_FAULT_LINE)
			continue; // proxmox-boot-tool skips it
		room->place_count++;
		*place = (struct room_place){ .known = esp->room.known,
					      .free = esp->room.free,
					      .there = esp->room.there,
					      .pending = esp->room.pending,
					      .initrds = esp->room.initrds };
		snprintf(place->esp, sizeof(place->esp), "%s", esp->uuid);
		snprintf(place->reason, sizeof(place->reason), "%.95s", esp->reason);
	}
	esp_list_free(&list);
}

//
// The growth
//

static void measure(struct initrd_room *room, const struct room_query *query, const char *other)
{
	struct initrd_image image = { .program = false };
	struct growth_query growth = {
		.root = query->root, .contents = query->contents, .tree = query->tree, .image = query->image
	};
	char path[sizeof(INITRD) + RELEASE_SIZE];
	snprintf(path, sizeof(path), INITRD "%s", room->release);
	if (query->image) {
		growth.compression = query->image->unpacked == UNPACK_WHOLE ? query->image->compression : NULL;
	} else if ((room->places[0].there || other[0]) &&
		   initrd_image_read(&image, query->root->fs, room->places[0].there ? path : other, query->until_us) ==
			   0) {
		growth.compression = image.unpacked == UNPACK_WHOLE ? image.compression : NULL;
		growth.image = room->places[0].there ? &image : NULL;
	}
	int r = growth_add_up(&room->growth, &growth);
	if (r == 0 && query->measure && room->growth.bytes > 0)
		r = growth_measure(&room->growth, &growth, query->until_us);
	room->grown = r == 0;
	initrd_image_free(&image);
}

struct visit {
	struct initrd_room room;
	const struct room_query *query;
};

static int look(void *data)
{
	struct visit *visit = data;
	char other[sizeof(INITRD) + RELEASE_SIZE + 64] = "";
	look_at_boot(&visit->room, visit->query, other, sizeof(other));
	look_at_esps(&visit->room, visit->query);
	measure(&visit->room, visit->query, other);
	return 0;
}

static int read_captured(struct initrd_room *room, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(root->fs, path, MIB, &text, &length);
	if (r == 0 && !initrd_room_parse(room, text))
		r = -EINVAL;
	return r;
}

static void note(const struct initrd_room *room, const struct root *root, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	if (recording_is_on() && initrd_room_print(room, &text, &length) == 0)
		recording_file(root->fs, path, text, length);
}

static int read_room(struct visit *visit, const struct room_query *query)
{
	visit->query = query;
	visit->room.beside = query->beside;
	snprintf(visit->room.release, sizeof(visit->room.release), "%s", query->release);
	if (query->tree >= 0)
		child_keep(query->tree);
	int r = child_run_shared(look, visit, sizeof(*visit), query->until_us);
	if (query->tree >= 0)
		child_keep_no_more(query->tree);
	return r;
}

int initrd_room_read(struct initrd_room *room, const struct room_query *query)
{
	char captured[160];
	snprintf(captured, sizeof(captured), CAPTURED, query->release);
	if (replay_is_copy())
		return read_captured(room, query->root, captured);
	CLEANUP_FREE struct visit *visit = calloc(1, sizeof(*visit));
	int r = visit ? read_room(visit, query) : -ENOMEM;
	if (r == 0) {
		*room = visit->room;
		note(room, query->root, captured);
	}
	return r < 0 ? r : 0;
}

//
// As text
//

int initrd_room_print(const struct initrd_room *room, char **ret_text, size_t *ret_length)
{
	FILE *stream = open_memstream(ret_text, ret_length);
	if (!stream)
		return -ENOMEM;
	fprintf(stream, HEAD "kernel %s\n", room->release);
	fprintf(stream, "growth %d %" PRIu64 " %d\n", room->grown, room->growth.bytes, room->growth.at_most);
	fprintf(stream, "initrd %" PRIu64 " %d %d %d\n", room->other, room->beside, room->copies, room->on_esps);
	for (size_t i = 0; i < room->place_count; i++) {
		const struct room_place *place = &room->places[i];
		fprintf(stream, "place %s %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %s\n",
			place->esp[0] ? place->esp : "/boot", place->known, place->free, place->there, place->pending,
			place->initrds, place->reason);
	}
	return fclose(stream) == 0 ? 0 : -ENOMEM;
}

static bool parse_place(struct initrd_room *room, const char *line)
{
	struct room_place *place = &room->places[room->place_count];
	char name[40];
	int known, at = 0;
	if (room->place_count >= ROOM_PLACES_MAX)
		return false;
	*place = (struct room_place){ .known = false };
	if (sscanf(line, "place %39s %d %" SCNu64 " %" SCNu64 " %" SCNu64 " %u%n", name, &known, &place->free,
		   &place->there, &place->pending, &place->initrds, &at) != 6 ||
	    at == 0 || (room->place_count == 0) != streq(name, "/boot"))
		return false;
	place->known = known;
	at += line[at] == ' ';
	snprintf(place->reason, sizeof(place->reason), "%.*s", (int)strcspn(line + at, "\n"), line + at);
	if (room->place_count > 0)
		strcpy(place->esp, name);
	room->place_count++;
	return true;
}

bool initrd_room_parse(struct initrd_room *room, const char *text)
{
	int grown, at_most, beside, copies, on_esps, at = 0;
	*room = (struct initrd_room){ .grown = false };
	if (!starts_with(text, HEAD))
		return false;
	text += strlen(HEAD);
	if (sscanf(text, "kernel %71s growth %d %" SCNu64 " %d initrd %" SCNu64 " %d %d %d%n", room->release, &grown,
		   &room->growth.bytes, &at_most, &room->other, &beside, &copies, &on_esps, &at) != 8 ||
	    at == 0)
		return false;
	room->grown = grown;
	room->growth.at_most = at_most;
	room->beside = beside;
	room->copies = copies;
	room->on_esps = on_esps;
	for (text += at; *text == '\n' && text[1]; text += strcspn(text, "\n"))
		if (!parse_place(room, ++text))
			return false;
	return room->place_count > 0;
}
