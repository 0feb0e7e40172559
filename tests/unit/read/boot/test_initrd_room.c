// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/clock.h"
#include "read/boot/initrd_room.h"
#include "read/boot/left_out.h"

#define RELEASE "6.8.12-4-pve"
#define MODULES "lib/modules/" RELEASE "/kernel/"

static char noise[300 * 1024], zeros[300 * 1024];
static struct initrd_content items[3];
static struct initrd_contents contents = { .items = items };

static void put_zeros(const struct tree *tree, const char *path, size_t size)
{
	tree_put_bytes(tree, path, zeros, size);
}

// i915 shrinks to nothing, kvmgt does not shrink; firmware that is compressed.
static void put_files(const struct tree *tree)
{
	uint32_t random = 1;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)((random = random * 1664525 + 1013904223) >> 24);
	put_zeros(tree, MODULES "i915.ko", 200 * 1024);
	tree_put_bytes(tree, MODULES "kvmgt.ko", noise, 100 * 1024);
	tree_put_bytes(tree, "lib/firmware/i915/a.bin.xz", noise, 1000);
	tree_put_bytes(tree, "usr/sbin/gvt-early", noise, 50 * 1024);
	items[0] = (struct initrd_content){ .kind = CONTENT_FILE, .name = "i915" };
	items[1] = (struct initrd_content){ .kind = CONTENT_MODULE, .name = "kvmgt" };
	items[2] = (struct initrd_content){ .kind = CONTENT_FIRMWARE, .name = "i915/a.bin" };
	snprintf(items[0].path, sizeof(items[0].path), "%s/" MODULES "i915.ko", tree->path);
	snprintf(items[1].path, sizeof(items[1].path), "%s/" MODULES "kvmgt.ko", tree->path);
	contents.count = 3;
	tree_put(tree, "boot/vmlinuz-" RELEASE, "a kernel");
}

static struct room_query query_of(const struct tree *tree)
{
	return (struct room_query){ .root = &tree->root,
				    .release = RELEASE,
				    .running = "6.1.0",
				    .beside = true,
				    .contents = &contents,
				    .tree = -1,
				    .until_us = clock_now_us() + 60 * USEC_PER_SEC };
}

static void boot(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	const struct room_query query = query_of(tree);
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_true(room.grown && room.growth.at_most && room.beside && !room.copies && room.on_esps);
	assert_int_equal(room.growth.bytes, (350 + 16) * 1024 + 1000);
	assert_int_equal(room.place_count, 1);
	assert_true(room.places[0].known && room.places[0].free > 0);
	assert_int_equal(room.places[0].there, 0);
	assert_int_equal(room.other, 0);

	// The largest of the others; none of what only looks like one.
	tree_put(tree, "boot/initrd.img-6.2.16-3-pve", "0123456789");
	tree_put(tree, "boot/vmlinuz-6.2.16-3-pve", "a kernel");
	put_zeros(tree, "boot/initrd.img-6.2.16-3-pve.dpkg-bak", 4000);
	put_zeros(tree, "boot/initrd.img-6.2.16-4-pve", 5000); // without a kernel
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.other, 10);
	assert_int_equal(room.places[0].initrds, 1);
	tree_put(tree, "boot/initrd.img-" RELEASE, "0123456");
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.places[0].there, 7);
	assert_int_equal(room.places[0].initrds, 2);
}

// Two newer kernels of Proxmox VE: then this one is copied no more, unless it runs.
static void copied(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	struct room_query query = query_of(tree);
	tree_put(tree, "boot/initrd.img-" RELEASE, "initrd");
	tree_put(tree, "boot/vmlinuz-6.11.0-1-pve", "a kernel");
	tree_put(tree, "boot/vmlinuz-6.12.0-amd64", "a kernel");
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_true(room.on_esps);
	tree_put(tree, "boot/vmlinuz-6.14.0-1-pve", "a kernel");
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_false(room.on_esps);
	query.running = RELEASE;
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_true(room.on_esps);
}

#define ESP "var/tmp/espmounts/1234-ABCD/"

static void esps(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1234-ABCD\n5678-EF01\nnothing\n");
	put_zeros(tree, "boot/initrd.img-" RELEASE, 1000);
	put_zeros(tree, "boot/vmlinuz-6.2.16-3-pve", 300);
	put_zeros(tree, "boot/initrd.img-6.2.16-3-pve", 500);
	tree_put(tree, ESP "grub/grub.cfg", "");
	put_zeros(tree, ESP "vmlinuz-" RELEASE, 8);
	put_zeros(tree, ESP "initrd.img-" RELEASE, 900);
	put_zeros(tree, ESP "vmlinuz-6.2.16-3-pve", 300);
	put_zeros(tree, ESP "initrd.img-6.2.16-3-pve", 450);  // it has grown in /boot
	put_zeros(tree, ESP "initrd.img-5.15.30-2-pve", 400); // of which /boot has nothing more
	const struct room_query query = query_of(tree);
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.place_count, 3);
	const struct room_place *place = &room.places[1];
	assert_string_equal(place->esp, "1234-ABCD");
	assert_true(place->known && place->free > 0);
	assert_int_equal(place->there, 900);
	assert_int_equal(place->pending, 50);
	assert_int_equal(place->initrds, 3);
	// One that is not there, and a line that is none.
	assert_string_equal(room.places[2].esp, "5678-EF01");
	assert_false(room.places[2].known);
	assert_true(room.places[2].reason[0]);
}

static void systemd_boot(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	tree_dir(tree, "sys/firmware");
	tree_dir(tree, "sys/firmware/efi");
	tree_put(tree, "etc/kernel/proxmox-boot-uuids", "1234-ABCD\n");
	tree_put(tree, ESP "EFI/proxmox/other.efi", "");
	put_zeros(tree, ESP "EFI/proxmox/6.2.16-3-pve/initrd.img-6.2.16-3-pve", 450);
	const struct room_query query = query_of(tree);
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.places[1].there, 0);
	assert_int_equal(room.places[1].pending, strlen("a kernel")); // it is installed just now
	assert_int_equal(room.places[1].initrds, 1);
}

static void measured(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	struct room_query query = query_of(tree);
	struct initrd_image image = { .unpacked = UNPACK_WHOLE, .compression = "gzip" };
	query.measure = true;
	query.image = &image;
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_true(room.grown && !room.growth.at_most);
	// What is noise, and little more.
	assert_in_range(room.growth.bytes, (150 + 16) * 1024 + 1000, (150 + 16 + 5) * 1024 + 1000);
	// A compressor that is not there: the files as they are.
	strcpy(image.compression, "other");
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_true(room.growth.at_most);
	assert_int_equal(room.growth.bytes, (350 + 16) * 1024 + 1000);
	// Not compressed at all: they are exact.
	image.compression[0] = '\0';
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_false(room.growth.at_most);
	assert_int_equal(room.growth.bytes, (350 + 16) * 1024 + 1000);
	// No time is left.
	query.until_us = clock_now_us();
	assert_int_equal(initrd_room_read(&room, &query), -ETIMEDOUT);
}

// What the initrd has already costs nothing, but for what has become larger.
static void difference(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	struct room_query query = query_of(tree);
	struct initrd_member members[] = {
		{ "gvt-early", 49 * 1024 }, { "i915.ko.xz", 20 }, { "kvmgt.ko", 200 * 1024 }, { "a.bin.xz", 1000 }
	};
	struct initrd_image image = { .unpacked = UNPACK_WHOLE, .members = members, .member_count = 4 };
	query.measure = true;
	query.image = &image;
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.growth.bytes, 1024);
	assert_true(room.growth.at_most);
	members[0].size = 50 * 1024;
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.growth.bytes, 0);

	// The same of the tree that an initrd is made of, in which modules may be unpacked.
	tree_put(tree, "into/" MODULES "i915.ko", "");
	put_zeros(tree, MODULES "kvmgt.ko.xz", 3000);
	snprintf(items[1].path, sizeof(items[1].path), "%s/" MODULES "kvmgt.ko.xz", tree->path);
	tree_put(tree, "into/" MODULES "kvmgt.ko", "");
	CLEANUP_CLOSE int into = openat(tree->root.fs, "into", O_RDONLY | O_DIRECTORY);
	query.image = NULL;
	query.tree = into;
	query.measure = false;
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_int_equal(room.growth.bytes, (50 + 16) * 1024 + 1000);
}

// A module that is not there: nothing is said of the growth.
static void unreadable(void **state)
{
	struct tree *tree = *state;
	struct initrd_room room;
	put_files(tree);
	const struct room_query query = query_of(tree);
	assert_int_equal(unlinkat(tree->root.fs, MODULES "kvmgt.ko", 0), 0);
	assert_int_equal(initrd_room_read(&room, &query), 0);
	assert_false(room.grown);
	assert_true(room.places[0].known);
}

static void as_text(void **state)
{
	struct tree *tree = *state;
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *again = NULL;
	size_t length;
	struct initrd_room room = { .release = RELEASE,
				    .grown = true,
				    .growth = { 12345678901, true },
				    .other = 7,
				    .beside = true,
				    .copies = true,
				    .on_esps = true,
				    .place_count = 2 };
	struct initrd_room read;
	room.places[0] = (struct room_place){ .known = true, .free = 1, .there = 2, .pending = 3, .initrds = 4 };
	room.places[1] = (struct room_place){ .esp = "1234-ABCD", .reason = "it does not answer" };
	assert_int_equal(initrd_room_print(&room, &text, &length), 0);
	assert_true(initrd_room_parse(&read, text));
	assert_string_equal(read.places[1].reason, "it does not answer");
	assert_int_equal(initrd_room_print(&read, &again, &length), 0);
	assert_string_equal(text, again);
	static const char *const bad[] = {
		"",
		"gvt-early room 1\n",
		"gvt-early room 2\nkernel 6.1\ngrowth 1 2 0\ninitrd 0 1 0 1\nplace /boot 1 2 3 0 1 \n",
		"gvt-early room 1\nkernel 6.1\ngrowth 1 2 0\ninitrd 0 1 0 1\n",
		"gvt-early room 1\nkernel 6.1\ngrowth 1 2 0\ninitrd 0 1 0 1\nplace 1234-ABCD 1 2 3 0 1 \n",
		"gvt-early room 1\nkernel 6.1\ngrowth 1 2 0\ninitrd 0 1 0 1\nplace /boot 1 2 3 0 1 \nplace /boot 1 2 3 0 1 \n",
		"gvt-early room 1\nkernel 6.1\ngrowth 1 2 0\ninitrd 0 1 0 1\nplace /boot 1 x 3 0 1 \n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(initrd_room_parse(&read, bad[i]));

	// The record of the hook.
	tree_dir(tree, "var");
	tree_dir(tree, "var/lib");
	assert_false(left_out_read(&read, &tree->root, RELEASE));
	assert_int_equal(left_out_write(&tree->root, &room), 0);
	assert_true(left_out_read(&read, &tree->root, RELEASE));
	assert_int_equal(read.growth.bytes, 12345678901);
	assert_false(left_out_read(&read, &tree->root, "6.1"));
	left_out_forget(&tree->root, RELEASE);
	assert_false(left_out_read(&read, &tree->root, RELEASE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(boot),     tree_test(copied),     tree_test(esps),       tree_test(systemd_boot),
		tree_test(measured), tree_test(difference), tree_test(unreadable), tree_test(as_text),
	};
	return run_group(tests);
}
